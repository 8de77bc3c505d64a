# I testi di un rapporto. Una chiave per riga; un testo che conta ha le sue forme sotto di sé.

# Unità, date, numeri
unit-d = g
unit-h = h
unit-min = min
unit-s = s
span-days = { $n ->
    [one] { $shown } giorno
   *[other] { $shown } giorni
 }
span-hours = { $n ->
    [one] { $shown } ora
   *[other] { $shown } ore
 }
span-minutes = { $n ->
    [one] { $shown } minuto
   *[other] { $shown } minuti
 }
span-seconds = { $n ->
    [one] { $shown } secondo
   *[other] { $shown } secondi
 }
date = { $day } { $month } { $year }
day-first = 1º
month-1 = gennaio
month-2 = febbraio
month-3 = marzo
month-4 = aprile
month-5 = maggio
month-6 = giugno
month-7 = luglio
month-8 = agosto
month-9 = settembre
month-10 = ottobre
month-11 = novembre
month-12 = dicembre
weekday-1 = lunedì
weekday-2 = martedì
weekday-3 = mercoledì
weekday-4 = giovedì
weekday-5 = venerdì
weekday-6 = sabato
weekday-7 = domenica
range = da { $low } a { $high }
n-of-m = { $n } su { $m }
or-more = { $low } o più
not-reached = non raggiunta
points = { $value } punti
yes = sì
no = no
none = nessuna
and-more = { $n ->
    [one] … e { $shown } altra nella tabella
   *[other] … e altre { $shown } nella tabella
 }
companies-n = { $n ->
    [one] { $shown } azienda
   *[other] { $shown } aziende
 }

# Canali e lati
channel-email = E-mail
channel-web-form = Modulo web
channel-mastodon = Mastodon
channel-facebook = Facebook
channel-instagram = Instagram
channel-whatsapp = WhatsApp
channel-telegram = Telegram
channel-x = X
channel-linkedin = LinkedIn
channel-chat = Chat dal vivo
channel-forum = Forum
channel-phone = Telefono
channels-merged = Altri canali
channels-merged-of = Altri ({ $group })
channels-all = Tutti i canali
side-own = Canali propri
side-outside = Canali esterni
through-own = i canali propri
through-outside = i canali esterni
through = «{ $name }»
place-elsewhere = altrove
place-visit = di persona
place-web-page = una pagina da leggere
place-other-company = un’altra azienda

# Esito delle richieste
status-answered = Ha risposto alla domanda
status-replied = Risposta non ancora valutata
status-inadequate = Risposta che non risponde
status-silent = Nessuna risposta nel periodo
status-not-followed = Non seguita fino in fondo
status-unknown = Non si sa se sia arrivata
status-undelivered = Non consegnata
status-not-asked = Non inviata
status-not-planned = Offerto, non usato
status-not-offered = Non offerto
status-not-looked-for = Nessuno ha guardato
adequacy-answered = risponde alla domanda
adequacy-partial = risponde in parte
adequacy-redirected = rimanda altrove
adequacy-promised = promette una risposta
adequacy-promise-broken = ha promesso, e non è arrivato nulla
adequacy-canned = lo stesso testo dato ad altri
adequacy-irrelevant = parla d’altro

# La pagina
simulated = SIMULATED
simulated-note = Una prova: le aziende sono inventate e nessuno è stato contattato.
skip = Vai al rapporto
contents = Indice
made-with = Prodotto con Risposta { $version } dal registro della rilevazione.
facts-study = Studio
facts-wave = Rilevazione
facts-asof = Situazione al
facts-window = Periodo di osservazione
facts-audience = Edizione
audience-team = Per chi ha svolto lo studio: completa, non pubblicabile
audience-client = Per una sola azienda, accanto ad altre senza nome
audience-public = Per il pubblico
nav-summary = In una pagina
nav-channels = Canali
nav-companies = Aziende
nav-said = Che cosa hanno detto
nav-waves = Rilevazioni
nav-method = Metodo e limiti
charts-file = come file

