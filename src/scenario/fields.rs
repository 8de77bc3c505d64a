//! The shape of a study file, as one table: every key, what may stand there and what it means.
//! The reading, the errors and the JSON Schema all come from here.

mod discovered;
mod recipe;

use super::codebook;
use super::leaf::Leaf;
use super::shape::{Field, Map, Shape, optional, required};
use super::words::Word;
use crate::model::channel::Channel;
use discovered::{CONFIRMED, COST, FOUND, SHARED};
use recipe::{ENGINE, STEPS, SUCCESS};

pub(super) const TEXT: Shape = Shape::Leaf(Leaf::Text);
pub(super) const ID: Shape = Shape::Leaf(Leaf::Id);
const SPAN: Shape = Shape::Leaf(Leaf::Span);
const PROBABILITY: Shape = Shape::Leaf(Leaf::Probability);
const SERVER: Shape = Shape::Either(&[Shape::Leaf(Leaf::Server), Shape::Map(&SERVER_MAP)]);
const VISIBILITY: Shape = Shape::Leaf(Leaf::Choice(&VISIBILITIES));

/// The channels, as words.
pub(super) static CHANNELS: [Word; 12] = {
    let mut words = [("", ""); 12];
    let mut at = 0;
    while at < words.len() {
        words[at].0 = Channel::ALL[at].name();
        at += 1;
    }
    words
};

pub(super) static ALIASES: [Word; 3] = [
    ("catch-all", "any local part of the domain arrives: human-looking names"),
    ("plus", "`local+tag@domain`"),
    ("none", "always the same address"),
];
pub(super) static SECURITIES: [Word; 3] =
    [("tls", "TLS from the first byte"), ("starttls", "plain, then STARTTLS"), ("plain", "none; loopback only")];
pub(super) static INTENTS: [Word; 3] = [
    ("pre-sale", "a possible customer"),
    ("support", "a customer with a question"),
    ("complaint", "a customer with a complaint"),
];
pub(super) static VISIBILITIES: [Word; 2] = [("public", "everybody can read it"), ("private", "the company alone")];
pub(super) static PER_COMPANY: [Word; 3] = [
    ("all", "all channels it offers"),
    ("one of each", "one, drawn at random, of each channel group"),
    ("one channel", "one, drawn at random: parallel groups"),
];
pub(super) static ORDERS: [Word; 3] = [
    ("listed", "as the study lists them; order cannot be told apart from channel"),
    ("random", "drawn for each company"),
    ("latin square", "balanced over companies"),
];
pub(super) static STRATIFY: [Word; 1] = [("industry", "within each industry")];
pub(super) static REPLY_ELSEWHERE: [Word; 2] = [
    ("credit asked channel", "it counts for the channel that was asked"),
    ("do not count", "it is shown and not counted"),
];
pub(super) static MISSED_CALL: [Word; 2] =
    [("contact, not adequate", "a reply, but no adequate one"), ("ignore", "nothing")];
pub(super) static NAMES: [Word; 2] = [
    ("pseudonyms", "nobody but the team and the company itself learns which company is which"),
    ("shown", "the companies' own"),
];
pub(super) static QUOTATIONS: [Word; 2] =
    [("approved", "those that a person approved"), ("none", "no words of theirs")];
pub(super) static LATE: [Word; 2] = [("send", "in the next send window"), ("skip", "not at all")];
pub(super) static SAYS: [Word; 6] = [
    ("answer", "the answer"),
    ("partial", "part of it"),
    ("redirect", "come and see us, call us"),
    ("promise_broken", "we will call you back, and nobody does"),
    ("promise_kept", "we will call you back, and somebody does a day later"),
    ("canned", "the same text to everybody"),
];

