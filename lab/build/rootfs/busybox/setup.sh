# One static program under the name of each of its tools. /srv/root becomes the layer.
mkdir -p /srv/root/bin /srv/root/tmp
chmod 1777 /srv/root/tmp
cp /bin/busybox /srv/root/bin/
busybox --list | grep -vx busybox | xargs -I{} ln -s busybox /srv/root/bin/{}
