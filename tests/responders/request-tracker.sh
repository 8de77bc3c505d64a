#!/bin/sh
# Makes real acknowledgements and an agent's answers: Request Tracker 5 takes a question in several languages.
# `tests/responders/request-tracker.sh DIR` writes DIR/NAME.eml. Needs, of Debian, `request-tracker5 rt5-clients
# libdbd-sqlite3-perl`; starts no server. Not part of the tests: what it wrote once lies in
# `tests/intake/request_tracker/`.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/conf.d" "$work/var" "$work/mason" "$work/sess" "$work/log"
export RT_SITE_CONFIG="$work/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$work/conf.d" RESPONSES="$work/responses"

cat > "$RT_SITE_CONFIG" <<CONF
Set(\$rtname, 'alfa.example'); Set(\$Organization, 'alfa.example');
Set(\$CorrespondAddress, 'support\@alfa.example'); Set(\$CommentAddress, 'comment\@alfa.example');
Set(\$WebDomain, 'help.alfa.example'); Set(\$WebPort, 443); Set(\$WebPath, '');
Set(\$DatabaseType, 'SQLite'); Set(\$DatabaseName, '$work/var/rt.db');
Set(\$DatabaseUser, ''); Set(\$DatabasePassword, '');
Set(\$MailCommand, 'sendmailpipe'); Set(\$SendmailPath, '$work/sendmail');
Set(\$LogToSyslog, ''); Set(\$LogToFile, 'warning'); Set(\$LogToSTDERR, ''); Set(\$LogDir, '$work/log');
Set(\$MasonDataDir, '$work/mason'); Set(\$MasonSessionDir, '$work/sess'); Set(\$VarPath, '$work/var');
Set(\$WebSessionClass, 'Apache::Session::File'); Set(\$CorrespondAddress, 'support\@alfa.example');
1;
CONF
printf '#!/bin/sh\ncat >> "$RESPONSES"\n' > "$work/sendmail"
chmod 755 "$work/sendmail"
rt-setup-database-5 --action init --skip-create > "$work/init.log" 2>&1 || { tail -5 "$work/init.log"; exit 1; }

cat > "$work/ask.pl" <<'PERL'
use strict; use warnings; use utf8; use open qw(:std :encoding(UTF-8));
use lib '/usr/share/request-tracker5/lib';
use RT -init; use RT::Interface::Email; use MIME::Entity; use Encode;
my ($out) = @ARGV;
my %texts = (
  en => ['We have received your request: {$Ticket->Subject}',
    "Dear customer,\n\nthank you for your message. We have opened ticket number {\$Ticket->id} for it and will answer as soon as possible.\n\nAlfa Customer Care",
    "Dear Mr Riva,\n\nthe biscuits contain wheat, so they are not gluten free.\n\nKind regards,\nCarla Bianchi\nAlfa Customer Care"],
  it => ['Abbiamo ricevuto la Sua richiesta: {$Ticket->Subject}',
    "Gentile cliente,\n\nla Sua richiesta è stata presa in carico con il numero {\$Ticket->id}. Le risponderemo al più presto.\n\nServizio Consumatori Alfa",
    "Gentile signor Riva,\n\ni frollini contengono farina di frumento e quindi glutine.\n\nCordiali saluti\nCarla Bianchi\nServizio Consumatori"],
  de => ['Eingangsbestätigung: {$Ticket->Subject}',
    "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Ihre Vorgangsnummer lautet {\$Ticket->id}. Wir melden uns so schnell wie möglich bei Ihnen.\n\nIhr Alfa-Kundenservice",
    "Guten Tag Herr Riva,\n\ndie Kekse enthalten Weizenmehl und sind daher nicht glutenfrei.\n\nMit freundlichen Grüßen\nCarla Bianchi\nVerbraucherservice"],
  fr => ['Accusé de réception : {$Ticket->Subject}',
    "Bonjour,\n\nnous avons bien reçu votre demande, enregistrée sous le numéro de dossier {\$Ticket->id}, et vous répondrons dans les meilleurs délais.\n\nLe service consommateurs Alfa",
    "Bonjour Monsieur,\n\nces biscuits contiennent de la farine de blé, donc du gluten.\n\nCordialement,\nCarla Bianchi\nService consommateurs"],
  es => ['Acuse de recibo: {$Ticket->Subject}',
    "Estimado cliente:\n\nhemos recibido su consulta con el número de caso {\$Ticket->id}. Le responderemos a la mayor brevedad.\n\nAtención al cliente de Alfa",
    "Estimado señor Riva:\n\nlas galletas contienen harina de trigo, por lo que no son aptas para celíacos.\n\nUn saludo,\nCarla Bianchi\nAtención al cliente"],
);
# A help desk has had other questions before.
$RT::Handle->dbh->do("INSERT INTO Tickets (id, EffectiveId, Queue, Type, Subject, Status) VALUES (44511, 44511, 1, 'ticket', 'x', 'rejected')");
my $everyone = RT::Group->new(RT->SystemUser); $everyone->LoadSystemInternalGroup('Everyone');
$everyone->PrincipalObj->GrantRight(Right => $_, Object => RT->System) for qw(CreateTicket ReplyToTicket SeeQueue ShowTicket);
my $carla = RT::User->new(RT->SystemUser);
$carla->Create(Name => 'carla', RealName => 'Carla Bianchi', EmailAddress => 'carla@alfa.example', Privileged => 1);
$carla->PrincipalObj->GrantRight(Right => $_, Object => RT->System) for qw(ReplyToTicket ShowTicket ModifyTicket SeeQueue OwnTicket);
sub taken { open my $in, '<:raw', $ENV{RESPONSES} or die; local $/; my $mail = <$in>; close $in; unlink $ENV{RESPONSES}; $mail }
sub kept { my ($name) = @_; open my $to, '>:raw', "$out/$name.eml" or die; print $to taken(); close $to }
for my $language (sort keys %texts) {
  my ($subject, $receipt, $answer) = @{ $texts{$language} };
  my $queue = RT::Queue->new(RT->SystemUser);
  $queue->Create(Name => "consumers-$language", CorrespondAddress => 'support@alfa.example');
  RT::Template->new(RT->SystemUser)->Create(Queue => $queue->Id, Name => 'Autoreply in HTML', Type => 'Perl',
    Content => "Subject: $subject\n\n$receipt\n");
  my $question = "From: Enrico Riva <enrico\@posta.example>\nTo: support\@alfa.example\nSubject: Glutine nei frollini\n"
    . "Message-ID: <question.$language\@posta.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    . "Buongiorno, contengono glutine?\n\nGrazie\nEnrico Riva\n";
  my ($status, $error, $ticket) = RT::Interface::Email::Gateway({ message => $question, queue => $queue->Name, action => 'correspond' });
  die "$error" if $status <= 0;
  kept("${language}_acknowledgement");
  my $as_carla = RT::Ticket->new(RT::CurrentUser->new('carla')); $as_carla->Load($ticket->Id);
  my $reply = MIME::Entity->build(Type => 'text/plain', Charset => 'UTF-8', Data => [Encode::encode('UTF-8', $answer)]);
  my ($done, $why) = $as_carla->Correspond(MIMEObj => $reply);
  die $why unless $done;
  kept("${language}_answer");
}
PERL
perl "$work/ask.pl" "$out"
# The machine's own name and folders are nobody's business.
sed -i "s/$(hostname)/help.alfa.example/g" "$out"/*.eml
