//! What the simulated companies really did, so that a score can be held against it.

use crate::model::answer::Destination;
use crate::model::event::Adequacy;
use crate::model::ids::InquiryId;
use crate::model::study::Says;
use chrono::{DateTime, Utc};

/// What a simulated company did with one message, up to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// The message: 0 is the first, then the reminders.
    pub message: u32,
    /// When the company, or the server that returned it, received it.
    pub received_at: DateTime<Utc>,
    /// When it was returned as undeliverable.
    pub bounced_at: Option<DateTime<Utc>>,
    /// When a machine said "received".
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When a person replied.
    pub replied_at: Option<DateTime<Utc>>,
    /// What that reply said.
    pub says: Option<Says>,
    /// Where that reply sent the asker.
    pub sent_to: Option<Destination>,
    /// Whether that reply went to the spam folder, or was filtered.
    pub in_spam: bool,
    /// When a promise was kept.
    pub kept_at: Option<DateTime<Utc>>,
}

impl Truth {
    pub(super) const fn received(inquiry: InquiryId, message: u32, received_at: DateTime<Utc>) -> Self {
        Self {
            inquiry,
            message,
            received_at,
            bounced_at: None,
            acknowledged_at: None,
            replied_at: None,
            says: None,
            sent_to: None,
            in_spam: false,
            kept_at: None,
        }
    }

    /// How a rater who knows everything codes the reply; `None` where there was none.
    #[must_use]
    pub fn adequacy(&self) -> Option<Adequacy> {
        self.says.map(adequacy_of)
    }
}

/// How a rater who knows everything codes a reply that says this.
pub(super) const fn adequacy_of(says: Says) -> Adequacy {
    match says {
        Says::Answer => Adequacy::Answered,
        Says::Partial => Adequacy::Partial,
        Says::Redirect => Adequacy::Redirected,
        Says::PromiseKept => Adequacy::Promised,
        Says::PromiseBroken => Adequacy::PromiseBroken,
        Says::Canned => Adequacy::Canned,
    }
}

/// What went astray in the town: all zero when Risposta does its work well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Messages that a company got a second time.
    pub repeated: u32,
    /// Messages that belong to no inquiry, or went to the wrong company.
    pub unattributed: u32,
    /// Mail to an address that nobody has.
    pub unknown_recipients: u32,
    /// Replies to an address that no persona has.
    pub undeliverable: u32,
    /// Forms that were dropped because the hidden trap for robots was filled in.
    pub trapped: u32,
    /// Forms that were refused: token, cookie or a required field was missing.
    pub forms_refused: u32,
    /// Posts that were refused: too long, or without a token.
    pub posts_refused: u32,
}
