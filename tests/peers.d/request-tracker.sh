#!/usr/bin/env bash
# Request Tracker, where who wants to ask must have an account: nothing is sent.
set -euo pipefail
export RT_SITE_CONFIG=$PWD/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$PWD/conf.d
case $1 in
install)
  "$(dirname "$0")/debian" request-tracker5 rt5-standalone rt5-clients libdbd-sqlite3-perl starman
  ;;
start)
  mkdir -p conf.d var mason sess log
  cat >"$RT_SITE_CONFIG" <<PERL
Set(\$rtname,'company.example'); Set(\$Organization,'company.example');
Set(\$WebDomain,'127.0.0.1'); Set(\$WebPort,$PORT); Set(\$WebPath,'');
Set(\$DatabaseType,'SQLite'); Set(\$DatabaseName,'$PWD/var/rt.db'); Set(\$DatabaseUser,''); Set(\$DatabasePassword,'');
Set(\$MailCommand,'testfile'); Set(\$LogToSyslog,''); Set(\$LogToFile,'info'); Set(\$LogDir,'$PWD/log');
Set(\$MasonDataDir,'$PWD/mason'); Set(\$MasonSessionDir,'$PWD/sess'); Set(\$VarPath,'$PWD/var'); Set(\$LexiconLanguages, qw(en));
Set(\$WebSessionClass,'Apache::Session::File');
1;
PERL
  rt-setup-database-5 --action init --skip-create >init.log 2>&1
  /usr/share/request-tracker5/libexec/rt-server --host 127.0.0.1 --port "$PORT" --server Standalone >rt.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/"
  echo "request-tracker blocked blocked url: 'http://127.0.0.1:$PORT/SelfService/Create.html?Queue=1'"
  ;;
arrived) python3 "$(dirname "$0")/rows.py" var/rt.db "$3" 'select Headers, Subject, Content from Attachments' ;;
esac
