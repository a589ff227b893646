#!/bin/sh
# Fetches the whole products that `make interop-full` asks, by Maven, and builds one by Go: hundreds of megabytes and
# minutes, so no other run does; and looks whether LibreOffice is there, which is a package of the system
# (libreoffice-calc-nogui). Run it as often as you like; what is there already is left alone. A product that its
# registry does not have today is no error: its tests are skipped by its name, and the run says so. One whose octets
# are others than those of the digests written down for it is one.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
python="${PYTHON:-python3}"

keycloak="${KNOOPPUNT_KEYCLOAK:-$checkout/.tox/keycloak}"
versitygw="${KNOOPPUNT_VERSITYGW:-$checkout/.tox/versitygw}"
versitygw_version=1.8.0
keycloak_version=26.4.0
keycloak_sha256=1b6a11a2726ac8a8dc9c91d5fafe989a75ce4f1622d7f7b45c21d5bc16629c0a

fetch_keycloak() {
    [ "$(cat "$keycloak/version" 2>/dev/null)" != "$keycloak_version" ] || return 0
    rm -rf "$keycloak"
    mkdir -p "$keycloak"
    if ! command -v mvn >/dev/null 2>&1; then
        echo "prepare: there is no Maven: apt-get install maven" >&2
        return 1
    fi
    if ! mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy -DoutputDirectory="$keycloak" \
        -Dartifact="org.keycloak:keycloak-quarkus-dist:$keycloak_version:zip" >"$keycloak/maven.log" 2>&1; then
        grep -m 1 -i 'error' "$keycloak/maven.log" | cut -c1-300 >"$keycloak/not-served" ||
            echo "Maven failed" >"$keycloak/not-served"
        echo "prepare: NOT SERVED TODAY: keycloak; its tests are skipped. Maven says: $(cat "$keycloak/not-served")" >&2
        return 0
    fi
    archive="$keycloak/keycloak-quarkus-dist-$keycloak_version.zip"
    echo "$keycloak_sha256  $archive" | sha256sum --check --quiet >&2 || {
        echo "prepare: that is not the Keycloak that these tests were written for: $archive" >&2
        return 1
    }
    "$python" -m zipfile -e "$archive" "$keycloak"
    rm "$archive"
    mv "$keycloak/keycloak-$keycloak_version" "$keycloak/home"
    echo "$keycloak_version" >"$keycloak/version"
    echo "prepare: Keycloak $keycloak_version was fetched"
}

build_versitygw() {
    [ "$(cat "$versitygw/version" 2>/dev/null)" != "$versitygw_version" ] || return 0
    rm -rf "$versitygw"
    mkdir -p "$versitygw"
    if ! command -v go >/dev/null 2>&1; then
        echo "prepare: there is no Go of release 1.25 or later on the PATH (object storage)" >&2
        return 1
    fi
    # Its octets and those of all that it is built of stand under the digests of go.sum.
    if ! (cd "$here/versitygw" && GOTOOLCHAIN=local go build -mod=readonly -o "$versitygw/versitygw" \
        github.com/versity/versitygw/cmd/versitygw) >"$versitygw/go.log" 2>&1; then
        grep -v '^go: downloading' "$versitygw/go.log" | head -n 1 | cut -c1-300 >"$versitygw/not-served"
        echo "prepare: NOT SERVED TODAY: versitygw; its tests are skipped. Go says: $(cat "$versitygw/not-served")" >&2
        return 0
    fi
    echo "$versitygw_version" >"$versitygw/version"
    echo "prepare: versitygw $versitygw_version was built"
}

find_libreoffice() {
    command -v soffice >/dev/null 2>&1 || {
        echo "prepare: there is no LibreOffice: apt-get install libreoffice-calc-nogui" >&2
        return 1
    }
}

fetch_keycloak
build_versitygw
find_libreoffice