# In una pagina
found-paired-replied = Su { $companies } con la stessa domanda da entrambi i lati, una risposta entro { $within } è venuta da { $better } attraverso { $better-side } e da { $worse } attraverso { $worse-side }.
found-paired-adequate = Su { $companies } con la stessa domanda da entrambi i lati, una risposta adeguata entro { $within } è venuta da { $better } attraverso { $better-side } e da { $worse } attraverso { $worse-side }.
found-parallel-replied = Interpellate ciascuna da un solo lato, le aziende hanno risposto entro { $within } a { $better } attraverso { $better-side } e a { $worse } attraverso { $worse-side }.
found-parallel-adequate = Interpellate ciascuna da un solo lato, le aziende hanno dato una risposta adeguata entro { $within } a { $better } attraverso { $better-side } e a { $worse } attraverso { $worse-side }.
found-beside-replied = Entro { $within } le aziende hanno risposto a { $left } attraverso { $left-side } e a { $right } attraverso { $right-side }.
found-beside-adequate = Entro { $within } le aziende hanno dato una risposta adeguata a { $left } attraverso { $left-side } e a { $right } attraverso { $right-side }.
found-all-replied = Entro { $within } le aziende hanno risposto a { $rate } domande.
found-all-adequate = Entro { $within } le aziende hanno dato una risposta adeguata a { $rate } domande.
found-nothing = Non si può ancora dire nulla: nessuna domanda arrivata è stata seguita finora per { $within }.
sure-shown = Domanda per domanda sono { $better } contro { $worse }: una differenza di { $points } punti percentuali (intervallo al 95% { $range }), che difficilmente si deve al solo caso{ $test }.
sure-not-shown = Domanda per domanda sono { $better } contro { $worse }: una differenza di { $points } punti percentuali (intervallo al 95% { $range }), che può ben dipendere dal caso{ $test }: questo non mostra quale lato sia migliore.
sure-interval-alone = Domanda per domanda sono { $better } contro { $worse }: una differenza di { $points } punti percentuali (intervallo al 95% { $range }). L’intervallo esclude che non vi sia differenza, il test esatto no{ $test }. Decide il test, perché con così pochi dati l’intervallo è approssimato: questo non mostra quale lato sia migliore.
sure-test-alone = Domanda per domanda sono { $better } contro { $worse }: una differenza di { $points } punti percentuali (intervallo al 95% { $range }). Il test esatto esclude che non vi sia differenza{ $test }, l’intervallo no. Decide l’intervallo, il più prudente dei due: questo non mostra quale lato sia migliore.
sure-beside = Nessuna azienda è stata interpellata allo stesso modo da entrambi i lati: i due non sono confrontati.
sure-beside-hidden = Dietro il confronto stanno troppo poche aziende perché questa edizione lo mostri.
sure-all = Qualunque vera quota { $range }% sarebbe compatibile con quanto contato (intervallo al 95%).
instrument-title = Lo strumento
instrument-not-verified = Non verificato
instrument-not-verified-why = Questa rilevazione non ha controlli propri: nulla vi dimostra che una risposta sarebbe stata vista.
key-nowhere = { $n ->
    [one] azienda non ha risposto alla nostra domanda su alcun canale entro { $window }
   *[other] aziende non hanno risposto alla nostra domanda su alcun canale entro { $window }
 }
key-nowhere-open = { $n ->
    [one] azienda finora non ha risposto e non è stata seguita fino in fondo
   *[other] aziende finora non hanno risposto e non sono state seguite fino in fondo
 }
key-outside = { $n ->
    [one] azienda ha risposto fuori, ma non attraverso il proprio modulo
   *[other] aziende hanno risposto fuori, ma non attraverso il proprio modulo
 }
key-acknowledged = { $n ->
    [one] richiesta ha avuto la ricevuta di una macchina, poi nulla entro { $window }
   *[other] richieste hanno avuto la ricevuta di una macchina, poi nulla entro { $window }
 }
key-promises = { $n ->
    [one] promessa fatta
   *[other] promesse fatte
 }: { $kept } { $kept ->
    [one] mantenuta
   *[other] mantenute
 }, { $broken } no
key-circles = { $n ->
    [one] azienda ci ha rimandati al punto di partenza
   *[other] aziende ci hanno rimandati al punto di partenza
 }
key-rounds = { $asked ->
    [one] della domanda posta
   *[other] delle { $asked } domande poste
 } su due o più canali, { $n ->
    [one] { $n } ha girato
   *[other] { $n } hanno girato
 } dall’uno all’altro fino a tornare indietro
