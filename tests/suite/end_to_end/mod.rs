//! A whole study through the program itself, over real mail servers: sent, answered, scored,
//! stopped at any moment, and refused where it should be.

mod asked_back;
mod own_copies;
mod refusals;
mod social;
mod stops;
mod whole;

use crate::support::mailstack::MailStack;
use mail_parser::MessageParser;
use serde_json::{Value, json};

/// The text of a message as a person reads it.
fn text_of(raw: &[u8]) -> String {
    MessageParser::default().parse(raw).unwrap().body_text(0).unwrap().replace("\r\n", "\n")
}

/// The sender's address: the inquiry's alias.
fn alias_of(raw: &[u8]) -> String {
    let message = MessageParser::default().parse(raw).unwrap();
    message.from().unwrap().first().unwrap().address().unwrap().to_owned()
}

/// The only message that a company got, asking about its product.
#[track_caller]
fn only_question(stack: &MailStack, domain: &str, id: &str) -> Vec<u8> {
    let mut mail = stack.received_by(domain);
    assert_eq!(mail.len(), 1, "{domain}");
    let expected = format!(
        "Buongiorno, i vostri biscotti {id} contengono glutine?\nPerché non lo trovo scritto. Grazie, Enrico Riva"
    );
    assert_eq!(text_of(&mail[0]).trim_end(), expected);
    mail.remove(0)
}

/// The counts of a channel, a group or a company: all that does not depend on how fast things went.
fn counts(tally: &Value) -> Value {
    let answers = &tally["before_any_reminder"];
    let of = |rate: &Value| json!([rate["numerator"], rate["denominator"]]);
    json!({
        "asked": [tally["asked"], tally["inquiries"]],
        "bounced": tally["undelivered"]["bounced"],
        "refused": tally["undelivered"]["refused"],
        "in_doubt": tally["unknown"]["in_doubt"],
        "open": tally["open"],
        "silent": tally["silent"],
        "acknowledged": tally["acknowledged"],
        "uncoded": tally["replies_uncoded"],
        "replied": of(&answers["response"]),
        "replied_of_asked": of(&answers["response_of_asked"]),
        "adequate": of(&answers["adequate_response"]),
    })
}
