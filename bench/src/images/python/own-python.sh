# A python of our own under /usr/local with its tests, static library and byte code, from Debian's binary packages.
set -eu
apt-get update
apt-get install -y --no-install-recommends libexpat1 libsqlite3-0
mkdir /tmp/python
cd /tmp/python
apt-get download python3.11-minimal python3.11 libpython3.11-minimal libpython3.11-stdlib libpython3.11-dev libpython3.11-testsuite media-types
for package in *.deb; do dpkg-deb -x "$package" tree; done
cp -a tree/etc/mime.types /usr/local/share/
cp -a tree/usr/bin/. /usr/local/bin/
cp -a tree/usr/include/. /usr/local/include/
cp -a tree/usr/lib/. /usr/local/lib/
ln -sf python3.11 /usr/local/bin/python3
cd /
apt-get clean
rm -rf /tmp/python /var/lib/apt/lists/*
python3 -m compileall -q -x /test/ /usr/local/lib/python3.11 || true
python3 -c 'import ssl, sqlite3, zlib; print("own python works")'
