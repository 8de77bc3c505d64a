# The texts of a report. One key a line; a text that counts has its forms below it.

# Units, dates, numbers
unit-d = d
unit-h = h
unit-min = min
unit-s = s
span-days = { $n ->
    [one] { $shown } day
   *[other] { $shown } days
 }
span-hours = { $n ->
    [one] { $shown } hour
   *[other] { $shown } hours
 }
span-minutes = { $n ->
    [one] { $shown } minute
   *[other] { $shown } minutes
 }
span-seconds = { $n ->
    [one] { $shown } second
   *[other] { $shown } seconds
 }
date = { $day } { $month } { $year }
day-first = 1
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
range = { $low } to { $high }
n-of-m = { $n } of { $m }
or-more = { $low } or more
not-reached = not reached
points = { $value } points
yes = yes
no = no
none = none
and-more = { $n ->
    [one] … and { $shown } more in the table
   *[other] … and { $shown } more in the table
 }
companies-n = { $n ->
    [one] { $shown } company
   *[other] { $shown } companies
 }

# Channels and sides
channel-email = E-mail
channel-web-form = Web form
channel-mastodon = Mastodon
channel-facebook = Facebook
channel-instagram = Instagram
channel-whatsapp = WhatsApp
channel-telegram = Telegram
channel-x = X
channel-linkedin = LinkedIn
channel-chat = Live chat
channel-forum = Forum
channel-phone = Telephone
channels-merged = Other channels
channels-merged-of = Other ({ $group })
channels-all = All channels
side-own = Own channels
side-outside = Outside channels
through-own = own channels
through-outside = outside channels
through = “{ $name }”
place-elsewhere = elsewhere
place-visit = a visit
place-web-page = a page to read
place-other-company = another company

# What inquiries come to
status-answered = Answered
status-replied = Replied, not coded yet
status-inadequate = Replied, no answer in it
status-silent = No reply within the window
status-not-followed = Not followed to the end
status-unknown = Not known whether it arrived
status-undelivered = Undelivered
status-not-asked = Not asked
status-not-planned = Offered, not asked on
status-not-offered = Not offered
status-not-looked-for = Nobody looked
adequacy-answered = answers the question
adequacy-partial = answers a part
adequacy-redirected = sends elsewhere
adequacy-promised = promises an answer
adequacy-promise-broken = promised, and nothing came
adequacy-canned = the same text as to others
adequacy-irrelevant = is about something else

# The page
simulated = SIMULATED
simulated-note = A rehearsal: these companies are invented, and nobody was contacted.
skip = Skip to the report
contents = Contents
made-with = Made with Risposta { $version } from the wave’s journal.
facts-study = Study
facts-wave = Wave
facts-asof = As of
facts-window = Observation window
facts-audience = Edition
audience-team = For the team: everything, not for publication
audience-client = For one company, beside peers without names
audience-public = For the public
nav-summary = On one page
nav-channels = Channels
nav-companies = Companies
nav-said = What they said
nav-waves = Waves
nav-method = Method and limits
charts-file = as a file

# One page
found-paired-replied = Of { $companies } asked the same on both sides, { $better } replied within { $within } through { $better-side }, and { $worse } through { $worse-side }.
found-paired-adequate = Of { $companies } asked the same on both sides, { $better } gave an adequate answer within { $within } through { $better-side }, and { $worse } through { $worse-side }.
found-parallel-replied = Each asked on one side, companies replied within { $within } to { $better } through { $better-side }, and to { $worse } through { $worse-side }.
found-parallel-adequate = Each asked on one side, companies gave an adequate answer within { $within } to { $better } through { $better-side }, and to { $worse } through { $worse-side }.
found-beside-replied = Within { $within }, companies replied to { $left } through { $left-side }, and to { $right } through { $right-side }.
found-beside-adequate = Within { $within }, companies gave an adequate answer to { $left } through { $left-side }, and to { $right } through { $right-side }.
found-all-replied = Within { $within }, companies replied to { $rate } questions.
found-all-adequate = Within { $within }, companies gave an adequate answer to { $rate } questions.
found-nothing = Nothing can be said yet: no question that arrived has been watched for { $within } so far.
sure-shown = Question by question that is { $better } against { $worse }: a difference of { $points } percentage points (95% interval { $range }), which chance alone would hardly bring about{ $test }.
sure-not-shown = Question by question that is { $better } against { $worse }: a difference of { $points } percentage points (95% interval { $range }), which may well be chance{ $test }: this does not show which side is better.
sure-interval-alone = Question by question that is { $better } against { $worse }: a difference of { $points } percentage points (95% interval { $range }). The interval leaves out no difference, the exact test does not{ $test }. The test decides, since with so few the interval is approximate: this does not show which side is better.
sure-test-alone = Question by question that is { $better } against { $worse }: a difference of { $points } percentage points (95% interval { $range }). The exact test leaves out no difference{ $test }, the interval does not. The interval decides, as the more careful of the two: this does not show which side is better.
sure-beside = No company was asked the same on both sides: the two are not compared.
sure-beside-hidden = Too few companies stand behind the comparison for this edition to show it.
sure-all = Any true rate of { $range }% would fit what was counted (95% interval).
instrument-title = The instrument
instrument-not-verified = Not verified
instrument-not-verified-why = This wave has no checks of its own: nothing in it proves that a reply would have been seen.
key-nowhere = { $n ->
    [one] company did not answer our question on any channel within { $window }
   *[other] companies did not answer our question on any channel within { $window }
 }
