#!/usr/bin/env bash
# Trac, where anybody may open a ticket: one field for "e-mail or user name", lists nobody need touch, two buttons.
set -euo pipefail
case $1 in
install)
  [ -e "$PEER/ready" ] && exit 0
  python3 -m venv "$PEER/venv"
  # Newer setuptools lack what Trac finds its plugins with.
  "$PEER/venv/bin/pip" install --quiet 'Trac==1.6' 'setuptools<80'
  touch "$PEER/ready"
  ;;
start)
  "$PEER/venv/bin/trac-admin" desk initenv Shop sqlite:db/trac.db >&2
  "$PEER/venv/bin/trac-admin" desk permission add anonymous TICKET_CREATE >&2
  "$PEER/venv/bin/tracd" --hostname 127.0.0.1 --port "$PORT" --single-env desk >server.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/newticket"
  echo "trac accepted accepted url: 'http://127.0.0.1:$PORT/newticket', form: '#propertyform', fields: {field_summary: subject}"
  ;;
arrived) python3 "$(dirname "$0")/rows.py" desk/db/trac.db "$3" 'select reporter, summary, description from ticket' ;;
esac