/// The whole study.
pub(super) static STUDY: Map = Map {
    name: "study",
    fields: &[
        required("study", ID, "The study's id, which names its folder of results."),
        optional("title", TEXT, "What a report calls it. Default: the id."),
        required("language", Shape::Leaf(Leaf::Language), "The language of the questions, by its two letters."),
        optional("seed", Shape::Leaf(Leaf::Count(0, i64::MAX as u64)), "Seed of every random choice. Default: 0."),
        optional(
            "timezone",
            Shape::Leaf(Leaf::Timezone),
            "Time zone of companies that name none. Default: UTC, with a warning.",
        ),
        optional("country", Shape::Leaf(Leaf::Country), "Country of companies that name none, for public holidays."),
        required("conduct", Shape::Map(&CONDUCT), "Why the study is allowed, and how much it may burden."),
        optional("sample", Shape::Map(&SAMPLE), "How the companies were chosen."),
        optional("mailbox", Shape::OneOrMore(&Shape::Map(&MAILBOX)), "The mail account that asks and watches."),
        optional("mailboxes", Shape::OneOrMore(&Shape::Map(&MAILBOX)), "The mail accounts, where there are several."),
        optional("mastodon", Shape::OneOrMore(&Shape::Map(&MASTODON)), "Our Mastodon account, or several."),
        optional("persona", Shape::OneOrMore(&Shape::Map(&PERSONA)), "Who asks."),
        optional("personas", Shape::OneOrMore(&Shape::Map(&PERSONA)), "Who asks, where there are several."),
        required("questions", Shape::Named { key: Leaf::Id, each: &Shape::Map(&QUESTION) }, "What is asked, by id."),
        required(
            "companies",
            Shape::Either(&[TEXT, Shape::List(&Shape::Map(&COMPANY))]),
            "Who is asked: a list, or the path of a CSV with the same names as columns, or of a YAML list.",
        ),
        required("design", Shape::Map(&DESIGN), "How companies, channels and moments are combined."),
        optional(
            "primary",
            Shape::Leaf(Leaf::Primary),
            "The one confirmatory comparison: `adequate within 7d, own vs outside`.",
        ),
        optional(
            "thresholds",
            Shape::OneOrMore(&SPAN),
            "Times within which a reply is counted. Default: 24h and 7d, as far as the window reaches.",
        ),
        optional("rules", Shape::Map(&RULES), "What is decided in advance about unclear cases."),
        optional("publish", Shape::Map(&PUBLISH), "What a report for the public may show."),
        optional(
            "codebook",
            Shape::List(&Shape::Either(&[ID, Shape::Map(&codebook::ITEM)])),
            "What raters are asked about each reply, beside its adequacy: items, or names of default ones. \
             Default: where it sends the asker, its tone, and what else Risposta looks for.",
        ),
        optional(
            "rehearsal",
            Shape::List(&Shape::Map(&BEHAVIOUR)),
            "How simulated companies behave: the first rule that fits decides.",
        ),
    ],
};

static CONDUCT: Map = Map {
    name: "conduct section",
    fields: &[
        required("purpose", TEXT, "Why it is done: `public-interest`, `client-audit`, `research`, …"),
        optional("approval", TEXT, "Who approved it, and under which number."),
        required(
            "max_messages_per_company",
            Shape::Leaf(Leaf::Count(1, 1000)),
            "Most messages one company gets in a wave, reminders included.",
        ),
        optional(
            "max_messages_per_group",
            Shape::Leaf(Leaf::Count(1, 10_000)),
            "Most messages one group of companies gets in a wave.",
        ),
        optional(
            "user_agent",
            Shape::Leaf(Leaf::UserAgent),
            "How `discover` tells web sites who visits: `acme-audit/1.0 (+https://acme.example/audit)`.",
        ),
    ],
};

static SAMPLE: Map = Map {
    name: "sample section",
    fields: &[
        required("frame", TEXT, "The list they were taken from, with its date."),
        required("selected", TEXT, "How: `random`, `all`, `convenience`."),
        optional("replace", TEXT, "Whether a company that drops out is replaced. Default: `never`."),
    ],
};

