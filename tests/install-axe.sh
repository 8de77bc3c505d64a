#!/bin/sh
# Installs axe-core, which checks pages for people who see, hear or move otherwise, into target/test-axe/.
# Needs node's npm and Chromium; on Debian both are installed where they are missing. Idempotent.
. "$(dirname "$0")/support/install.sh"
version=4.14.1
home=$built/test-axe/$version
has chromium || packages chromium
has npm || packages npm
alone_in "$home"
if [ ! -e "$home/axe.min.js" ]; then
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$home/npm" "axe-core@$version" >&2
  cp "$home/npm/node_modules/axe-core/axe.min.js" "$home/axe.min.js"
fi
echo "$home/axe.min.js"
