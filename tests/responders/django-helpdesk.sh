#!/bin/sh
# Makes real acknowledgements and an agent's answers: django-helpdesk takes a question in several languages.
# `tests/responders/django-helpdesk.sh DIR` writes DIR/NAME.eml. Needs Python with venv, and installs what it runs from
# PyPI into a folder of its own; starts no server. Not part of the tests: what it wrote once lies in
# `tests/intake/django_helpdesk/`.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet 'django-helpdesk==2.6.*' 'Django==5.2.*'
cat > "$work/desk.py" <<'PY'
import logging, pathlib, sys
from django.conf import settings
work, out = map(pathlib.Path, sys.argv[1:])
settings.configure(
    SECRET_KEY="x" * 50, ROOT_URLCONF="desk", USE_TZ=True, SITE_ID=1, LANGUAGE_CODE="en", STATIC_URL="/static/",
    MEDIA_ROOT=str(work / "media"), DEFAULT_AUTO_FIELD="django.db.models.AutoField", HELPDESK_TEAMS_MODE_ENABLED=False,
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend", DEFAULT_FROM_EMAIL="desk@alfa.example",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(work / "desk.db")}},
    INSTALLED_APPS=["django.contrib." + a for a in
        ("auth", "contenttypes", "sessions", "messages", "staticfiles", "sites", "humanize", "admin")]
        + ["rest_framework", "helpdesk"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
sys.modules["desk"] = sys.modules[__name__]
import django
django.setup()
from django.contrib import admin
from django.urls import include, path
urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls", namespace="helpdesk"))]
from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.core import mail
from django.core.management import call_command
from helpdesk.email import extract_email_metadata
from helpdesk.models import Queue, Ticket
from helpdesk.update_ticket import update_ticket
call_command("migrate", verbosity=0)
Site.objects.update(domain="help.alfa.example", name="Alfa")
carla = User.objects.create(username="carla", first_name="Carla", last_name="Bianchi", is_staff=True)
ANSWERS = {
    "en": "Dear Mr Riva,\n\nthe biscuits contain wheat, so they are not gluten free.\n\nKind regards,\nCarla Bianchi",
    "it": "Gentile signor Riva,\n\ni frollini contengono farina di frumento e quindi glutine.\n\nCordiali saluti\nCarla Bianchi",
    "de": "Guten Tag Herr Riva,\n\ndie Kekse enthalten Weizenmehl und sind daher nicht glutenfrei.\n\nMit freundlichen Grüßen\nCarla Bianchi",
    "fr": "Bonjour Monsieur,\n\nces biscuits contiennent de la farine de blé, donc du gluten.\n\nCordialement,\nCarla Bianchi",
    "es": "Estimado señor Riva:\n\nlas galletas contienen harina de trigo, por lo que no son aptas para celíacos.\n\nUn saludo,\nCarla Bianchi",
}
log = logging.getLogger("desk")
# A help desk has had other questions before.
Ticket.objects.create(id=44511, title="x", queue=Queue.objects.create(title="Old", slug="old"))


def sent(name):
    (message,) = mail.outbox
    (out / f"{name}.eml").write_bytes(message.message().as_bytes())
    mail.outbox.clear()


for language, answer in ANSWERS.items():
    queue = Queue.objects.create(title="Alfa", slug=f"consumers-{language}", locale=language,
        email_address="desk@alfa.example", allow_email_submission=True)
    question = (f"From: Enrico Riva <enrico@posta.example>\nTo: desk@alfa.example\nSubject: Glutine nei frollini\n"
        f"Message-ID: <question.{language}@posta.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
        "Buongiorno, contengono glutine?\n\nGrazie\nEnrico Riva\n")
    ticket = extract_email_metadata(question, queue, log)
    sent(f"{language}_acknowledgement")
    update_ticket(carla, ticket, comment=answer, public=True)
    sent(f"{language}_answer")
PY
"$work/venv/bin/python" "$work/desk.py" "$work" "$out"
# The machine's own name is nobody's business.
sed -i "s/$(hostname)/help.alfa.example/g" "$out"/*.eml