static MAILBOX: Map = Map {
    name: "mailbox",
    fields: &[
        optional("id", ID, "Its id. Default: `main`."),
        required("address", Shape::Leaf(Leaf::Email), "The address questions are asked from."),
        optional(
            "alias",
            Shape::Leaf(Leaf::Choice(&ALIASES)),
            "How each inquiry gets an address of its own. Default: `none`.",
        ),
        optional(
            "imap",
            SERVER,
            "The server where replies arrive: `host`, `host:port` or host, port and security. Default: port 993, TLS.",
        ),
        optional("maildir", TEXT, "The Maildir where replies arrive, instead of `imap`."),
        optional("smtp", SERVER, "The server that takes our mail. Default: port 587 with STARTTLS; TLS on port 465."),
        optional(
            "copy",
            Shape::Leaf(Leaf::Flag),
            "Whether our own mailbox gets a blind copy of each question, which proves that it left. Default: `false`.",
        ),
        optional("user", TEXT, "User name of the servers. Default: the address."),
        optional("password", Shape::Leaf(Leaf::Secret), "`env:NAME` or `file:PATH`."),
        optional("spam", TEXT, "The spam folder, where the server does not mark it."),
        optional(
            "folders",
            Shape::OneOrMore(&TEXT),
            "Folders that mail is delivered into, beside INBOX and spam. All others are looked into as well.",
        ),
        optional("ca_file", TEXT, "Own certificate authority (PEM)."),
    ],
};

static SERVER_MAP: Map = Map {
    name: "server",
    fields: &[
        required("host", TEXT, "Host name or IP address."),
        optional("port", Shape::Leaf(Leaf::Count(1, 65_535)), "TCP port."),
        optional("security", Shape::Leaf(Leaf::Choice(&SECURITIES)), "How the connection is protected."),
    ],
};

static MASTODON: Map = Map {
    name: "mastodon account",
    fields: &[
        optional("id", ID, "Its id. Default: `mastodon`."),
        required("instance", Shape::Leaf(Leaf::Url), "The instance's address."),
        required("token", Shape::Leaf(Leaf::Secret), "The access token: `env:NAME` or `file:PATH`."),
    ],
};

static PERSONA: Map = Map {
    name: "persona",
    fields: &[
        optional("id", ID, "Its id. Default: `main`."),
        required("name", TEXT, "Full name, as a person would sign."),
        optional("phone", TEXT, "Telephone number that forms get."),
        optional("salutation", TEXT, "How forms are to address it: `Mrs`, `Herr`. Default: no choice is made."),
        optional("company", TEXT, "The company it asks for, where a form demands one."),
        optional("street", TEXT, "Street and house number, where a form demands them."),
        optional("house_number", TEXT, "House number, where a form asks for it by itself."),
        optional("postcode", TEXT, "Postal code."),
        optional("city", TEXT, "Town."),
        optional("region", TEXT, "Province, state or canton."),
        optional("country", TEXT, "Country, in the forms' language."),
        optional("order_number", TEXT, "Number of an order, where a form demands one."),
        optional("customer_number", TEXT, "Number of a customer, where a form demands one."),
        optional("position", TEXT, "Position in the company."),
        optional("website", TEXT, "Web site, where a form demands one."),
        optional("mailbox", ID, "The mail account it writes from. Default: the only one, or `main`."),
        optional("mastodon", ID, "The Mastodon account it writes from. Default: the only one, or `mastodon`."),
    ],
};

static QUESTION: Map = Map {
    name: "question",
    fields: &[
        optional("intent", Shape::Leaf(Leaf::Choice(&INTENTS)), "What the asker wants."),
        optional("subject", TEXT, "Template of the subject, for channels that have one."),
        optional("text", TEXT, "Template of the text."),
        optional("wordings", Shape::OneOrMore(&TEXT), "Equivalent texts, in place or by file, rotated over channels."),
        optional("answer_has", Shape::OneOrMore(&TEXT), "What a full answer contains."),
        optional("if_asked_back", TEXT, "What is answered, once, when the company asks back."),
        optional("reminder", TEXT, "Template of a reminder. Default: a plain one in the study's language."),
    ],
};

