#!/bin/sh
# Installs what judges the desk's modules (judges/package-lock.json) where the tests look for it. Run it as often as you
# like; what is there already is left alone.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
folder="${KNOOPPUNT_JUDGES:-$checkout/.tox/judges}"
sum=$(sha256sum "$here/judges/package-lock.json" | cut -d' ' -f1)

[ "$(cat "$folder/lock.sha256" 2>/dev/null)" != "$sum" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder"
cp "$here/judges/package.json" "$here/judges/package-lock.json" "$folder"
if ! npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts >"$folder/npm.log" 2>&1; then
    echo "prepare: npm could not install the judges of the desk: $(grep -m 1 -i 'error' "$folder/npm.log" | cut -c1-300)" >&2
    exit 1
fi
echo "$sum" >"$folder/lock.sha256"
echo "prepare: the judges of the desk were installed"
