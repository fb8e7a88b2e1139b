"""Entries with uncommon metadata, so that peers are measured on the long header forms too."""

import os
import struct

root = b"/srv/odd"
os.makedirs(root)


def write(name, mode=0o644, owner=(0, 0), mtime_ns=1_500_000_000_000_000_000):
    path = root + b"/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(name[:64] + b"\n")
    os.chown(path, *owner)
    os.chmod(path, mode)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


write(b"setuid", 0o4755)
write(b"setgid", 0o2755, (3_000_000, 3_000_000))
write("grüße".encode())
write(b"caf\xe9")
write(b"line\nbreak")
write(b"n" * 255)
write(b"/".join([b"deep" * 20] * 6) + b"/file")
write(b"nanoseconds", mtime_ns=1_500_000_000_123_456_789)
write(b"epoch", mtime_ns=0)
os.setxattr(write(b"capability", 0o755), b"security.capability", struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0))
os.symlink(b"t" * 200, root + b"/long-link")
os.makedirs(root + b"/sticky", mode=0o1777)
os.mkfifo(root + b"/fifo")
