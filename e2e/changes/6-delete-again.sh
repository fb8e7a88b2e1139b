# Twice deleted, and folders that end empty.
cd /w
rm -r gone becomes-file
rm deep/f-4 f-1
rm -r "  spaces "
rm -r "$(printf 'l%.0s' {1..200})"
rm -r /usr/share/bash-completion
mkdir -p empty-at-last/x && rmdir empty-at-last/x
