#!/bin/sh
# Installs the servers for tests on real parts into target/test-venv/, and makes one site to copy.
# Idempotent; quick when everything is there. Prints the folder on its last line.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
requirements=$here/tests/requirements-web.txt
# Another list, Python or recipe, another folder.
key=$( (cat "$requirements" "$0"; python3 --version) | sha256sum | cut -c1-16)
root=${CARGO_TARGET_DIR:-$here/target}/test-venv
home=$root/$key
mkdir -p "$root"
exec 9>"$root/lock"
flock 9
if [ ! -e "$home/ready" ]; then
  rm -rf "$home"
  python3 -m venv "$home" || {
    echo "python3 -m venv failed: on Debian, apt-get install python3-venv" >&2
    exit 1
  }
  "$home/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
  (
    cd "$home"
    PATH=$home/bin:$PATH
    mezzanine-project shop
    cd shop
    # Mail goes into files: the proof that a message arrived, once, word for word.
    cat >>shop/local_settings.py <<'SETTINGS'
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = "mail"
DEFAULT_FROM_EMAIL = "site@example.com"
SETTINGS
    python manage.py createdb --noinput
  ) >&2
  touch "$home/ready"
fi
echo "$home"
