#!/usr/bin/env bash
# Pages whose forms are made by software from npm, as its own documentation shows: one for each file in pages/.
set -euo pipefail
here=$(cd "$(dirname "$0")/pages" && pwd)
case $1 in
install)
  cmp -s "$here/package.json" "$PEER/package.json" && [ -e "$PEER/ready" ] || {
    command -v npm >/dev/null || "$here/../debian" npm
    rm -rf "$PEER/ready" "$PEER/node_modules"
    cp "$here/package.json" "$PEER/"
    npm install --prefix "$PEER" --no-audit --no-fund --ignore-scripts
    touch "$PEER/ready"
  }
  # esbuild looks for what a file imports beside it.
  rm -rf "$PEER/made" "$PEER"/*.jsx
  cp "$here"/*.jsx "$PEER/"
  "$PEER/node_modules/.bin/esbuild" "$PEER"/*.jsx --bundle --minify --define:process.env.NODE_ENV='"production"' --outdir="$PEER/made"
  ;;
start)
  python3 "$here/../pages.py" "$PORT" "$here" "$PEER" >server.log 2>&1 &
  curl -sf --retry 30 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/select2"
  for page in ${PAGES:-$(cd "$here" && basename -s .html -- *.html)}; do
    # What a script only dresses up is sent without it.
    http=blocked
    if grep -q '<form method="post" action' "$here/$page.html"; then http=accepted; fi
    echo "$page $http accepted url: 'http://127.0.0.1:$PORT/$page'"
  done
  ;;
arrived) python3 -c 'import json, sys
for line in open("arrived.jsonl") if __import__("os").path.exists("arrived.jsonl") else ():
    page, message = json.loads(line)
    if page == sys.argv[1] and sys.argv[2] in json.dumps(message, ensure_ascii=False): print(json.dumps(message))' "$2" "$3" ;;
esac
