#!/bin/sh
# Installs what the interoperability tests ask: a JDK 17 and the environment of the `as4` package. Run it as often as
# you like; what is there already is left alone.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
lock="$here/as4_peer/requirements.lock"
environment="${KNOOPPUNT_AS4_PEER:-$checkout/.tox/as4-peer}"

jdk_release() {
    command -v javac >/dev/null 2>&1 || { echo 0; return; }
    javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

install_jdk() {
    release=$(jdk_release)
    if [ "${release:-0}" -ge 17 ]; then
        echo "prepare: JDK $release is there"
        return
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "prepare: install a JDK of release 17 or later (javac on the PATH); this system has no apt-get" >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "prepare: as root: apt-get install openjdk-17-jdk-headless   (only root may install it; nothing was done)" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless >&2
    release=$(jdk_release)
    [ "${release:-0}" -ge 17 ] || { echo "prepare: apt-get installed no JDK 17" >&2; exit 1; }
    echo "prepare: JDK $release installed"
}

create_environment() {
    wanted=$(sha256sum "$lock" | cut -d' ' -f1)
    if [ -x "$environment/bin/python" ] && [ "$(cat "$environment/lock.sha256" 2>/dev/null)" = "$wanted" ]; then
        echo "prepare: the environment of as4 is there"
        return
    fi
    python=$(command -v "${PYTHON:-python3.11}") || {
        echo "prepare: Python 3.11 is needed for the environment of as4 (set PYTHON to its path)" >&2
        exit 1
    }
    rm -rf "$environment"
    mkdir -p "$(dirname "$environment")"
    "$python" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --require-hashes --no-deps -r "$lock"
    echo "$wanted" > "$environment/lock.sha256"
    echo "prepare: the environment of as4 was made in $environment"
}

install_jdk
create_environment