key-nowhere-open = { $n ->
    [one] company has not answered so far, and was not followed to the end
   *[other] companies have not answered so far, and were not followed to the end
 }
key-outside = { $n ->
    [one] company answered outside, but not through its own form
   *[other] companies answered outside, but not through their own form
 }
key-acknowledged = { $n ->
    [one] inquiry was acknowledged by a machine, and then nothing came within { $window }
   *[other] inquiries were acknowledged by a machine, and then nothing came within { $window }
 }
key-promises = { $n ->
    [one] promise was made: { $kept } kept, { $broken } broken
   *[other] promises were made: { $kept } kept, { $broken } broken
 }
key-circles = { $n ->
    [one] company sent us back to where we had come from
   *[other] companies sent us back to where we had come from
 }
key-rounds = of { $asked } { $asked ->
    [one] question
   *[other] questions
 } asked on two channels or more, { $n } went round from one to the other and back
claims = What these data carry
claims-yes = They carry
claims-no = They do not carry
claim-difference-yes = That questions were answered more often through { $better } than through { $worse } in this study.
claim-difference-no = That one side is better than the other: the interval, or the test, leaves room for no difference.
claim-ranking-yes = An order of the companies, as far as their intervals lie apart.
claim-ranking-no = An order of the companies. { $why }
claim-channels-yes = { $n ->
    [one] That one pair of channels differs, of { $all } looked at.
   *[other] That { $shown } pairs of channels differ, of { $all } looked at.
 }
claim-channels-no = Which of two channels is better: of { $all } looked at, no pair differs by more than chance explains.
claim-adequacy-no = { $n ->
    [one] How adequate the replies are: one answered inquiry waits for coding.
   *[other] How adequate the replies are: { $shown } answered inquiries wait for coding.
 }
claim-order-no = Whether it is the channel or the order: every company was asked in the same order of channels.
claim-open-no = { $n ->
    [one] How one inquiry ended: it was not followed to the end.
   *[other] How { $shown } inquiries ended: they were not followed to the end.
 }
claim-unknown-no = { $n ->
    [one] Whether one message arrived.
   *[other] Whether { $shown } messages arrived.
 }
claim-cause-no = Why companies answered or did not: only what came back was seen.
refused-too-few-companies = Fewer than three companies were watched long enough.
refused-not-seen-to-differ = Their counts vary no more than chance makes equal companies vary: these companies cannot be told apart.
refused-all-or-nothing = Each company answered all or nothing, so differences between companies cannot be told from chance: these companies cannot be told apart.
refused-all-tied = Every company’s interval reaches that of every other: these companies cannot be told apart.
role-primary = This comparison was fixed before the wave began; all others are exploratory.
any-of-several = A question asked on several channels of a side counts as answered where any of them answered.
clustered = The pairs come from companies that were asked repeatedly or belong together: the interval allows for it, and the test counts each of them once.
role-exploratory = This comparison is exploratory: the study did not fix it in advance.

