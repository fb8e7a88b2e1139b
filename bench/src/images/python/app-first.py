"""First version of the application: a tree that the next layers overwrite and delete for the most part."""

import os
import random

source = random.Random(7)
root = "/srv/app"


def write(path, size, compressible):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    data = source.randbytes(size)
    if compressible:
        data = data.hex().encode()[:size]
    with open(full, "wb") as file:
        file.write(data)


for number in range(20):
    write(f"models/model-{number:02}.bin", 1_400_000, False)
for number in range(1200):
    write(f"static/{number % 40:02}/asset-{number:04}.js", source.randrange(200, 16_000), True)
for number in range(500):
    write(f"lib/module_{number:03}.py", source.randrange(200, 20_000), True)
for number in range(200):
    write(f"cache/old/{number:03}", source.randrange(100, 8_000), False)
# Inodes with several names; the next layer overwrites or deletes some of them.
for number in range(50):
    write(f"shared/first-{number:02}", 4_000, True)
    os.link(f"{root}/shared/first-{number:02}", f"{root}/shared/second-{number:02}")
    os.link(f"{root}/shared/first-{number:02}", f"{root}/shared/third-{number:02}")
write("config/settings", 2_000, True)
os.symlink("config", f"{root}/etc")