claims = Che cosa reggono questi dati
claims-yes = Reggono
claims-no = Non reggono
claim-difference-yes = Che in questo studio si è avuta risposta più spesso attraverso { $better } che attraverso { $worse }.
claim-difference-no = Che un lato sia migliore dell’altro: l’intervallo, o il test, non esclude che non vi sia differenza.
claim-ranking-yes = Un ordine delle aziende, fin dove i loro intervalli sono distinti.
claim-ranking-no = Un ordine delle aziende. { $why }
claim-channels-yes = { $n ->
    [one] Che una coppia di canali è diversa, su { $all } in esame.
   *[other] Che { $shown } coppie di canali sono diverse, su { $all } in esame.
 }
claim-channels-no = Quale di due canali sia migliore: di { $all } in esame nessuna coppia differisce più di quanto spieghi il caso.
claim-adequacy-no = { $n ->
    [one] Quanto siano adeguate le risposte: una richiesta con risposta attende la valutazione.
   *[other] Quanto siano adeguate le risposte: { $shown } richieste con risposta attendono la valutazione.
 }
claim-order-no = Se sia il canale o l’ordine: ogni azienda è stata interpellata nello stesso ordine di canali.
claim-open-no = { $n ->
    [one] Come sia finita una richiesta: non è stata seguita fino in fondo.
   *[other] Come siano finite { $shown } richieste: non sono state seguite fino in fondo.
 }
claim-unknown-no = { $n ->
    [one] Se un messaggio sia arrivato.
   *[other] Se { $shown } messaggi siano arrivati.
 }
claim-cause-no = Perché le aziende abbiano o non abbiano risposto: si è visto soltanto ciò che è tornato.
refused-too-few-companies = Meno di tre aziende sono state seguite abbastanza a lungo.
refused-not-seen-to-differ = I conteggi non variano più di quanto il caso farebbe variare aziende uguali: queste aziende non si possono distinguere.
refused-all-or-nothing = Ogni azienda ha risposto a tutto o a nulla, quindi le differenze non si distinguono dal caso: queste aziende non si possono distinguere.
refused-all-tied = L’intervallo di ogni azienda raggiunge quello di ogni altra: queste aziende non si possono distinguere.
role-primary = Questo confronto era fissato prima della rilevazione; tutti gli altri sono esplorativi.
any-of-several = Una domanda posta su più canali di un lato conta come risposta se ha risposto uno qualunque di essi.
clustered = Le coppie vengono da aziende interpellate più volte o che vanno insieme: l’intervallo ne tiene conto, e il test conta ciascuna una volta sola.
role-exploratory = Questo confronto è esplorativo: lo studio non lo aveva fissato in anticipo.

