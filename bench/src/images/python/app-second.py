"""Second version: overwrites the models, breaks up link groups, replaces directories and links by each other."""

import os
import random
import shutil

source = random.Random(8)
root = "/srv/app"

for number in range(20):
    with open(f"{root}/models/model-{number:02}.bin", "wb") as file:
        file.write(source.randbytes(1_420_000))
for number in range(0, 50, 2):
    path = f"{root}/shared/first-{number:02}"
    os.unlink(path)
    if number % 4 == 0:
        with open(path, "wb") as file:
            file.write(b"new content under the old first name\n")
# A directory made anew is opaque; a directory becomes a link, a link a directory.
shutil.rmtree(f"{root}/cache")
os.makedirs(f"{root}/cache/old")
os.unlink(f"{root}/etc")
os.makedirs(f"{root}/etc")
shutil.rmtree(f"{root}/config")
os.symlink("etc", f"{root}/config")
