# Everything that a file tree can hold.
mkdir -p /w/deep/er /w/gone/below /w/opaque/old /w/becomes-file/x /w/becomes-symlink /w/real /w/"  spaces " /w/keep
cd /w
printf 'first\n' >file
printf 'below\n' >gone/below/file
printf 'old\n' >opaque/old/file
printf 'x\n' >becomes-file/x/y
printf 'z\n' >becomes-symlink/z
printf 'r\n' >real/r
touch empty
ln -s real becomes-directory
ln -s /w/real/r absolute
ln -s ../../../../etc/passwd outside
ln -s absent dangling
mkfifo fifo becomes-device
mknod null c 1 3
mknod loop b 7 200
mknod wide c 300 70000

# Groups of hard links, whose names go one by one later.
for group in a b c d e f; do
  printf 'group %s\n' "$group" >"$group-1"
  ln "$group-1" "$group-2"
  ln "$group-1" "deep/$group-3"
done
ln -s file link-1
ln link-1 link-2
ln fifo fifo-2
ln null null-2

# Owners, modes, times.
printf '#!/bin/sh\n' >setuid
chown 1234:4321 setuid file
chown 4000000000:4000000001 empty
chown -h 12:34 dangling
chmod 4755 setuid
chmod 2770 deep
chmod 1777 keep
chmod 0000 empty
touch -h -d '1955-11-05 06:15:00.25' dangling
touch -d '1969-12-31 23:59:59.123456789' file
touch -d '2001-09-09 01:46:40.999999999' real/r
touch -d '2242-03-16 12:56:32' setuid
touch -d '1985-10-26 01:20:00' deep

# Attributes.
cp /bin/true capable
setcap cap_net_raw,cap_net_bind_service+ep capable
setfattr -n user.text -v 'some text' file
setfattr -n user.binary -v 0x00ff0a3d0a file
setfattr -n user.empty file
setfattr -n user.dir -v yes deep
setfacl -m u:77:rw,g:78:r file
setfacl -d -m u:77:rwx keep
# Only some builders may do this.
setfattr -n trusted.note -v root file 2>/dev/null || echo 'no trusted attributes here'

# Names.
printf 1 >$'bytes-\xff\xfe\x80'
printf 2 >$'new\nline'
printf 3 >'back\slash'
printf 4 >'foo.wh.bar'
printf 5 >'-dash'
printf 6 >$'caf\xc3\xa9'
printf 7 >$'cafe\xcc\x81'
printf 8 >"$(printf 'n%.0s' {1..255})"
long=$(printf 'l%.0s' {1..200})
mkdir -p "$long/$long/$long/$long/$long"
printf 9 >"$long/$long/$long/$long/$long/$long"
ln "$long/$long/$long/$long/$long/$long" long-hardlink
ln -s "/w/$long/$long/$long/$long/$long/$long" long-symlink

# Holes.
truncate -s 8M sparse
printf end | dd of=sparse bs=1M seek=4 conv=notrunc status=none