# Canali
channels-lead = Quanto spesso ogni canale ha avuto risposta, in quanto tempo, e che cosa costa chiedere.
table-rates = Risposte entro { $window }
col-channel = Canale
col-asked = Inviate
col-delivered = Consegnate
col-replied-delivered = Con risposta, su quelle consegnate e seguite fino ad allora
col-replied-asked = Su tutte le inviate
col-adequate = Adeguate, sulle consegnate
col-acknowledged = Ricevuta di una macchina
col-came-back = Tornate indietro
col-median = Metà con risposta dopo
col-quartile = Un quarto dopo
col-interval = Intervallo al 95%
table-thresholds = Con risposta entro, sulle consegnate e seguite almeno fino ad allora
table-times = Quanto è durata l’attesa
times-note = Kaplan–Meier: chi non ha avuto risposta non è né escluso né contato come mai. «Non raggiunta» significa che alla fine dell’osservazione erano meno.
open-hours-note = In orario di apertura, dove lo studio lo indica, metà aveva risposta dopo { $median }.
table-offered = Quali canali sono offerti
col-offered = Offerto
col-not-offered = Cercato, non offerto
col-not-looked = Nessuno ha guardato
table-cost = Che cosa costa chiedere
cost-note = Che cosa pretende un punto di contatto prima che una domanda possa partire, dove qualcuno ha guardato. Campi e clic: la mediana.
col-looked = Guardati
col-fields = Campi da compilare
col-clicks = Clic dalla pagina iniziale
col-account = Un account
col-phone = Un numero di telefono
col-name = Un nome
col-captcha = Un CAPTCHA
suggested-note = Ciò che le risposte non ancora valutate sembrano essere, secondo una macchina, qui non è contato.
text-replied = Risposta
text-adequate = Adeguata
text-median = Metà dopo
text-tiles = Canali
text-claims-yes = Questi dati reggono:
text-claims-no = Questi dati non reggono:
all-together = Tutti insieme
with-reminders = Con quanto è arrivato dopo i solleciti: { $rate }.
rates-note = Tra parentesi: intervallo di Wilson al 95%, allargato dove le aziende sono state interpellate più volte. Una richiesta non seguita fino in fondo è esclusa dal denominatore, non contata come silenzio.
chart-rates = Con risposta entro { $window }
chart-rates-alt = Grafico delle quote di richieste consegnate che hanno avuto risposta entro { $window }, con intervalli al 95%.
chart-latency-groups = Quota con risposta, per tempo dalla domanda
chart-latency-channels = Quota con risposta, per tempo dalla domanda, canale per canale
chart-latency-alt = Curve della quota di richieste con risposta per tempo dalla domanda, da un minuto alla fine del periodo, con fasce al 95% e il numero di quelle ancora in attesa.
chart-latency-said = { $name }: { $hour } dopo un’ora, { $day } dopo un giorno, { $end } dopo { $window }.
at-risk = Ancora in attesa, e seguite
chart-slopes = Ogni azienda da entrambi i lati, entro { $window }
chart-slopes-alt = Linee dalla quota di ogni azienda da un lato ({ $left }) alla sua quota dall’altro ({ $right }): { $better } in salita, { $equal } alla pari, { $worse } in discesa.
difference = Differenza
slopes-note = Una linea è tanto più spessa quante più aziende rappresenta; i numeri contano le aziende ai suoi estremi.
pairs-title = Canali a confronto
col-pair = Coppia
col-questions = Domande su entrambi
col-difference = Differenza, punti
col-p-holm = p, corretto
pairs-note = Esplorativo: sulle domande inviate su entrambi; test esatto dei segni per azienda, corretto per tutte le coppie (Holm). Gli intervalli non sono corretti: una coppia differisce dove entrambi escludono che non vi sia differenza.

# Aziende
companies-lead = Ogni azienda per sé, e fin dove si possono distinguere.
ranking = Ordine
ranking-none = Un ordine non c’è. { $why }
ranking-note = Le quote sono avvicinate a ciò che è abituale, tanto più quanto meno richieste ha avuto l’azienda (Bayes empirico). Le aziende con intervalli sovrapposti sono alla pari: il loro posto è un intervallo.
col-company = Azienda
col-place = Posto
col-own-rate = Quota propria
col-drawn = Quota avvicinata
chart-tiles = Che cosa ha fatto ogni azienda su ogni canale
chart-tiles-alt = Riquadri, aziende per canali.
tiles-note = Un riquadro mostra il meglio che l’azienda ha fatto su un canale; una frazione conta le risposte sulle richieste.
col-what = Esito
col-question = Domanda
col-sent = Inviata
col-then = Poi
company-rate = { $rate } con risposta entro { $window }
company-none = Nessuna domanda le è stata consegnata.
company-place = Posto { $place }
company-zone = Orari di { $zone }.
company-industry = Settore: { $industry }
timeline-alt = { $company }: le sue richieste su un asse del tempo dalla domanda a { $window }. La tabella accanto dice lo stesso.
patterns-few = Troppo poche risposte per un andamento di ore o giorni.
patterns-title = Le sue prime risposte, nella sua ora.
patterns-said = { $company }: prime risposte per ora e giorno. { $said }
company-comment = Che cosa dice l’azienda
mark-sent = domanda inviata
mark-reminded = sollecito
mark-acknowledged = ricevuta di una macchina
mark-automatic = ha risposto una macchina
mark-seen = vista dall’azienda
mark-bounced = tornata indietro
mark-replied = una risposta
mark-called = una chiamata persa
mark-redirected = rimandati altrove: { $to }
mark-redirected-nowhere = rimandati altrove
mark-redirected-back = rimandati dove eravamo già stati: { $to }
mark-promised = una promessa
mark-promised-due = una promessa, per il { $due }
mark-kept = promessa mantenuta
mark-broken = promessa non mantenuta
mark-after = { $what } dopo { $time }
mark-via = { $what } su { $via }
chart-rhythm = Quando sono arrivate le prime risposte, nell’ora di ogni azienda
chart-rhythm-alt = Barre: prime risposte per ora del giorno e per giorno della settimana.
hour-of-day = Per ora del giorno
day-of-week = Per giorno della settimana

