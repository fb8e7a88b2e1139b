# Debian's python goes, as in the official image: what mercurial brought is dead weight from here on.
set -eu
apt-get purge -y --auto-remove 'python3*' 'libpython3*' mercurial mercurial-common
rm -rf /usr/lib/python3 /usr/lib/python3.*
