#!/usr/bin/env bash
# Plone's own form to its owners, which sends a mail.
set -euo pipefail
case $1 in
install)
  [ -e "$PEER/ready" ] && exit 0
  python3 -m venv "$PEER/venv"
  "$PEER/venv/bin/pip" install --quiet 'Plone==6.*' 'plone.app.layout==6.0.2'
  touch "$PEER/ready"
  ;;
start)
  here=$(cd "$(dirname "$0")" && pwd)
  sink=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  python3 "$here/sink.py" "$sink" mail >sink.log 2>&1 &
  PATH=$PEER/venv/bin:$PATH
  mkwsgiinstance -d instance -u admin:admin >&2
  sed -i -e '/^\(host\|port\) *=/d' -e "s/^listen *=.*/listen = 127.0.0.1:$PORT/" -e "/^use = egg:waitress#main/a listen = 127.0.0.1:$PORT" instance/etc/zope.ini
  cat >make.py <<PY
import transaction
from Products.CMFPlone.factory import addPloneSite
from zope.component.hooks import setSite
from plone import api
site = addPloneSite(app, "site", title="Shop", setup_content=False, default_language="en")
setSite(site)
for name, value in [("email_from_address", "desk@company.example"), ("email_from_name", "Desk"), ("smtp_host", "127.0.0.1"), ("smtp_port", $sink)]:
    api.portal.set_registry_record("plone." + name, value)
transaction.commit()
PY
  zconsole run instance/etc/zope.conf make.py >&2
  runwsgi instance/etc/zope.ini >server.log 2>&1 &
  curl -sf --retry 90 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/site/contact-info"
  echo "plone accepted accepted url: 'http://127.0.0.1:$PORT/site/contact-info'"
  ;;
arrived) python3 "$(dirname "$0")/mails.py" mail "$3" ;;
esac
