#!/bin/sh
# Installs Debian's Chromium and its driver for the tests in a browser, where they are missing.
# As root, or with sudo. Starts nothing.
set -eu

has_both() {
    command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1
}

fail() {
    echo "tests/install-browser.sh: $1" >&2
    exit 1
}

has_both && exit 0
root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "run it as root, or install sudo"
    root=sudo
fi
command -v apt-get >/dev/null 2>&1 || fail "no apt-get here: install Chromium and chromedriver of one version by hand"
echo "installing Chromium and its driver for the tests in a browser"
$root apt-get update -q
$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium chromium-driver
has_both || fail "the packages are installed, but chromium or chromedriver is still missing"