/// A company; also the columns of a CSV.
pub(super) static COMPANY: Map = Map {
    name: "company",
    fields: &[
        optional("id", ID, "Its id. Default: made from the name."),
        required("name", TEXT, "Its name, as a report prints it."),
        optional("industry", TEXT, "Its industry."),
        optional("group", ID, "The holding, franchise or call centre it belongs to."),
        optional("timezone", Shape::Leaf(Leaf::Timezone), "Its time zone."),
        optional("hours", Shape::Leaf(Leaf::Hours), "Opening hours as OpenStreetMap writes them."),
        optional("country", Shape::Leaf(Leaf::Country), "Its country, for public holidays."),
        optional("website", Shape::Leaf(Leaf::Url), "Its web site."),
        optional("address", TEXT, "Its postal address, on one line."),
        optional("ask", ASK, "The questions it gets. Default: the only question."),
        optional("vars", Shape::Named { key: Leaf::Variable, each: &TEXT }, "Values for the question's template."),
        optional("persona", ID, "Who asks it. Default: personas in rotation."),
        contact(Channel::Email, &[Shape::Leaf(Leaf::Contact(Channel::Email)), Shape::Map(&EMAIL)]),
        contact(Channel::WebForm, &[Shape::Leaf(Leaf::Contact(Channel::WebForm)), Shape::Map(&WEB_FORM)]),
        contact(Channel::Mastodon, &[Shape::Leaf(Leaf::Contact(Channel::Mastodon)), Shape::Map(&MASTODON_HANDLE)]),
        contact(Channel::Facebook, &[Shape::Leaf(Leaf::Contact(Channel::Facebook)), Shape::Map(&FACEBOOK)]),
        contact(Channel::Instagram, &[Shape::Leaf(Leaf::Contact(Channel::Instagram)), Shape::Map(&INSTAGRAM)]),
        contact(Channel::Whatsapp, &[Shape::Leaf(Leaf::Contact(Channel::Whatsapp)), Shape::Map(&WHATSAPP)]),
        contact(Channel::Telegram, &[Shape::Leaf(Leaf::Contact(Channel::Telegram)), Shape::Map(&TELEGRAM)]),
        contact(Channel::X, &[Shape::Leaf(Leaf::Contact(Channel::X)), Shape::Map(&X)]),
        contact(Channel::Linkedin, &[Shape::Leaf(Leaf::Contact(Channel::Linkedin)), Shape::Map(&LINKEDIN)]),
        contact(Channel::Chat, &[Shape::Leaf(Leaf::Contact(Channel::Chat)), Shape::Map(&CHAT)]),
        contact(Channel::Forum, &[Shape::Leaf(Leaf::Contact(Channel::Forum)), Shape::Map(&FORUM)]),
        contact(Channel::Phone, &[Shape::Leaf(Leaf::Contact(Channel::Phone)), Shape::Map(&PHONE)]),
    ],
};

const fn contact(channel: Channel, shapes: &'static [Shape]) -> Field {
    optional(
        channel.name(),
        Shape::Either(shapes),
        "Where it is reached on this channel; `none` = looked for, not offered.",
    )
}

const ASK: Shape = Shape::OneOrMore(&Shape::Either(&[
    Shape::Leaf(Leaf::Asks),
    Shape::Map(&Map {
        name: "ask",
        fields: &[
            required("question", ID, "The question."),
            optional("times", Shape::Leaf(Leaf::Count(1, 100)), "How often, on each channel. Default: once."),
        ],
    }),
]));

