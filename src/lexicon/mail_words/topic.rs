//! What are the sections of the data about, and where are their phrases looked for?

/// What phrases are about: a section of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Names and local parts of what sends bounces.
    BounceSender,
    /// Subjects of bounces.
    BounceSubject,
    /// Text of bounces.
    BounceBody,
    /// How a mail system opens a report, and a person hardly a letter.
    BounceReport,
    /// What servers say to each other.
    BounceDialog,
    /// A virus scanner or filter stopped it.
    BounceGateway,
    /// "Deleted without being read".
    Unread,
    /// It did arrive, or was read.
    Delivered,
    /// The other side still tries.
    Delay,
    /// It has stopped trying.
    DelayOver,
    /// A text says of itself that a machine wrote it.
    Automatic,
    /// "Generated automatically", of a message or of something else.
    AutomaticLoose,
    /// "Message".
    AutomaticNoun,
    /// It speaks of a machine's answer that came before.
    AutomaticEarlier,
    /// "Do not reply to this address".
    NoAnswer,
    /// A subject says so.
    AutomaticSubject,
    /// "We have received your request".
    Received,
    /// "We will get back to you".
    Promise,
    /// The same in a subject.
    ReceivedSubject,
    /// "Prove that you are a person".
    Challenge,
    /// Subjects of absence notes.
    AwaySubject,
    /// Text of absence notes.
    Away,
    /// What such notes go on with, and other letters, too.
    AwayHint,
    /// The absence is over.
    AwayOver,
    /// "How did we do?"
    Survey,
    /// What mass mail says of itself.
    Marketing,
    /// What stands around mass mail, and below companies' letters, too.
    Promotion,
    /// What machines tell of: faxes, updates, orders, accounts.
    Notice,
    /// What unasked mail sells.
    Spam,
    /// What else is delivered, or not.
    Parcel,
    /// "But".
    But,
    /// Names that are no person's.
    Team,
    /// Local parts of addresses that nobody reads.
    Noreply,
    /// Words in local parts of addresses that send to many.
    MassSender,
    /// Words in local parts of addresses that machines tell things from.
    MachineSender,
    /// Words in addresses of pages by which one leaves a list.
    WayOut,
    /// What programs put before the subject of an answer.
    ReplySubject,
    /// The same for a message that is passed on.
    ForwardSubject,
    /// "Original message".
    QuoteOriginal,
    /// "wrote".
    QuoteWrote,
    /// "On", before a date.
    QuoteLead,
    /// "Quoting", before a name.
    Quoting,
    /// "From" as a label.
    QuoteFrom,
    /// "Sent", "To", "Subject" as labels.
    QuoteHeader,
    /// "Reply above this line".
    QuoteAbove,
    /// "Dear".
    Greeting,
    /// "Kind regards".
    Closing,
    /// "Sent from my iPhone".
    Device,
    /// "iPhone".
    DeviceBrand,
    /// "This message came from outside".
    External,
    /// "If you are not the intended recipient".
    Legal,
    /// Domains that many share.
    SharedDomains,
    /// Domains of help desks, which send for many companies.
    Relays,
}

/// Where the phrases of a section are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// In whole texts: [`super::MailWords::search`].
    Text,
    /// In single lines: [`super::MailWords::topics_of`].
    Line,
    /// In names, labels and the like, by what [`super::Phrases`] can do.
    Name,
}

/// How a section is called in the data, what it is about, and where it is looked for.
pub(super) const SECTIONS: [(&str, Topic, Scope); 53] = [
    ("bounce.sender", Topic::BounceSender, Scope::Name),
    ("bounce.subject", Topic::BounceSubject, Scope::Text),
    ("bounce.body", Topic::BounceBody, Scope::Text),
    ("bounce.report", Topic::BounceReport, Scope::Text),
    ("bounce.dialog", Topic::BounceDialog, Scope::Text),
    ("bounce.gateway", Topic::BounceGateway, Scope::Text),
    ("unread", Topic::Unread, Scope::Text),
    ("delivered", Topic::Delivered, Scope::Text),
    ("delay", Topic::Delay, Scope::Text),
    ("delay.over", Topic::DelayOver, Scope::Text),
    ("automatic", Topic::Automatic, Scope::Text),
    ("automatic.loose", Topic::AutomaticLoose, Scope::Text),
    ("automatic.noun", Topic::AutomaticNoun, Scope::Name),
    ("automatic.earlier", Topic::AutomaticEarlier, Scope::Text),
    ("automatic.noanswer", Topic::NoAnswer, Scope::Text),
    ("automatic.subject", Topic::AutomaticSubject, Scope::Text),
    ("received", Topic::Received, Scope::Text),
    ("promise", Topic::Promise, Scope::Text),
    ("received.subject", Topic::ReceivedSubject, Scope::Text),
    ("challenge", Topic::Challenge, Scope::Text),
    ("away.subject", Topic::AwaySubject, Scope::Text),
    ("away", Topic::Away, Scope::Text),
    ("away.hint", Topic::AwayHint, Scope::Text),
    ("away.over", Topic::AwayOver, Scope::Text),
    ("survey", Topic::Survey, Scope::Text),
    ("marketing", Topic::Marketing, Scope::Text),
    ("promotion", Topic::Promotion, Scope::Text),
    ("notice", Topic::Notice, Scope::Text),
    ("spam", Topic::Spam, Scope::Text),
    ("parcel", Topic::Parcel, Scope::Text),
    ("but", Topic::But, Scope::Name),
    ("team", Topic::Team, Scope::Name),
    ("noreply", Topic::Noreply, Scope::Name),
    ("mass.sender", Topic::MassSender, Scope::Name),
    ("machine.sender", Topic::MachineSender, Scope::Name),
    ("way.out", Topic::WayOut, Scope::Name),
    ("reply.subject", Topic::ReplySubject, Scope::Name),
    ("forward.subject", Topic::ForwardSubject, Scope::Name),
    ("quote.original", Topic::QuoteOriginal, Scope::Line),
    ("quote.wrote", Topic::QuoteWrote, Scope::Name),
    ("quote.lead", Topic::QuoteLead, Scope::Name),
    ("quote.quoting", Topic::Quoting, Scope::Name),
    ("quote.from", Topic::QuoteFrom, Scope::Name),
    ("quote.header", Topic::QuoteHeader, Scope::Name),
    ("quote.above", Topic::QuoteAbove, Scope::Line),
    ("greeting", Topic::Greeting, Scope::Name),
    ("closing", Topic::Closing, Scope::Line),
    ("device", Topic::Device, Scope::Line),
    ("device.brand", Topic::DeviceBrand, Scope::Line),
    ("external", Topic::External, Scope::Line),
    ("legal", Topic::Legal, Scope::Line),
    ("shared", Topic::SharedDomains, Scope::Name),
    ("relays", Topic::Relays, Scope::Name),
];
