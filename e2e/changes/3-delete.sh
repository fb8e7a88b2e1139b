# Names go away: first and last names of hard links, whole folders, things of the base.
cd /w
rm a-1
rm b-2 deep/b-3
rm deep/c-3
rm d-1 d-2 deep/d-3
rm -r gone
rm fifo null loop
rm link-1
rm $'bytes-\xff\xfe\x80' 'foo.wh.bar'
rm /usr/bin/perl /etc/debian_version
rm -r /usr/share/bash-completion /etc/cron.daily
