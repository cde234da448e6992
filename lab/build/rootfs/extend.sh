#!/bin/sh
# extend.sh <scratch> <image>: lays packages (<scratch>/debs), the image's files/ and its setup.sh over <scratch>/base;
# what that adds is left in <scratch>/upper. Runs in mount and process namespaces of its own (unshare), so that
# nothing stays mounted or running, whatever happens.
set -eu
scratch=$1 image=$2 root=$1/root

mkdir -p "$scratch/upper" "$scratch/work" "$root"
mount -t overlay overlay -o "lowerdir=$scratch/base,upperdir=$scratch/upper,workdir=$scratch/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$scratch/debs" "$root/mnt"

inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root chroot "$root" "$@"
}

# No service starts inside, and no documentation is unpacked.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
[ ! -f "$image/before.sh" ] || inside sh -eu < "$image/before.sh"
inside sh -c 'exec apt-get --yes --no-install-recommends \
  -o Debug::NoLocking=1 -o Dir::Etc::sourcelist=/dev/null -o DPkg::Options::=--force-unsafe-io \
  -o DPkg::Options::=--path-exclude=/usr/share/doc/* -o DPkg::Options::=--path-exclude=/usr/share/locale/*/* \
  -o DPkg::Options::=--path-exclude=/usr/share/man/*/* -o DPkg::Options::=--path-exclude=/usr/share/info/* \
  -o DPkg::Options::=--path-exclude=/usr/share/lintian/* install /mnt/*.deb'

[ ! -d "$image/files" ] || cp -R --no-preserve=ownership "$image/files/." "$root/"
[ ! -f "$image/setup.sh" ] || inside sh -eu < "$image/setup.sh"

rm -f "$root/usr/sbin/policy-rc.d" "$root"/etc/ssh/ssh_host_* "$root"/etc/*- "$root"/var/lib/dpkg/*-old
find "$root/var/log" "$root/var/cache" "$root/var/lib/apt" -type f -delete
: > "$root/etc/machine-id"
