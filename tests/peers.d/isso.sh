#!/usr/bin/env bash
# Isso, whose script draws a form for comments into a page of others; they are held for moderation.
set -euo pipefail
case $1 in
install)
  [ -e "$PEER/ready" ] && exit 0
  python3 -m venv "$PEER/venv"
  "$PEER/venv/bin/pip" install --quiet 'isso==0.14.0' 'setuptools<80'
  touch "$PEER/ready"
  ;;
start)
  cat >isso.cfg <<CFG
[general]
dbpath = $PWD/comments.db
host = http://127.0.0.1:$PORT/
[moderation]
enabled = true
[guard]
enabled = true
ratelimit = 5
[server]
listen = http://127.0.0.1:$PORT
CFG
  "$PEER/venv/bin/isso" -c isso.cfg run >server.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/demo/"
  echo "isso blocked held url: 'http://127.0.0.1:$PORT/demo/', form: '#isso-thread form'"
  ;;
arrived) python3 "$(dirname "$0")/rows.py" comments.db "$3" 'select author, email, text from comments' ;;
esac
