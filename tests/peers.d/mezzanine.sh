#!/usr/bin/env bash
# Mezzanine's demo site and its contact form, the one that CI uses too.
set -euo pipefail
case $1 in
install) "$(dirname "$0")/../install-web.sh" | tail -n 1 >"$PEER/home" ;;
start)
  home=$(cat "$PEER/home")
  cp -r "$home/shop/." .
  "$home/bin/python" manage.py runserver --noreload "127.0.0.1:$PORT" >server.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/contact/"
  echo "mezzanine accepted accepted url: 'http://127.0.0.1:$PORT/contact/'"
  ;;
arrived) python3 "$(dirname "$0")/mails.py" mail "$3" ;;
esac