# Che cosa hanno detto
said-lead = Quanto valevano le risposte, secondo chi le ha valutate.
table-adequacy = Come sono valutate le risposte, per canale
adequacy-none = Nessuna risposta è stata ancora valutata.
adequacy-uncoded = non ancora valutata
adequacy-note = La migliore risposta di ogni richiesta nel periodo.
item-adequacy = Quanto è adeguata?
item-differed = decise { $settled }, aperte { $open }
table-items = Che cosa è stato chiesto ai valutatori su ogni risposta
col-asked-raters = Domanda
col-coded = Risposte valutate
col-values = Come
col-twice = Valutate da più persone, concordi
col-alpha = Alfa di Krippendorff
col-differed = Valutate diversamente
items-note = Una risposta vale ciò che ha detto la maggior parte dei valutatori, o ciò che si è deciso dove non erano d’accordo. Alfa: 1 è accordo, 0 ciò che dà il caso.
chart-flows = Dove ci hanno rimandati
chart-flows-alt = Nastri dal canale usato al luogo indicato dalla risposta.
flow-asked = chiesto su
flow-sent-to = rimandati a
flows-none = Nessuna risposta valutata rimanda altrove.
promises = Promesse
promises-none = Nessuna promessa registrata.
quotes = Con le loro parole
quotes-none = Nessuna citazione scelta.
quotes-note = Scelte e approvate da una persona; nomi, indirizzi, numeri di telefono, di conto e di pratica sono oscurati.
quote-by = { $company }, { $channel }
quote-pending = non approvata per la pubblicazione

# Rilevazioni
waves-lead-replied = Che cosa è cambiato, sulle stesse aziende e domande: risposta entro { $within }, prima di ogni sollecito.
waves-lead-adequate = Che cosa è cambiato, sulle stesse aziende e domande: risposta adeguata entro { $within }, prima di ogni sollecito.
chart-waves = Da { $from } a { $to }
chart-waves-alt = Quote prima e dopo, con la variazione in punti percentuali e il suo intervallo al 95%.
table-waves = Da { $from } a { $to }
col-before = Prima
col-after = Dopo
col-change = Variazione, punti
col-p = p
waves-note = Esplorativo: si guardano molte variazioni, e alcune dipendono dal caso. Intervallo di Newcombe, allargato dove le aziende sono state interpellate più volte; test esatto dei segni per azienda.
waves-companies = Su { $companies } con le stesse domande in entrambe le rilevazioni, per questa misura meglio di prima { $better }, come prima { $equal }, peggio { $worse }.
waves-by-company = Azienda per azienda
waves-unmatched = { $n ->
    [one] Una richiesta di una delle rilevazioni non ha corrispondente nell’altra, ed è esclusa.
   *[other] { $shown } richieste di una delle rilevazioni non hanno corrispondente nell’altra, e sono escluse.
 }

# Metodo
method-lead = Come si è misurato, e che cosa non si può dire.
design = Disegno
d-purpose = Scopo
d-approval = Approvazione
d-sampling = Base di campionamento
d-selected = Scelta
d-replace = Sostituzione
d-start = Inizio
d-assignment = Canali di un’azienda
d-assignment-all = tutti quelli che offre
d-assignment-one-of-each = uno per gruppo di canali, estratto a sorte
d-assignment-some = { $n ->
    [one] uno, estratto a sorte
   *[other] { $shown }, estratti a sorte
 }
d-assignment-one-channel = uno, estratto a sorte: gruppi paralleli
d-order = Ordine dei canali
d-order-listed = come li elenca lo studio, uguale per ogni azienda
d-order-random = estratto a sorte per ogni azienda
d-order-latin-square = bilanciato tra le aziende
d-hours = Le domande partono
d-washout = Tra due domande a un’azienda
d-reminders = Solleciti
d-reminders-some = { $n ->
    [one] uno, dopo { $every }
   *[other] { $shown }, uno ogni { $every }
 }
