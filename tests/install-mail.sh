#!/bin/sh
# Installs what the tests of mail need, where it is missing (Debian): Postfix, Dovecot with LMTP and
# Sieve, openssl, and a user who owns mailboxes. As root, or with sudo. Starts nothing.
set -eu

fail() {
    echo "tests/install-mail.sh: $1" >&2
    exit 1
}

has_packages() {
    for file in /usr/lib/postfix/sbin/master /usr/sbin/dovecot /usr/lib/dovecot/lmtp \
        /usr/lib/dovecot/imap-login /usr/lib/dovecot/modules/lib90_sieve_plugin.so /usr/bin/openssl; do
        [ -e "$file" ] || return 1
    done
}

has_user() {
    id vmail >/dev/null 2>&1
}

has_packages && has_user && exit 0
root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "run it as root, or install sudo"
    root=sudo
fi

if ! has_packages; then
    command -v apt-get >/dev/null 2>&1 ||
        fail "no apt-get here: install Postfix, Dovecot (IMAP, LMTP, Sieve) and openssl by hand"
    echo "installing Postfix, Dovecot and openssl for the tests of mail"
    # The tests start private servers of their own; the packages' services stay off.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap '$root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
        $root chmod 755 "$policy"
    fi
    echo 'postfix postfix/main_mailer_type select No configuration' | $root debconf-set-selections
    $root apt-get update -q
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        postfix dovecot-imapd dovecot-lmtpd dovecot-sieve openssl
    has_packages || fail "the packages are installed, but something the tests need is still missing"
fi

# Dovecot refuses to keep mail as root.
has_user || $root useradd -r -M -d /nonexistent -s /usr/sbin/nologin vmail
