# A guest of long ago: busybox alone, with its init and init scripts, and a JVM and Redis with the libraries that they
# need. /srv/root becomes the layer.
root=/srv/root
mkdir -p $root/bin $root/sbin $root/dev $root/proc $root/sys $root/run $root/tmp $root/root $root/srv \
  $root/usr/bin $root/usr/lib/jvm $root/etc $root/lib64 $root/var/log
chmod 1777 $root/tmp
cp /bin/busybox $root/bin/
busybox --list | grep -vx busybox | xargs -I{} ln -s /bin/busybox $root/bin/{}
ln -s /bin/busybox $root/sbin/init
chmod 755 $root/etc/init.d/*

java=/usr/lib/jvm/java-17-openjdk-amd64
rm $java/lib/ct.sym $java/lib/server/classes_nocoops.jsa
cp -a $java $root/usr/lib/jvm/
cp -a /etc/java-17-openjdk $root/etc/
cp /usr/bin/redis-server $root/usr/bin/
for file in $java/bin/java $java/lib/*.so $java/lib/server/libjvm.so /usr/bin/redis-server; do
  ldd "$file" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p'
done | grep -v "^$java" | sort -u | while read -r library; do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
