//! What does each column mean? The codebook of the data package.

/// A column.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The type, as Table Schema calls it.
    pub(super) kind: &'static str,
    pub(super) means: &'static str,
}

/// A table.
pub(super) struct Table {
    pub(super) file: &'static str,
    pub(super) title: &'static str,
    pub(super) fields: &'static [Field],
}

const fn field(name: &'static str, kind: &'static str, means: &'static str) -> Field {
    Field { name, kind, means }
}

pub(super) const MEASURES: Table = Table {
    file: "measures.csv",
    title: "Every number, one a line",
    fields: &[
        field("level", "string", "What it is about: total, channel, group, company, comparison and the like"),
        field("name", "string", "Whose number it is"),
        field("measure", "string", "What was measured"),
        field("numerator", "integer", "How many, where it is a count or a rate"),
        field("denominator", "integer", "Of how many"),
        field("estimate", "string", "The estimate; `not_reached` for a quantile that the curve does not reach"),
        field("low", "string", "Lower end of the 95% interval"),
        field("high", "string", "Upper end of the 95% interval"),
        field("unit", "string", "Unit of estimate, low and high"),
        field("simulated", "string", "SIMULATED on every line of a rehearsal"),
    ],
};

pub(super) const INQUIRIES: Table = Table {
    file: "inquiries.csv",
    title: "Every inquiry, one a line; `risposta score --csv` reads those that have an outcome",
    fields: &[
        field("inquiry", "string", "The inquiry's id"),
        field("company", "string", "The company's id"),
        field("cluster", "string", "What it is counted as: its group, or itself"),
        field("industry", "string", "Its industry"),
        field("channel", "string", "The channel it was asked on"),
        field("question", "string", "The question's id"),
        field("attempt", "integer", "Which repetition, from 1"),
        field("position", "integer", "Position among the company's inquiries, from 1; 0 where it is not told"),
        field("sent_at", "datetime", "When the other side took the question"),
        field("window_end", "datetime", "Up to when it was, or would have been, watched; of a bounce, when it came"),
        field("first_ack_at", "datetime", "When a machine first said `received`"),
        field("first_reply_at", "datetime", "When a person first replied within the window"),
        field(
            "outcome",
            "string",
            "replied, no_reply, censored or bounced; empty where nothing arrived or nobody knows",
        ),
        field("adequacy", "string", "How the best reply within the window is coded"),
        field(
            "came_to",
            "string",
            "What it came to: answered, silent, censored, undelivered, unknown_delivery, not_asked",
        ),
        field("why", "string", "Why it was not delivered, is not known, or was not asked"),
        field("latency_seconds", "integer", "Seconds to the first reply within the window"),
        field("observed_seconds", "integer", "Seconds that it was, or would have been, watched"),
        field("adequate_seconds", "integer", "Seconds to the first adequate reply within the window"),
        field("reminded_seconds", "integer", "Seconds to the first reminder"),
        field("simulated", "string", "SIMULATED on every line of a rehearsal"),
    ],
};

pub(super) const COMPANIES: Table = Table {
    file: "companies.csv",
    title: "Every company, one a line",
    fields: &[
        field("company", "string", "Its id, or its pseudonym"),
        field("name", "string", "Its name, or its pseudonym"),
        field("industry", "string", "Its industry; empty where few companies share it and names are not shown"),
        field("timezone", "string", "Its time zone (IANA)"),
        field("offers", "string", "Channels that it offers, between semicolons"),
        field("lacks", "string", "Channels that were looked for and are not offered, between semicolons"),
        field("simulated", "string", "SIMULATED on every line of a rehearsal"),
    ],
};