static EMAIL: Map = Map {
    name: "contact by email",
    fields: &[
        required("address", Shape::Leaf(Leaf::Handle(Channel::Email)), "The address."),
        CONFIRMED,
        SHARED,
        FOUND,
        COST,
    ],
};

static WEB_FORM: Map = Map {
    name: "web form",
    fields: &[
        required("url", Shape::Leaf(Leaf::Handle(Channel::WebForm)), "The page that holds the form."),
        optional("form", TEXT, "CSS selector of the form. Default: detected."),
        optional(
            "fields",
            Shape::Named { key: Leaf::Text, each: &TEXT },
            "What to write where: field → template, or one of name, email, phone, subject, message, consent.",
        ),
        optional(
            "success",
            Shape::Either(&[TEXT, Shape::Map(&SUCCESS)]),
            "What proves that the form was taken: a text, or more.",
        ),
        ENGINE,
        STEPS,
        CONFIRMED,
        SHARED,
        FOUND,
        COST,
    ],
};

static MASTODON_HANDLE: Map = Map {
    name: "contact by mastodon",
    fields: &[
        required("handle", Shape::Leaf(Leaf::Handle(Channel::Mastodon)), "`user@instance`."),
        optional("visibility", VISIBILITY, "Who can read the question. Default: public."),
        CONFIRMED,
        SHARED,
        FOUND,
        COST,
    ],
};

/// A contact that a person writes to: its address, who can read it, where the person goes.
macro_rules! assisted {
    ($map:ident, $name:literal, $key:literal, $channel:ident) => {
        static $map: Map = Map {
            name: $name,
            fields: &[
                required($key, Shape::Leaf(Leaf::Handle(Channel::$channel)), "Its address on this channel."),
                optional("visibility", VISIBILITY, "Who can read the question."),
                optional("link", Shape::Leaf(Leaf::Url), "Where the person goes."),
                CONFIRMED,
                SHARED,
                FOUND,
                COST,
            ],
        };
    };
}
assisted!(FACEBOOK, "contact by facebook", "page", Facebook);
assisted!(INSTAGRAM, "contact by instagram", "handle", Instagram);
assisted!(WHATSAPP, "contact by whatsapp", "number", Whatsapp);
assisted!(TELEGRAM, "contact by telegram", "handle", Telegram);
assisted!(X, "contact by x", "handle", X);
assisted!(LINKEDIN, "contact by linkedin", "handle", Linkedin);
assisted!(CHAT, "contact by chat", "url", Chat);
assisted!(FORUM, "contact by forum", "url", Forum);
assisted!(PHONE, "contact by phone", "number", Phone);

static DESIGN: Map = Map {
    name: "design section",
    fields: &[
        optional(
            "compare",
            Shape::Named { key: Leaf::Id, each: &Shape::OneOrMore(&Shape::Leaf(Leaf::Choice(&CHANNELS))) },
            "Channel groups to compare: name → channels.",
        ),
        optional(
            "per_company",
            Shape::Either(&[Shape::Leaf(Leaf::Choice(&PER_COMPANY)), Shape::Map(&SOME)]),
            "Which of its channels a company is asked on. Default: all.",
        ),
        optional("order", Shape::Leaf(Leaf::Choice(&ORDERS)), "The order of a company's channels. Default: random."),
        optional(
            "send",
            Shape::Leaf(Leaf::Hours),
            "When messages leave, in the company's time. Default: `Mo-Fr 09:00-17:00; PH off`.",
        ),
        required("window", SPAN, "How long an inquiry is watched."),
        optional("washout", SPAN, "Time between two inquiries to the same company. Default: the window."),
        optional("reminders", Shape::Map(&REMINDERS), "Reminders to those who stay silent. Default: none."),
        optional("pacing", Shape::Map(&PACING), "Least time between two messages."),
        optional("attempts", Shape::Leaf(Leaf::Count(1, 20)), "Most attempts to deliver one message. Default: 5."),
        optional(
            "stratify",
            Shape::Leaf(Leaf::Choice(&STRATIFY)),
            "With `per_company: one channel`: within what channels are compared. Default: over all companies.",
        ),
    ],
};

