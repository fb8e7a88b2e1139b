# New content, metadata and attributes for what is there, in the base too.
cd /w
printf 'second, and longer\n' >file
printf 'more\n' >>b-2
printf 'new inode\n' >c-1.new
mv c-1.new c-1
chmod 0700 setuid
chown 5:6 deep/er
setfattr -x user.text file 2>/dev/null || echo 'Docker kept no user attributes'
setfattr -n user.binary -v 0xff file
setcap -r capable
setcap cap_chown+ei capable
setfacl -b file
setfacl -m u:99:x deep
touch -d '1999-12-31 23:59:59.5' keep
mv real/r real/moved
ln real/moved real/again
chmod 0750 /etc/skel
printf 'wharf\n' >/etc/issue
touch -d '2010-10-10' /usr/bin
chmod u+s /usr/bin/env
