#!/bin/sh
# Installs what tests ask of the system: a JDK 17, strace, and the environment of the `as4` package. Run it as often as
# you like; what is there already is left alone. What cannot be had is said; where CI is set it is an error, elsewhere
# the tests that need it are skipped and say the same.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
lock="$here/as4_peer/requirements.lock"
environment="${KNOOPPUNT_AS4_PEER:-$checkout/.tox/as4-peer}"
python="${PYTHON:-python3}"
missing=0

lacking() {
    echo "prepare: $1" >&2
    missing=1
}

jdk_is_there() {
    command -v java >/dev/null 2>&1 && command -v javac >/dev/null 2>&1 || return 1
    release=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
    [ "${release:-0}" -ge 17 ]
}

install_jdk() {
    if jdk_is_there; then
        echo "prepare: JDK $release is there"
    elif ! command -v apt-get >/dev/null 2>&1; then
        lacking "install a JDK of release 17 or later, with java and javac on the PATH"
    elif [ "$(id -u)" -ne 0 ]; then
        lacking "only root can install the JDK; as root: apt-get install openjdk-17-jdk-headless"
    else
        apt-get update -qq
        # A release of the system that has no JDK 17 any more has a later one under this second name.
        for package in openjdk-17-jdk-headless default-jdk-headless; do
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2 || continue
            jdk_is_there && break
        done
        if jdk_is_there; then echo "prepare: JDK $release was installed"; else lacking "apt-get installed no JDK 17"; fi
    fi
}

install_strace() {
    if command -v strace >/dev/null 2>&1; then
        echo "prepare: strace is there"
    elif command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace >&2 || true
        if command -v strace >/dev/null 2>&1; then echo "prepare: strace was installed"; else lacking "apt-get installed no strace"; fi
    else
        lacking "the test of the order of flushes needs strace; as root: apt-get install strace"
    fi
}

create_environment() {
    wanted=$(sha256sum "$lock" | cut -d' ' -f1)
    if [ -x "$environment/bin/python" ] && [ "$(cat "$environment/lock.sha256" 2>/dev/null)" = "$wanted" ]; then
        echo "prepare: the environment of the as4 package is there"
        return
    fi
    if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        lacking "the as4 package needs Python 3.11 or later with venv; set PYTHON to its path"
        return
    fi
    rm -rf "$environment"
    mkdir -p "$(dirname "$environment")"
    "$python" -m venv "$environment"
    if "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"; then
        echo "$wanted" > "$environment/lock.sha256"
        echo "prepare: the environment of the as4 package was made"
    else
        rm -rf "$environment"
        lacking "pip could not install the as4 package; see above, and run this again"
    fi
}

install_jdk
install_strace
create_environment
if [ "$missing" -ne 0 ] && [ -n "${CI:-}" ]; then exit 1; fi
