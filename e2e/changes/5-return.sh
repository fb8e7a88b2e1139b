# What was deleted or replaced comes back, and links to what lower layers have.
cd /w
mkdir -p gone/below && printf 'again\n' >gone/below/again
rm becomes-file && mkdir becomes-file && printf 'third\n' >becomes-file/z
printf 'a is back\n' >a-1
ln f-1 deep/f-4
ln /usr/bin/perl5* /usr/bin/perl
mkfifo fifo
rm -r opaque && mkdir opaque
mkdir /usr/share/bash-completion
