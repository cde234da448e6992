# Not a whole Debian: nft, iptables and conntrack with the libraries that they load. /srv/root becomes the layer.
root=/srv/root
mkdir -p $root/usr/bin $root/usr/sbin $root/usr/lib $root/usr/lib64
for name in bin sbin lib lib64; do ln -s usr/$name $root/$name; done

for program in nft xtables-nft-multi conntrack; do
  file=$(command -v $program)
  cp --parents "$file" $root
  ldd "$file" | grep -o '/[^ ]*' | xargs -I{} cp --parents --dereference {} $root
done
cp -R --parents /usr/lib/x86_64-linux-gnu/xtables $root
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -s xtables-nft-multi $root/usr/sbin/$name
done