# Channels
channels-lead = How often each channel was answered, how fast, and what it takes to ask there.
table-rates = Replies within { $window }
col-channel = Channel
col-asked = Asked
col-delivered = Delivered
col-replied-delivered = Replied, of those delivered and watched so long
col-replied-asked = Of all asked
col-adequate = Adequate, of those delivered
col-acknowledged = Acknowledged by a machine
col-came-back = Came back
col-median = Half answered after
col-quartile = A quarter after
col-interval = 95% interval
table-thresholds = Replied within, of those delivered and watched at least so long
table-times = How long a reply took
times-note = Kaplan–Meier: whoever was not answered is neither left out nor counted as never. “Not reached” means that fewer were answered by the end of the watch.
open-hours-note = In opening hours, where the study gives them, half were answered after { $median }.
table-offered = Which channels are offered
col-offered = Offered
col-not-offered = Looked for, not offered
col-not-looked = Nobody looked
table-cost = What asking costs
cost-note = What a contact point demands before a question can leave, where somebody looked. Fields and clicks: the median.
col-looked = Looked at
col-fields = Fields to fill
col-clicks = Clicks from the home page
col-account = An account
col-phone = A telephone number
col-name = A name
col-captcha = A CAPTCHA
suggested-note = What replies that nobody has coded seem to be, as a machine reads them, is not counted here.
text-replied = Replied
text-adequate = Adequate
text-median = Half after
text-tiles = Channels
text-claims-yes = These data carry:
text-claims-no = These data do not carry:
all-together = All together
with-reminders = With what came after reminders: { $rate }.
rates-note = In brackets: 95% Wilson interval, widened where companies were asked repeatedly. An inquiry that was not followed to the end is left out of a denominator, not counted as silent.
chart-rates = Replied within { $window }
chart-rates-alt = Forest plot: the share of delivered inquiries that were replied to within { $window }, with 95% intervals.
chart-latency-groups = Share replied to, by time since asking
chart-latency-channels = Share replied to, by time since asking, channel by channel
chart-latency-alt = Curves of the share of inquiries replied to by time since asking, from a minute to the end of the window, with 95% bands and the numbers still waiting.
chart-latency-said = { $name }: { $hour } after an hour, { $day } after a day, { $end } after { $window }.
at-risk = Still waiting, and watched
chart-slopes = Each company on both sides, within { $window }
chart-slopes-alt = Lines from each company’s share on { $left } to its share on { $right }: { $better } rising, { $equal } level, { $worse } falling.
difference = Difference
slopes-note = A line is as thick as there are companies on it; numbers count companies at its ends.
pairs-title = Channels against each other
col-pair = Pair
col-questions = Questions on both
col-difference = Difference, points
col-p-holm = p, adjusted
pairs-note = Exploratory: on questions that went out on both; exact sign-flip test by company, adjusted for all pairs (Holm). The intervals are not adjusted: a pair differs where both leave out no difference.

# Companies
companies-lead = Each company by itself, and how far they can be told apart.
ranking = Order
ranking-none = There is no order. { $why }
ranking-note = Rates are drawn towards what is usual, the more the fewer inquiries a company got (empirical Bayes). Companies whose intervals overlap are tied: their place is a range.
col-company = Company
col-place = Place
col-own-rate = Own rate
col-drawn = Drawn together
chart-tiles = What each company did on each channel
chart-tiles-alt = Tiles, companies by channels.
tiles-note = A tile shows the best that a company did on a channel; a fraction counts replies of inquiries.
col-what = What it came to
col-question = Question
col-sent = Asked
col-then = Then
company-rate = { $rate } replied to within { $window }
company-none = No question was delivered to it.
company-place = Place { $place }
company-zone = Times are in { $zone }.
company-industry = Industry: { $industry }
timeline-alt = { $company }: its inquiries on a time axis from asking to { $window }. The table beside it says the same.
patterns-few = Too few replies for a pattern of hours or days.
patterns-title = Its first replies, in its own time.
patterns-said = { $company }: first replies by hour and day. { $said }
company-comment = What the company says
mark-sent = asked
mark-reminded = reminded
mark-acknowledged = a machine said “received”
mark-automatic = a machine answered
mark-seen = seen by the company
mark-bounced = came back
mark-replied = a reply
mark-called = a missed call
mark-redirected = sent elsewhere: { $to }
mark-redirected-nowhere = sent elsewhere
mark-redirected-back = sent back to where we had been: { $to }
mark-promised = a promise
mark-promised-due = a promise, due { $due }
mark-kept = a promise kept
mark-broken = a promise not kept
mark-after = { $what } after { $time }
mark-via = { $what } on { $via }
chart-rhythm = When first replies came, in each company’s own time
chart-rhythm-alt = Bars: first replies by hour of the day and by day of the week.
hour-of-day = By hour of the day
day-of-week = By day of the week

