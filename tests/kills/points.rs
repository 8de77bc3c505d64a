//! The steps at which the program is killed, and what makes it come there.

/// What is done so that the program comes to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It runs, and something is due.
    Sends,
    /// It runs, and something has come in.
    Receives,
    /// It runs, and pages ask for a proof that a person fills them.
    Refused,
    /// It runs, and its mail server sends it away.
    CannotSend,
    /// It runs after that, and all is well again.
    CanSendAgain,
    /// It runs, and the mailbox cannot be opened.
    CannotLook,
    /// A person says that a message was sent.
    Records,
    /// A person says that a company is to be left alone.
    Stops,
    /// A person settles what is in doubt.
    Settles,
    /// A person says whose a message is.
    Reviews,
    /// A person codes a reply.
    Codes,
    /// An address has changed.
    Amends,
}

/// Before anything is planned.
pub(crate) const PLANNING: [&str; 5] =
    ["plan unfinished", "plan written", "format ready", "before wave_opened", "after wave_opened"];

/// While the wave runs.
pub(crate) const RUNNING: [(&str, Way); 36] = [
    ("before attempt_started", Way::Sends),
    ("after attempt_started", Way::Sends),
    ("delivered", Way::Sends),
    ("before attempt_ended", Way::Sends),
    ("after attempt_ended", Way::Sends),
    ("before inbound_stored", Way::Receives),
    ("evidence unfinished", Way::Receives),
    ("evidence written", Way::Receives),
    ("after inbound_stored", Way::Receives),
    ("before interpreted", Way::Receives),
    ("after interpreted", Way::Receives),
    ("before covered", Way::Receives),
    ("after covered", Way::Receives),
    ("before attempt_refused", Way::Refused),
    ("after attempt_refused", Way::Refused),
    ("before account_paused", Way::CannotSend),
    ("after account_paused", Way::CannotSend),
    ("before account_resumed", Way::CanSendAgain),
    ("after account_resumed", Way::CanSendAgain),
    ("before source_failed", Way::CannotLook),
    ("after source_failed", Way::CannotLook),
    ("before recorded", Way::Records),
    ("after recorded", Way::Records),
    ("before stopped", Way::Stops),
    ("after stopped", Way::Stops),
    ("before settled", Way::Settles),
    ("after settled", Way::Settles),
    ("before reviewed", Way::Reviews),
    ("after reviewed", Way::Reviews),
    ("before coded", Way::Codes),
    ("after coded", Way::Codes),
    ("plan unfinished", Way::Amends),
    ("plan written", Way::Amends),
    ("before amended", Way::Amends),
    ("after amended", Way::Amends),
    ("plan swapped", Way::Amends),
];

/// When tasks that nobody did lapse: towards the end.
pub(crate) const LAPSING: [&str; 2] = ["before skipped", "after skipped"];

/// When the wave is over.
pub(crate) const AFTERWARDS: [(&str, &[&str]); 3] = [
    ("backup unfinished", &["backup", "copy"]),
    ("before purged", &["purge", "--yes"]),
    ("after purged", &["purge", "--yes"]),
];
