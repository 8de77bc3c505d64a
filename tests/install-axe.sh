#!/bin/sh
# Installs axe-core, which checks pages for people who see, hear or move otherwise, into target/test-axe/.
# Needs node's npm and Chromium; on Debian both are installed where they are missing. Idempotent.
set -eu
version=4.14.1
here=$(cd "$(dirname "$0")/.." && pwd)
home=${CARGO_TARGET_DIR:-$here/target}/test-axe/$version
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
missing=
command -v chromium >/dev/null || missing="$missing chromium"
command -v npm >/dev/null || missing="$missing npm"
if [ -n "$missing" ]; then
  as_root apt-get update -qq
  # shellcheck disable=SC2086 # names of packages, split on purpose
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
fi
mkdir -p "$home"
exec 9>"$home/lock"
flock 9
if [ ! -e "$home/axe.min.js" ]; then
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$home/npm" "axe-core@$version" >&2
  cp "$home/npm/node_modules/axe-core/axe.min.js" "$home/axe.min.js"
fi
echo "$home/axe.min.js"
