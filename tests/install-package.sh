#!/bin/sh
# Installs what others read a report's data with into target/test-package/. Idempotent; quick when it is there.
# Prints the folder on its last line.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
requirements=$here/tests/requirements-package.txt
# Another list, Python or recipe, another folder.
key=$( (cat "$requirements" "$0"; python3 --version) | sha256sum | cut -c1-16)
root=${CARGO_TARGET_DIR:-$here/target}/test-package
home=$root/$key
mkdir -p "$root"
exec 9>"$root/lock"
flock 9
if [ ! -e "$home/ready" ]; then
  rm -rf "$home"
  python3 -m venv "$home" || {
    echo "python3 -m venv failed: on Debian, apt-get install python3-venv" >&2
    exit 1
  }
  "$home/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps --requirement "$requirements" >&2
  touch "$home/ready"
fi
echo "$home"