d-cap = Messaggi al massimo per azienda
d-thresholds = Soglie
d-language = Lingua delle domande
d-elsewhere = Una risposta su un canale diverso
d-elsewhere-credit = vale per il canale su cui si è chiesto
d-elsewhere-not = è mostrata, e non contata
d-missed = Una chiamata persa
d-missed-contact = vale come risposta, non come adeguata
d-missed-ignore = non vale
questions = Che cosa si è chiesto
question-has = Una risposta completa contiene: { $has }
chart-flow = Dal piano alle risposte valutate
flow-planned = Pianificate
flow-sent = Inviate
flow-delivered = Consegnate
flow-observed = Seguite per tutto il periodo
flow-replied = Con risposta
flow-coded = Valutate
lost-pending = non ancora inviate
lost-blocked = bloccate, e nessuno le ha fatte
lost-entries-rejected = dati respinti dal sito, e nessuno le ha fatte
lost-late = scadute mentre nulla girava
lost-stopped = l’azienda ha chiesto di essere lasciata in pace
lost-impossible = impossibili, secondo una persona
lost-bounced = tornate indietro
lost-refused = rifiutate
lost-never-taken = mai accettate
lost-in-doubt = consegna in dubbio
lost-held = trattenute per moderazione
lost-not-followed = non seguite fino in fondo
lost-silent = nessuna risposta nel periodo
lost-uncoded = con risposta, non ancora valutate
chart-sent = Quando sono partite le domande, per canale
chart-sent-alt = Barre per ora del giorno, nell’ora delle aziende.
definitions = Definizioni
def-reply = Risposta
def-reply-is = Una persona dell’azienda dice qualcosa, anche al telefono. La ricevuta di una macchina non lo è.
def-adequate = Adeguata
def-adequate-is = Chi valuta ha trovato risposta alla domanda. Una risposta che non risponde non è tale.
def-silent = Nessuna risposta
def-silent-is = Nulla da una persona entro { $window }. Non significa mai.
def-not-followed = Non seguita fino in fondo
def-not-followed-is = L’osservazione è finita prima del periodo. Una tale richiesta non è contata come silenzio.
def-delivered = Consegnata
def-delivered-is = L’altro lato ha preso il messaggio, e non è tornato indietro.
def-latency = Tempo fino a una risposta
def-latency-is = Dal momento in cui l’altro lato ha preso la domanda alla prima risposta, secondo l’orologio del server che l’ha ricevuta per noi.
sensitivity = Sensibilità
sensitivity-none = Ogni consegna è certa: nulla da variare.
sensitivity-unknown = { $n ->
    [one] Di un messaggio non si sa se sia arrivato.
   *[other] Di { $shown } messaggi non si sa se siano arrivati.
 }
sensitivity-range = La quota di risposta è { $silent } se sono arrivati e rimasti senza risposta, { $undelivered } se non sono arrivati, { $replied } se hanno avuto risposta.
table-variants = Il confronto, con ogni dubbio risolto per sé
col-settled = Se
variant-as-counted = come contato
variant-unknown-silent = { $n ->
    [one] il messaggio di consegna incerta è arrivato, e nessuno ha risposto
   *[other] i { $shown } messaggi di consegna incerta sono arrivati, e nessuno ha risposto
 }
variant-unknown-undelivered = { $n ->
    [one] non è arrivato
   *[other] non sono arrivati
 }
variant-unknown-answered = { $n ->
    [one] ha avuto risposta subito
   *[other] hanno avuto risposta subito
 }
variant-open-silent = { $n ->
    [one] la domanda non seguita fino alla fine è rimasta senza risposta
   *[other] le { $shown } domande non seguite fino alla fine sono rimaste senza risposta
 }
variant-open-answered = { $n ->
    [one] ha avuto risposta subito
   *[other] hanno avuto risposta subito
 }
variant-unsure-none = { $n ->
    [one] la risposta che può essere altro non lo era
   *[other] le { $shown } risposte che possono essere altro non lo erano
 }
variant-unsure-all = { $n ->
    [one] la domanda con un messaggio che può essere una risposta l’ha avuta
   *[other] le { $shown } domande con un messaggio che può essere una risposta l’hanno avuta
 }
