#!/bin/sh
# Installs what the tests of mail need, where it is missing (Debian): Postfix, Dovecot with LMTP and
# Sieve, openssl, and a user who owns mailboxes. Starts nothing.
. "$(dirname "$0")/support/install.sh"

has_servers() {
  for file in /usr/lib/postfix/sbin/master /usr/sbin/dovecot /usr/lib/dovecot/lmtp \
    /usr/lib/dovecot/imap-login /usr/lib/dovecot/modules/lib90_sieve_plugin.so /usr/bin/openssl; do
    [ -e "$file" ] || return 1
  done
}

if ! has_servers; then
  # The tests start private servers of their own; the packages' services stay off.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
  packages postfix dovecot-imapd dovecot-lmtpd dovecot-sieve openssl
  has_servers || fail "the packages are installed, but something the tests need is still missing"
fi

# Dovecot refuses to keep mail as root.
id vmail >/dev/null 2>&1 || as_root useradd -r -M -d /nonexistent -s /usr/sbin/nologin vmail
