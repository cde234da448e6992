#!/bin/sh
# bootstrap.sh <suite> <directory> <mirror>: Debian's smallest root file system, without what no program reads.
set -eu
suite=$1 root=$2 mirror=$3

debootstrap --variant=minbase "$suite" "$root" "$mirror"
cd "$root"
rm -r usr/share/doc usr/share/man usr/share/locale usr/share/info usr/share/lintian
rm -r var/cache/apt var/cache/debconf var/lib/apt/lists var/log dev tmp run
mkdir -p var/cache/apt/archives/partial var/cache/debconf var/lib/apt/lists var/log dev tmp run
chmod 1777 tmp
# Alternatives of some packages link to manual pages, whether they are there or not.
for section in 1 2 3 4 5 6 7 8; do mkdir -p usr/share/man/man$section; done
for file in apt/sources.list resolv.conf hostname machine-id; do : > etc/$file; done
