# pip, and the late deletes that the official image did in a layer of their own.
set -eu
apt-get update
mkdir /tmp/pip
cd /tmp/pip
apt-get download python3-pip python3-setuptools python3-wheel
for package in *.deb; do dpkg-deb -x "$package" tree; done
cp -a tree/usr/lib/python3/dist-packages /usr/local/lib/python3.11/
cp -a tree/usr/bin/. /usr/local/bin/
cd /
apt-get clean
rm -rf /tmp/pip /var/lib/apt/lists/*
find /usr/local -depth \( -type d -a \( -name test -o -name tests \) \) -exec rm -rf {} +
find /usr/local -type f \( -name '*.pyc' -o -name '*.a' \) -delete