variants-hold = Comunque si risolva ogni dubbio per sé, il confronto dice lo stesso.
variants-differ = Da come si risolve un dubbio dipende che cosa dice il confronto: va letto con questa tabella.
variants-none = Nessun dubbio potrebbe cambiare il confronto: ogni consegna è certa, ogni domanda è stata seguita fino alla fine, e nessun messaggio è incerto.
variants-hidden = Il confronto con ogni dubbio risolto non è mostrato: dietro ci sono troppo poche aziende, o non si confronta nulla.
variants-note = I due estremi sono estremi. “Subito” vuol dire anche in modo adeguato.
cells = Cifre piccole
cells-rule = Nessuna cifra su più aziende ne ha dietro meno di { $min }. Un canale su cui ne sono state interpellate meno, o a meno delle quali la domanda è arrivata, è unito ad altri del suo gruppo prima di contare, in tutte le tabelle, le figure e i file; se anche insieme sono troppo poche, si aggiunge il canale più piccolo rimasto, così che nessuna somma meno le parti pubblicate tradisca una cifra. Le coppie di canali con meno aziende sono omesse. Ciò che è unito non si può separare con nessuna cifra di questa edizione, nemmeno con accanto un’edizione per altri lettori.
cells-merged = Uniti: { $list }.
cells-dates = Ogni azienda è stata interpellata nello stesso ordine di canali, sicché le date direbbero su quale dei canali uniti lo è stata. Date, ore e giorni della settimana sono perciò omessi in tutte le tabelle, figure e file: ogni domanda vi sta come posta all’inizio della rilevazione. Resta quanto tempo è durata ogni cosa; per quanto tempo una domanda è stata seguita è arrotondato per difetto a una soglia.
pseudonyms-note = Le aziende hanno pseudonimi, in un ordine che non dice nulla. Settore, fuso orario e paese sono omessi dove li condividono poche aziende; orari, testi delle domande e indirizzi sempre.
amendments = Modifiche
amendments-none = Nulla è stato cambiato dopo il piano.
conduct = Condotta
conduct-none = Lo studio non dà dichiarazioni.
conduct-always = Nessuno è stato interpellato due volte per errore, nessun CAPTCHA, accesso o regola di piattaforma è stato aggirato, e chi chiede di essere lasciato in pace lo è.
comments = Che cosa dicono le aziende
record = Il registro
r-version = Programma
r-plan = Piano (SHA-256)
r-root = Radice del registro
r-events = Eventi
r-licence = Licenza dei dati
rebuild = Come rifare ogni numero
rebuild-journal = Con il registro: verificarlo, poi contare.
rebuild-bundle = Senza: il pacchetto accanto a questo rapporto dà ogni numero pubblicato.
checklist = Che cosa chiedono le liste di controllo
checklist-lead = Voci di STROBE (studi osservazionali) e del codice ICC/ESOMAR per la ricerca mystery, e dove si trovano qui.
col-item = Voce
col-where = Sezione
check-1 = STROBE 1: titolo, e sintesi di quanto fatto e trovato
check-2 = STROBE 2–3: contesto, obiettivi, ipotesi fissate in anticipo
check-3 = STROBE 4–5: disegno, contesto, date
check-4 = STROBE 6: partecipanti, base di campionamento, scelta
check-5 = STROBE 7–8: definizioni degli esiti, fonti dei dati, misura
check-6 = STROBE 9: misure contro le distorsioni (ordine, assegnazione, orari)
check-7 = STROBE 10: dimensione dello studio
check-8 = STROBE 11–12: variabili, metodi statistici, dati mancanti, sensibilità
check-9 = STROBE 13: numeri a ogni passo, motivi di esclusione
check-10 = STROBE 14–17: dati descrittivi, esiti, risultati principali, altre analisi
check-11 = STROBE 18–21: risultati chiave, limiti, interpretazione, generalizzabilità
check-12 = STROBE 22: finanziamento e scopo
check-13 = ICC/ESOMAR: scopo, liceità, nessun peso eccessivo per chi è studiato
check-14 = ICC/ESOMAR: nessun dato personale del personale; identità protette
check-15 = ICC/ESOMAR: fatti distinti dalle interpretazioni; risultati controllabili
not-stated = non indicato
