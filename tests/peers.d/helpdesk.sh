#!/usr/bin/env bash
# django-helpdesk and its public form for tickets.
set -euo pipefail
case $1 in
install)
  [ -e "$PEER/ready" ] && exit 0
  python3 -m venv "$PEER/venv"
  "$PEER/venv/bin/pip" install --quiet 'django-helpdesk==2.6.*' 'Django==5.2.*'
  touch "$PEER/ready"
  ;;
start)
  python=$PEER/venv/bin/python
  cat >site.py <<'PY'
import os, sys
from django.conf import settings
settings.configure(
    DEBUG=True, SECRET_KEY="x" * 50, ALLOWED_HOSTS=["*"], ROOT_URLCONF="site", USE_TZ=True, SITE_ID=1,
    LANGUAGE_CODE="en", STATIC_URL="/static/", DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend", EMAIL_FILE_PATH="mail",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.db"}},
    INSTALLED_APPS=["django.contrib." + a for a in
        ("auth", "contenttypes", "sessions", "messages", "staticfiles", "sites", "humanize", "admin")]
        + ["rest_framework", "helpdesk"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
        "context_processors": ["django.template.context_processors." + p for p in ("debug", "request", "i18n", "media", "static", "tz")]
        + ["django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"]}}],
    HELPDESK_KB_ENABLED=True, HELPDESK_SUBMIT_A_TICKET_PUBLIC=True, HELPDESK_TEAMS_MODE_ENABLED=False,
)
sys.modules["site"] = sys.modules[__name__]
import django
django.setup()
from django.contrib import admin
from django.urls import include, path
urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls", namespace="helpdesk"))]
if __name__ == "__main__":
    from django.core.management import call_command
    if sys.argv[1] == "make":
        call_command("migrate", verbosity=0)
        from helpdesk.models import Queue
        Queue.objects.create(title="Questions", slug="questions", allow_public_submission=True, email_address="desk@company.example")
    else:
        call_command("runserver", sys.argv[1], use_reloader=False)
PY
  "$python" site.py make >&2
  "$python" site.py "127.0.0.1:$PORT" >server.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/tickets/submit/"
  echo "helpdesk accepted accepted url: 'http://127.0.0.1:$PORT/tickets/submit/'"
  ;;
arrived) python3 "$(dirname "$0")/rows.py" site.db "$3" 'select submitter_email, title, description from helpdesk_ticket' ;;
esac