static SOME: Map = Map {
    name: "number of channels",
    fields: &[required("some", Shape::Leaf(Leaf::Count(1, 12)), "That many channels, drawn at random.")],
};

static REMINDERS: Map = Map {
    name: "reminders section",
    fields: &[
        required("max", Shape::Leaf(Leaf::Count(0, 10)), "Most reminders of one inquiry."),
        required("every", SPAN, "Time between them."),
    ],
};

static PACING: Map = Map {
    name: "pacing section",
    fields: &[
        optional("total", SPAN, "Anywhere. Default: 30s."),
        optional("channel", SPAN, "On one channel. Default: 1m."),
        optional("host", SPAN, "To one host. Default: 10m."),
    ],
};

static RULES: Map = Map {
    name: "rules section",
    fields: &[
        optional(
            "reply_elsewhere",
            Shape::Leaf(Leaf::Choice(&REPLY_ELSEWHERE)),
            "A reply on another channel than was asked. Default: credit asked channel.",
        ),
        optional(
            "missed_call",
            Shape::Leaf(Leaf::Choice(&MISSED_CALL)),
            "A call that nobody took. Default: contact, not adequate.",
        ),
        optional("late", Shape::Leaf(Leaf::Choice(&LATE)), "What became overdue while nothing ran. Default: skip."),
    ],
};

static PUBLISH: Map = Map {
    name: "publish section",
    fields: &[
        optional("names", Shape::Leaf(Leaf::Choice(&NAMES)), "What companies are called. Default: pseudonyms."),
        optional(
            "minimum_cell",
            Shape::Leaf(Leaf::Count(1, 1000)),
            "Fewest companies behind a published figure about several of them; a channel that fewer were asked on is put \
             together with others, and a wave that asked fewer is not published. Default: 5 with pseudonyms, 1 where \
             names are shown.",
        ),
        optional(
            "quotations",
            Shape::Leaf(Leaf::Choice(&QUOTATIONS)),
            "Which quotations of replies are shown. Default: approved.",
        ),
        optional("licence", TEXT, "The licence of the published data, as SPDX writes it: `CC-BY-4.0`."),
        optional("statement", TEXT, "How those who ask have conducted themselves, in their words."),
        optional(
            "comments",
            Shape::Named { key: Leaf::Id, each: &TEXT },
            "What companies say about the results, in their words, by the company's id.",
        ),
    ],
};

static BEHAVIOUR: Map = Map {
    name: "rehearsal rule",
    fields: &[
        optional("companies", Shape::OneOrMore(&ID), "Companies it holds for. Default: any."),
        optional("channels", Shape::OneOrMore(&ID), "Channels or channel groups it holds for. Default: any."),
        optional("questions", Shape::OneOrMore(&ID), "Questions it holds for. Default: any."),
        optional("reply", PROBABILITY, "Probability that a person replies. Default: 0.5."),
        optional("delay", SPAN, "Median time to the reply. Default: 24h."),
        optional(
            "spread",
            Shape::Leaf(Leaf::Amount),
            "Standard deviation of the delay's logarithm; 0 = always the median. Default: 0.5.",
        ),
        optional("acknowledge", PROBABILITY, "Probability of an automatic acknowledgement. Default: 0.2."),
        optional("bounce", PROBABILITY, "Probability that e-mail bounces. Default: 0."),
        optional("spam", PROBABILITY, "Probability that the reply lands in the spam folder. Default: 0."),
        optional(
            "says",
            Shape::OneOrMore(&Shape::Leaf(Leaf::Choice(&SAYS))),
            "What replies say, in equal shares. Default: answer.",
        ),
    ],
};