# What they said
said-lead = What the replies were worth, as people coded them.
table-adequacy = How replies are coded, by channel
adequacy-none = No reply has been coded yet.
adequacy-uncoded = not coded yet
adequacy-note = The best reply of each inquiry within the window.
item-adequacy = How adequate is it?
item-differed = { $settled } settled, { $open } open
table-items = What raters were asked about each reply
col-asked-raters = Asked
col-coded = Replies coded
col-values = As what
col-twice = Coded by several, agreeing
col-alpha = Krippendorff’s alpha
col-differed = Coded differently
items-note = A reply counts as what most raters said, or as what was decided where they differed. Alpha: 1 is agreement, 0 what chance gives.
chart-flows = Where askers were sent
chart-flows-alt = Ribbons from the channel that was asked to where the reply sent us.
flow-asked = asked on
flow-sent-to = sent to
flows-none = No reply was coded as sending us elsewhere.
promises = Promises
promises-none = No promise was recorded.
quotes = In their words
quotes-none = No quotation was chosen.
quotes-note = Chosen and approved by a person; names, addresses, telephone, account and ticket numbers are blacked out.
quote-by = { $company }, { $channel }
quote-pending = not approved for publication

# Waves
waves-lead-replied = What changed on the same companies and questions: replied within { $within }, before any reminder.
waves-lead-adequate = What changed on the same companies and questions: an adequate answer within { $within }, before any reminder.
chart-waves = From { $from } to { $to }
chart-waves-alt = Shares before and after, with the change in percentage points and its 95% interval.
table-waves = From { $from } to { $to }
col-before = Before
col-after = After
col-change = Change, points
col-p = p
waves-note = Exploratory: many changes are looked at, and some differ by chance. Newcombe’s interval, widened where companies were asked repeatedly; exact sign-flip test by company.
waves-companies = Of { $companies } asked the same in both waves, { $better } did better by this measure than before, { $equal } as well, { $worse } worse.
waves-by-company = Company by company
waves-unmatched = { $n ->
    [one] One inquiry of either wave has no like in the other, and is left out.
   *[other] { $shown } inquiries of either wave have no like in the other, and are left out.
 }

# Method
method-lead = How this was measured, and what it cannot say.
design = Design
d-purpose = Purpose
d-approval = Approval
d-sampling = Sampling frame
d-selected = Selected
d-replace = Replacement
d-start = Start
d-assignment = Channels of a company
d-assignment-all = all it offers
d-assignment-one-of-each = one of each channel group, drawn at random
d-assignment-some = { $n ->
    [one] one, drawn at random
   *[other] { $shown }, drawn at random
 }
d-assignment-one-channel = one, drawn at random: parallel groups
d-order = Order of channels
d-order-listed = as the study lists them, the same for every company
d-order-random = drawn at random for each company
d-order-latin-square = balanced over companies
d-hours = Questions leave
d-washout = Between two questions to a company
d-reminders = Reminders
d-reminders-some = { $n ->
    [one] one, after { $every }
   *[other] { $shown }, one every { $every }
 }
d-cap = Most messages to a company
d-thresholds = Thresholds
d-language = Language of the questions
d-elsewhere = A reply on another channel than was asked
d-elsewhere-credit = counts for the channel that was asked
d-elsewhere-not = is shown, and not counted
d-missed = A missed call
d-missed-contact = counts as a reply, not as an adequate one
d-missed-ignore = does not count
questions = What was asked
question-has = A full answer has: { $has }
chart-flow = From the plan to the coded replies
flow-planned = Planned
flow-sent = Sent
flow-delivered = Delivered
flow-observed = Observed for the whole window
flow-replied = Replied to
flow-coded = Coded
lost-pending = not sent yet
lost-blocked = blocked, and done by no person
lost-entries-rejected = entries rejected by the site, and done by no person
lost-late = overdue while nothing ran
lost-stopped = the company asked to be left alone
lost-impossible = a person found it impossible
lost-bounced = bounced
lost-refused = refused
lost-never-taken = not taken in any try
lost-in-doubt = delivery in doubt
lost-held = held for moderation
lost-not-followed = not followed to the end
lost-silent = no reply within the window
lost-uncoded = replied to, not coded yet
chart-sent = When questions left, by channel
chart-sent-alt = Bars by hour of the day, in the companies’ time.
definitions = Definitions
def-reply = Reply
def-reply-is = A person of the company says something, on the telephone too. A machine’s “received” is none.
def-adequate = Adequate
def-adequate-is = A rater found the question answered. A reply that answers nothing is no answer.
def-silent = No reply
def-silent-is = Nothing from a person within { $window }. It does not mean never.
def-not-followed = Not followed to the end
def-not-followed-is = The watch ended before the window did. Such an inquiry is not counted as silent.
def-delivered = Delivered
def-delivered-is = The other side took the message, and it did not come back.
def-latency = Time to a reply
def-latency-is = From the moment the other side took the question to the first reply, by the clock of the server that received it for us.
sensitivity = Sensitivity
sensitivity-none = Every delivery is settled: nothing to vary.
sensitivity-unknown = { $n ->
    [one] Of one message it is not known whether it arrived.
   *[other] Of { $shown } messages it is not known whether they arrived.
 }
