#!/usr/bin/env bash
# Wagtail with a form page, as its editors make one.
set -euo pipefail
case $1 in
install)
  [ -e "$PEER/ready" ] && exit 0
  python3 -m venv "$PEER/venv"
  "$PEER/venv/bin/pip" install --quiet 'wagtail==8.*'
  touch "$PEER/ready"
  ;;
start)
  PATH=$PEER/venv/bin:$PATH
  wagtail start shop . >&2
  python manage.py startapp contact
  cat >contact/models.py <<'PY'
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField

class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")

class FormPage(AbstractForm):
    template = "contact/form.html"
    landing_page_template = "contact/landed.html"
PY
  mkdir -p contact/templates/contact
  echo '<h1>{{ page.title }}</h1><form action="{% url "wagtail_serve" page.url_path %}" method="post">{% csrf_token %}{{ form.as_p }}<button>Send</button></form>' |
    sed 's/{% url "wagtail_serve" page.url_path %}/{{ page.url }}/' >contact/templates/contact/form.html
  echo '<h1>Thank you</h1><p>We have received your message.</p>' >contact/templates/contact/landed.html
  cat >>shop/settings/base.py <<'PY'
INSTALLED_APPS += ["contact"]
ALLOWED_HOSTS = ["*"]
PY
  python manage.py makemigrations contact >&2
  python manage.py migrate --verbosity 0 >&2
  python manage.py shell >&2 <<'PY'
from wagtail.models import Page, Site
from contact.models import FormField, FormPage
page = Site.objects.get(is_default_site=True).root_page.specific.add_child(instance=FormPage(title="Contact us", slug="contact-us"))
for order, (label, kind) in enumerate([("Your name", "singleline"), ("Your email", "email"), ("Topic", "dropdown"), ("Your message", "multiline"), ("I agree to the privacy policy", "checkbox")]):
    FormField.objects.create(page=page, sort_order=order, label=label, field_type=kind, required=True, choices="Jobs,Other" if kind == "dropdown" else "")

PY
  python manage.py runserver --noreload "127.0.0.1:$PORT" >server.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/contact-us/"
  echo "wagtail accepted accepted url: 'http://127.0.0.1:$PORT/contact-us/'"
  ;;
arrived) python3 "$(dirname "$0")/rows.py" db.sqlite3 "$3" 'select form_data from wagtailforms_formsubmission' ;;
esac
