#!/bin/sh
# Installs the servers for tests on real parts into target/test-venv/, and makes one site to copy.
# Idempotent; quick when everything is there. Prints the folder on its last line.
. "$(dirname "$0")/support/install.sh"
python_home test-venv requirements-web.txt
if [ ! -e "$home/ready" ]; then
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
