#!/bin/sh
# Makes real absence notes: Dovecot's Sieve `vacation` answers a question in several languages.
# `tests/responders/vacation.sh DIR` writes DIR/NAME.eml. Needs Dovecot with Sieve (`tests/install-mail.sh`); starts no
# server. Not part of the tests: what it wrote once lies in `tests/intake/dovecot_vacation/`.
set -eu
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/home"
chmod 755 "$work"; chown -R nobody "$work"

cat > "$work/dovecot.conf" <<CONF
mail_location = maildir:$work/home/mail
mail_home = $work/home
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
postmaster_address = postmaster@alfa.example
hostname = mail.alfa.example
plugin {
  sieve = file:$work/active.sieve
}
CONF

cat > "$work/question" <<MAIL
Return-Path: <enrico@posta.example>
Delivered-To: carla@alfa.example
From: Enrico Riva <enrico@posta.example>
To: Carla Bianchi <carla@alfa.example>
Subject: Glutine nei frollini
Message-ID: <question.1@posta.example>
Date: Mon, 02 Mar 2026 09:00:00 +0100

Buongiorno, contengono glutine?
MAIL

# answer NAME PARAMETERS TEXT
answer() {
    cat > "$work/$1.sieve" <<SIEVE
require ["vacation"];
vacation :addresses ["carla@alfa.example"] $2 text:
$3
.
;
SIEVE
    rm -f "$work/home/.dovecot.lda-dupes"
    sieve-test -c "$work/dovecot.conf" -e -l "maildir:$work/home/mail" -r carla@alfa.example -a carla@alfa.example -f enrico@posta.example \
        "$work/$1.sieve" "$work/question" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    # The answer stands in what the tool tells; this machine's name is nobody's business.
    sed -n '/^sieve-test: Info: sending message from/,/^sieve-test: Info: sieve: msgid/p' "$work/log" |
        sed -e 1d -e '/^sieve-test: Info:/d' -e "s/@$(hostname)>/@mail.alfa.example>/" > "$out/$1.eml"
    [ -s "$out/$1.eml" ] || { cat "$work/log"; exit 1; }
}

answer en ':subject "Out of office"' 'Thank you for your message. I am out of the office until 16 March 2026 and read no mail until then.
In urgent cases please write to my colleague Anna Meier (anna@alfa.example).

Carla Bianchi'
answer en_plain '' 'I am away this week. Your message will be read on my return.'
answer it ':subject "Fuori sede"' 'Grazie per il messaggio. Sono assente fino al 16 marzo 2026 e leggerò la posta al mio rientro.
Per urgenze può scrivere alla mia collega Anna Meier (anna@alfa.example).

Cordiali saluti
Carla Bianchi'
answer it_plain '' 'Gli uffici resteranno chiusi per ferie dal 10 al 25 agosto 2026. Risponderemo alla riapertura.'
answer de ':subject "Abwesenheitsnotiz"' 'Vielen Dank für Ihre Nachricht. Ich bin bis einschließlich 16. März 2026 nicht im Büro.
Ihre E-Mail wird nicht weitergeleitet. In dringenden Fällen wenden Sie sich bitte an Anna Meier (anna@alfa.example).

Mit freundlichen Grüßen
Carla Bianchi'
answer de_plain '' 'Ich befinde mich im Urlaub und melde mich nach meiner Rückkehr am 16.3.2026 bei Ihnen.'
answer fr ':subject "Absence du bureau"' "Merci de votre message. Je suis absente du bureau jusqu'au 16 mars 2026.
En cas d'urgence, vous pouvez écrire à ma collègue Anna Meier (anna@alfa.example).

Cordialement,
Carla Bianchi"
answer fr_plain '' 'Actuellement en congés, je prendrai connaissance de votre message à mon retour, le 16 mars 2026.'
answer es ':subject "Fuera de la oficina"' 'Gracias por su mensaje. Estaré fuera de la oficina hasta el 16 de marzo de 2026.
Para asuntos urgentes puede escribir a mi compañera Anna Meier (anna@alfa.example).

Un saludo,
Carla Bianchi'
answer es_plain '' 'Estoy de vacaciones hasta el 16 de marzo de 2026 y responderé a mi vuelta.'