sensitivity-range = The response rate is { $silent } if they arrived and stayed silent, { $undelivered } if they did not arrive, { $replied } if they were replied to.
table-variants = The comparison, with each doubt settled by itself
col-settled = If
variant-as-counted = as counted
variant-unknown-silent = { $n ->
    [one] the message of unknown delivery arrived, and nobody replied
   *[other] the { $shown } messages of unknown delivery arrived, and nobody replied
 }
variant-unknown-undelivered = { $n ->
    [one] it did not arrive
   *[other] they did not arrive
 }
variant-unknown-answered = { $n ->
    [one] it was answered at once
   *[other] they were answered at once
 }
variant-open-silent = { $n ->
    [one] the inquiry not followed to the end stayed without a reply
   *[other] the { $shown } inquiries not followed to the end stayed without a reply
 }
variant-open-answered = { $n ->
    [one] it was answered at once
   *[other] they were answered at once
 }
variant-unsure-none = { $n ->
    [one] the reply that may be something else was none
   *[other] the { $shown } replies that may be something else were none
 }
variant-unsure-all = { $n ->
    [one] the inquiry with a message that may be a reply was answered
   *[other] the { $shown } inquiries with a message that may be a reply were answered
 }
variants-hold = However each doubt is settled by itself, the comparison says the same.
variants-differ = How a doubt is settled decides what the comparison says: read it with this table.
variants-none = Nothing in doubt could change the comparison: every delivery is settled, every inquiry was followed to the end, and no message is unsure.
variants-hidden = The comparison with each doubt settled is not shown: too few companies stand behind it, or nothing is compared.
variants-note = Both ends are extremes. “Answered at once” also means adequately.
cells = Small figures
cells-rule = No figure about several companies has fewer than { $min } behind it. A channel on which fewer were asked, or got the question, is put together with others of its group before anything is counted, in all tables, pictures and files; where those together are still too few, the next smallest joins them, so that no sum minus its published parts gives a figure away. Pairs of channels with fewer companies are left out. What was put together cannot be told apart by any figure of this edition, nor with an edition for other readers beside it.
cells-merged = Put together: { $list }.
cells-dates = Every company was asked in the same order of channels, so that dates would tell on which of the channels put together it was asked. Dates, hours and weekdays are therefore left out of all tables, pictures and files: each question stands as if it had been asked when the wave began. How long everything took stays; how long an inquiry was watched is rounded down to a threshold.
pseudonyms-note = Companies have pseudonyms, in an order that tells nothing. Industry, time zone and country are left out where few companies share them; opening hours, question texts and addresses always are.
amendments = Amendments
amendments-none = Nothing was changed after the plan was made.
conduct = Conduct
conduct-none = The study gives no statement.
conduct-always = Nobody was asked twice by accident, no CAPTCHA, login or platform rule was worked around, and a company that asks to be left alone is left alone.
comments = What companies say
record = The record
r-version = Software
r-plan = Plan (SHA-256)
r-root = Journal’s root
r-events = Events
r-licence = Licence of the data
rebuild = How to rebuild each number
rebuild-journal = With the journal: verify it, then score it.
rebuild-bundle = Without it: the bundle beside this report gives every published number.
checklist = What reporting checklists ask
checklist-lead = Items of STROBE (observational studies) and of the ICC/ESOMAR code for mystery research, and where they stand here.
col-item = Item
col-where = Section
check-1 = STROBE 1: title, and a summary of what was done and found
check-2 = STROBE 2–3: background, objectives, hypotheses fixed in advance
check-3 = STROBE 4–5: design, setting, dates
check-4 = STROBE 6: participants, sampling frame, selection
check-5 = STROBE 7–8: definitions of outcomes, sources of data, measurement
check-6 = STROBE 9: efforts against bias (order, assignment, send times)
check-7 = STROBE 10: study size
check-8 = STROBE 11–12: variables, statistical methods, missing data, sensitivity
check-9 = STROBE 13: numbers at each stage, reasons for exclusion
check-10 = STROBE 14–17: descriptive data, outcomes, main results, other analyses
check-11 = STROBE 18–21: key results, limits, interpretation, generalisability
check-12 = STROBE 22: funding and purpose
check-13 = ICC/ESOMAR: purpose, legality, no undue burden on those studied
check-14 = ICC/ESOMAR: no personal data of staff; identities protected
check-15 = ICC/ESOMAR: facts kept apart from interpretation; findings can be checked
not-stated = not stated
