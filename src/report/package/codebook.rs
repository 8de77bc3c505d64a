//! What does each column mean? The codebook of the data package.

/// A column: its name, its type as Table Schema calls it, and what it means.
pub(super) type Field = (&'static str, &'static str, &'static str);

/// A table.
pub(super) struct Table {
    pub(super) file: &'static str,
    pub(super) title: &'static str,
    pub(super) fields: &'static [Field],
}

const STRING: &str = "string";
const INTEGER: &str = "integer";
const DATETIME: &str = "datetime";
const SIMULATED: Field = ("simulated", STRING, "SIMULATED on every line of a rehearsal");

/// The columns of numbers, one a line.
const NUMBERS: &[Field] = &[
    ("level", STRING, "What it is about: total, channel, group, company, comparison and the like"),
    ("name", STRING, "Whose number it is"),
    ("measure", STRING, "What was measured"),
    ("numerator", INTEGER, "How many, where it is a count or a rate"),
    ("denominator", INTEGER, "Of how many"),
    ("estimate", STRING, "The estimate; `not_reached` for a quantile that the curve does not reach"),
    ("low", STRING, "Lower end of the 95% interval"),
    ("high", STRING, "Upper end of the 95% interval"),
    ("unit", STRING, "Unit of estimate, low and high"),
    SIMULATED,
];

pub(super) const MEASURES: Table = Table { file: "measures.csv", title: "Every number, one a line", fields: NUMBERS };

pub(super) const CHANGES: Table =
    Table { file: "changes.csv", title: "Every change between waves, one a line", fields: NUMBERS };

pub(super) const INQUIRIES: Table = Table {
    file: "inquiries.csv",
    title: "Every inquiry, one a line; `risposta score --csv` gives the wave's numbers again",
    fields: &[
        ("inquiry", STRING, "The inquiry's id"),
        ("company", STRING, "The company's id"),
        ("cluster", STRING, "What it is counted as: its group, or itself"),
        ("industry", STRING, "Its industry"),
        ("channel", STRING, "The channel it was asked on"),
        ("question", STRING, "The question's id"),
        ("attempt", INTEGER, "Which repetition, from 1"),
        ("position", INTEGER, "Position among the company's inquiries, from 1; 0 where it is not told"),
        (
            "sent_at",
            DATETIME,
            "When the other side took the question; the wave's start for all in an edition that leaves dates out",
        ),
        ("window_end", DATETIME, "Up to when it was, or would have been, watched; of a bounce, when it came"),
        ("first_ack_at", DATETIME, "When a machine first said `received`"),
        ("first_reply_at", DATETIME, "When a person first replied within the window"),
        ("outcome", STRING, "replied, no_reply, censored or bounced; empty where nothing arrived or nobody knows"),
        ("adequacy", STRING, "How the best reply within the window is coded"),
        ("came_to", STRING, "What it came to: answered, silent, censored, undelivered, unknown_delivery, not_asked"),
        ("why", STRING, "Why it was not delivered, is not known, or was not asked"),
        ("latency_seconds", INTEGER, "Seconds to the first reply within the window"),
        (
            "observed_seconds",
            INTEGER,
            "Seconds that it was, or would have been, watched; down to a threshold where dates are left out",
        ),
        ("adequate_seconds", INTEGER, "Seconds to the first adequate reply within the window"),
        ("reminded_seconds", INTEGER, "Seconds to the first reminder"),
        ("uncoded_replies", INTEGER, "Replies within the window that nobody has coded yet"),
        SIMULATED,
    ],
};

pub(super) const COMPANIES: Table = Table {
    file: "companies.csv",
    title: "Every company, one a line",
    fields: &[
        ("company", STRING, "Its id, or its pseudonym"),
        ("name", STRING, "Its name, or its pseudonym"),
        ("industry", STRING, "Its industry; empty where few companies share it and names are not shown"),
        ("timezone", STRING, "Its time zone (IANA)"),
        ("offers", STRING, "Channels that it offers, between semicolons"),
        ("lacks", STRING, "Channels that were looked for and are not offered, between semicolons"),
        SIMULATED,
    ],
};
