#!/bin/sh
# Makes the root of a container in FOLDER, on Debian 12 and with its packages: Python, what it stands on, authorities and
# time zones, and nothing else: no shell, no package manager. `deploy/Containerfile` calls it; root need not.
#
#   sh deploy/rootfs.sh FOLDER
set -eu

folder=$1
packages="
    base-files ca-certificates libbz2-1.0 libc6 libcrypt1 libexpat1 libffi8 libgcc-s1 liblzma5 libpython3.11-minimal
    libpython3.11-stdlib libssl3 libstdc++6 libuuid1 netbase python3.11-minimal tzdata zlib1g
"
fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
mkdir -p "$folder"
(
    cd "$fetched"
    # shellcheck disable=SC2086 # a list of names
    apt-get download -qq $packages
)
for each in "$fetched"/*.deb; do
    name=$(dpkg-deb --field "$each" Package)
    dpkg-deb --fsys-tarfile "$each" |
        tar -x -C "$folder" --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/lintian/*'
    # What the packages are, as dpkg keeps it, so that a scanner of images finds them.
    mkdir -p "$folder/var/lib/dpkg/status.d"
    dpkg-deb --field "$each" >"$folder/var/lib/dpkg/status.d/$name"
done
# Made by ca-certificates when it is installed, which it is not here.
mkdir -p "$folder/etc/ssl/certs" "$folder/tmp" "$folder/var/lib/knooppunt" "$folder/etc/knooppunt"
find "$folder/usr/share/ca-certificates" -name '*.crt' -exec cat {} + >"$folder/etc/ssl/certs/ca-certificates.crt"
echo 'knooppunt:x:10001:10001:Knooppunt:/var/lib/knooppunt:/nonexistent' >"$folder/etc/passwd"
echo 'knooppunt:x:10001:' >"$folder/etc/group"
ln -sf python3.11 "$folder/usr/bin/python3"
chmod 1777 "$folder/tmp"
chmod 700 "$folder/var/lib/knooppunt"
