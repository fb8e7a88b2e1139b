# Another kind of thing under the same name.
cd /w
rm -r opaque && mkdir opaque && printf 'new\n' >opaque/new
rm -r becomes-file && printf 'now a file\n' >becomes-file
rm becomes-directory && mkdir becomes-directory && printf 'in\n' >becomes-directory/in
rm -r becomes-symlink && ln -s real becomes-symlink
rm becomes-device && mknod becomes-device c 1 5
rm e-1 && mkdir e-1 && ln e-2 e-1/e-2
rm f-2 && ln -s f-1 f-2
rm -r /etc/skel && mkdir /etc/skel && printf 'only\n' >/etc/skel/only
rm -r /etc/opt && ln -s /w/keep /etc/opt
