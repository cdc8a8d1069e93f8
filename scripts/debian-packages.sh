#!/bin/sh
# Installs what a fresh Debian machine lacks, or says what to install.
#
#   debian-packages.sh venv PYTHON            PYTHON must be able to make a virtual environment
#   debian-packages.sh want PACKAGE:COMMAND…  tests that lack one of these are skipped, loudly;
#                                             without COMMAND the package itself is looked for
set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

install() {
    echo "Installing with apt-get: $*"
    log=$(mktemp)
    if as_root apt-get update >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 20 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

venv() {
    python=$1
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Ringfence needs Python 3.11 or later: install it, or name it with 'make PYTHON=…'." >&2
        exit 1
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    can_install && install python3-venv || true
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    echo "$python cannot make virtual environments: run 'apt-get install python3-venv' as root," \
        "then 'make' again." >&2
    exit 1
}

present() {
    if [ -n "$2" ]; then command -v "$2" >/dev/null 2>&1; else dpkg -s "$1" >/dev/null 2>&1; fi
}

missing() {
    for pair in "$@"; do
        present "${pair%%:*}" "${pair#*:}" || printf '%s ' "${pair%%:*}"
    done
}

want() {
    packages=$(missing "$@")
    [ -z "$packages" ] && return
    # shellcheck disable=SC2086  # a list of package names
    if can_install; then install $packages || true; fi
    packages=$(missing "$@")
    [ -z "$packages" ] && return
    echo "************************************************************************" >&2
    echo "Missing: $packages" >&2
    echo "The tests that need them will be SKIPPED (and fail where REQUIRE_NEO4J," >&2
    echo "REQUIRE_BROWSER or the like is 1). As root: apt-get install $packages" >&2
    echo "************************************************************************" >&2
}

"$@"
