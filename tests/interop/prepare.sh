#!/bin/sh
# Installs what tests ask of the system: what the table below names, by one call of apt-get where root runs it, and the
# environment of the `as4` package, the partner on phase4, the OpenID provider, and the judges of the desk's modules. Run it as often as you like; what is there already is left
# alone. What cannot be had is said with the command that installs it; where CI is set it is an error, elsewhere the tests
# that need it are skipped and say the same. A foreign product that its registry does not have today is no error
# anywhere: its tests are skipped by its name.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
lock="$here/as4_peer/requirements.lock"
environment="${KNOOPPUNT_AS4_PEER:-$checkout/.tox/as4-peer}"
phase4="${KNOOPPUNT_PHASE4_PEER:-$checkout/.tox/phase4-peer}"
oidc="${KNOOPPUNT_OIDC_PEER:-$checkout/.tox/oidc-peer}"
python="${PYTHON:-python3}"
missing=0

lacking() {
    echo "prepare: $1" >&2
    missing=1
}

# One function for each thing: is it there?
has_jdk() {
    command -v java >/dev/null 2>&1 && command -v javac >/dev/null 2>&1 || return 1
    release=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
    [ "${release:-0}" -ge 17 ]
}
has_maven() { command -v mvn >/dev/null 2>&1; }
has_chromium() { command -v chromium >/dev/null 2>&1; }
has_node() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || return 1
    release=$(node --version 2>&1 | sed -n 's/^v\([0-9]*\).*/\1/p')
    [ "${release:-0}" -ge 20 ]
}
has_strace() { command -v strace >/dev/null 2>&1; }
has_postgresql() {
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        release=${initdb#/usr/lib/postgresql/}
        release=${release%%/*}
        case $release in '*' | '' | *[!0-9]*) ;; *) [ "$release" -ge 15 ] && return 0 ;; esac
    done
    release=$(postgres --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
    [ "${release:-0}" -ge 15 ]
}
has_xmlsec1() { command -v xmlsec1 >/dev/null 2>&1; }
has_python() { "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# What is asked for, its Debian packages (joined by +), and what needs it.
things="jdk maven strace postgresql xmlsec1 chromium node python"
packages_of() {
    case $1 in
        jdk) echo "openjdk-17-jdk-headless" ;;
        maven) echo "maven" ;;
        strace) echo "strace" ;;
        postgresql) echo "postgresql" ;;
        xmlsec1) echo "xmlsec1" ;;
        chromium) echo "chromium+fonts-dejavu-core" ;;
        node) echo "nodejs+npm" ;;
        python) echo "python3+python3-venv" ;;
    esac
}
purpose_of() {
    case $1 in
        jdk) echo "a JDK of release 17 or later, with java and javac on the PATH (foreign judges)" ;;
        maven) echo "Maven (the partner on phase4)" ;;
        strace) echo "strace (the order of flushes)" ;;
        postgresql) echo "PostgreSQL of release 15 or later (stores on both engines)" ;;
        xmlsec1) echo "xmlsec1 (signatures of logins)" ;;
        chromium) echo "Chromium (the pages of the portal)" ;;
        node) echo "Node of release 20 or later with npm (the modules of the desk)" ;;
        python) echo "Python 3.11 or later with venv (everything; PYTHON may name another)" ;;
    esac
}

absent() {
    for thing in $things; do "has_$thing" || printf '%s ' "$thing"; done
}

install_by_apt() {
    apt-get update -qq
    packages=$1
    # A release of the system that has no JDK 17 any more has a later one under this second name.
    case " $packages " in
        *" openjdk-17-jdk-headless "*)
            apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1 ||
                packages=$(echo "$packages" | sed 's/openjdk-17-jdk-headless/default-jdk-headless/')
            ;;
    esac
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
}

install_what_is_absent() {
    wanted=$(absent)
    [ -n "$wanted" ] || return 0
    packages=""
    for thing in $wanted; do packages="$packages $(packages_of "$thing" | sed 's/+/ /g')"; done
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
        install_by_apt "${packages# }" || true
    fi
    still=$(absent)
    [ -n "$still" ] || return 0
    packages=""
    for thing in $still; do
        lacking "there is no $(purpose_of "$thing")"
        packages="$packages $(packages_of "$thing" | sed 's/+/ /g')"
    done
    echo "prepare: as root: apt-get install$packages" >&2
}

compile_phase4() {
    has_maven && has_jdk || return 0 # said above
    sum=$(cat "$here"/phase4/pom.xml "$here"/phase4/src/main/*/* | sha256sum | cut -d' ' -f1)
    if [ "$(cat "$phase4/sources.sha256" 2>/dev/null)" = "$sum" ] && every_file "$(cat "$phase4/class-path")"; then
        return
    fi
    rm -rf "$phase4"
    mkdir -p "$phase4/classes"
    if ! mvn --quiet --batch-mode --file "$here/phase4/pom.xml" dependency:build-classpath \
        -Dmdep.outputFile="$phase4/class-path" >"$phase4/maven.log" 2>&1; then
        rm -f "$phase4/class-path"
        grep -m 1 -i 'error' "$phase4/maven.log" | cut -c1-300 >"$phase4/not-served" || echo "Maven failed" >"$phase4/not-served"
        echo "prepare: NOT SERVED TODAY: phase4; its tests are skipped. Maven says: $(cat "$phase4/not-served")" >&2
        return
    fi
    cp "$here"/phase4/src/main/resources/* "$phase4/classes"
    javac -Xlint:all,-serial,-path,-classfile -nowarn -d "$phase4/classes" -cp "$(cat "$phase4/class-path")" \
        "$here"/phase4/src/main/java/*.java
    echo "$sum" >"$phase4/sources.sha256"
    echo "prepare: the partner on phase4 was compiled"
}

every_file() { # of a class path is where it was
    echo "$1" | tr ':' '\n' | while read -r file; do [ -e "$file" ] || exit 1; done
}

create_environment() {
    sum=$(sha256sum "$lock" | cut -d' ' -f1)
    if [ -x "$environment/bin/python" ] && [ "$(cat "$environment/lock.sha256" 2>/dev/null)" = "$sum" ]; then
        return
    fi
    has_python || return 0
    rm -rf "$environment"
    mkdir -p "$(dirname "$environment")"
    "$python" -m venv "$environment"
    if "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"; then
        echo "$sum" > "$environment/lock.sha256"
        echo "prepare: the environment of the as4 package was made"
    else
        rm -rf "$environment"
        lacking "pip could not install the as4 package; see above, and run this again"
    fi
}

install_oidc_provider() {
    has_node || return 0 # said above
    sum=$(sha256sum "$here/oidc/package-lock.json" | cut -d' ' -f1)
    [ "$(cat "$oidc/lock.sha256" 2>/dev/null)" != "$sum" ] || return 0
    rm -rf "$oidc"
    mkdir -p "$oidc"
    cp "$here"/oidc/package.json "$here"/oidc/package-lock.json "$oidc"
    if ! npm ci --prefix "$oidc" --no-audit --no-fund --ignore-scripts >"$oidc/npm.log" 2>&1; then
        grep -m 1 -i 'error' "$oidc/npm.log" | cut -c1-300 >"$oidc/not-served" || echo "npm failed" >"$oidc/not-served"
        echo "prepare: NOT SERVED TODAY: oidc-provider; its tests are skipped. npm says: $(cat "$oidc/not-served")" >&2
        return
    fi
    echo "$sum" >"$oidc/lock.sha256"
    echo "prepare: the OpenID provider was installed"
}

install_judges_of_the_desk() {
    has_node || return 0 # said above
    sh "$checkout/tests/desk/install_judges.sh" || missing=1
}

install_what_is_absent
create_environment
compile_phase4
install_oidc_provider
install_judges_of_the_desk
if [ "$missing" -eq 0 ]; then
    echo "prepare: everything is there"
elif [ -n "${CI:-}" ]; then
    exit 1
fi
