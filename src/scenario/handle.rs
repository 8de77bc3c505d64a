//! What an address of a company looks like on each channel, and where a person finds it.

use super::leaf::Wrong;
use crate::model::channel::Channel;
use crate::model::study::Visibility;
use email_address::{EmailAddress, Options};
use std::str::FromStr as _;
use url::Url;

/// Whether the text is an address on this channel.
pub(super) fn check(channel: Channel, text: &str) -> Result<(), Wrong> {
    match channel {
        Channel::Email => email(text),
        Channel::Mastodon => mastodon(text),
        Channel::WebForm | Channel::Chat | Channel::Forum => url(text).map(drop),
        Channel::Whatsapp | Channel::Phone => number(text),
        Channel::Facebook | Channel::Instagram | Channel::Telegram | Channel::X | Channel::Linkedin => {
            if text.contains("://") {
                return url(text).map(drop);
            }
            account(channel, text)
        }
    }
}

/// An e-mail address: `local@domain` with a dot in the domain.
pub(super) fn email(text: &str) -> Result<(), Wrong> {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    if EmailAddress::parse_with_options(text, options).is_ok() {
        return Ok(());
    }
    let help = match text {
        _ if text.contains('<') => "write the bare address, without a name and `<>`",
        _ if text.contains(char::is_whitespace) => "there is a space in it",
        _ => "write it as `name@domain.example`",
    };
    Err(Wrong::new(format!("`{text}` is no e-mail address"), "", help))
}

/// A web address.
pub(super) fn url(text: &str) -> Result<Url, Wrong> {
    let wrong = |help: String| Wrong::new(format!("`{text}` is no web address"), "", help);
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() => Ok(url),
        Err(url::ParseError::RelativeUrlWithoutBase) if text.contains('.') && !text.contains([' ', '@']) => {
            Err(wrong(format!("did you mean `https://{text}`?")))
        }
        _ => Err(wrong("write it whole, with `https://`".to_owned())),
    }
}

fn mastodon(text: &str) -> Result<(), Wrong> {
    let bare = text.strip_prefix('@').unwrap_or(text);
    let valid = bare.split_once('@').is_some_and(|(user, instance)| {
        is_account(user, "_.-")
            && instance.contains('.')
            && url(&format!("https://{instance}/")).is_ok()
            && is_account(instance, ".-")
    });
    if valid {
        return Ok(());
    }
    let help = if bare.contains('@') {
        "write `user@instance.example`"
    } else {
        "the instance is missing: write `user@instance.example`"
    };
    Err(Wrong::new(format!("`{text}` is no handle on mastodon"), "", help))
}

fn account(channel: Channel, text: &str) -> Result<(), Wrong> {
    let bare = text.strip_prefix('@').unwrap_or(text);
    let allowed = match channel {
        Channel::X | Channel::Telegram => "_",
        Channel::Instagram => "_.",
        Channel::Linkedin => "_-/",
        _ => "_.-",
    };
    if is_account(bare, allowed) {
        return Ok(());
    }
    let help = "write the account's name as the platform shows it in the address, or the whole address with `https://`";
    Err(Wrong::new(format!("`{text}` is no handle on {channel}"), "", help))
}

fn is_account(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || also.contains(c))
}

fn number(text: &str) -> Result<(), Wrong> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let allowed = text.chars().all(|c| c.is_ascii_digit() || "+ -/().".contains(c));
    if allowed && (3..=15).contains(&digits) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no telephone number"),
        "",
        "write it with the country's code, quoted: `\"+39 000 0000000\"`",
    ))
}

/// Where a person finds it, where that follows from the handle.
pub(super) fn link(channel: Channel, text: &str) -> Option<Url> {
    if let Ok(url) = url(text) {
        return Some(url);
    }
    let bare = text.strip_prefix('@').unwrap_or(text);
    let address = match channel {
        Channel::Facebook => format!("https://www.facebook.com/{bare}"),
        Channel::Instagram => format!("https://www.instagram.com/{bare}/"),
        Channel::Telegram => format!("https://t.me/{bare}"),
        Channel::X => format!("https://x.com/{bare}"),
        Channel::Linkedin if bare.contains('/') => format!("https://www.linkedin.com/{bare}"),
        Channel::Linkedin => format!("https://www.linkedin.com/company/{bare}"),
        Channel::Whatsapp => format!("https://wa.me/{}", bare.chars().filter(char::is_ascii_digit).collect::<String>()),
        Channel::Email | Channel::WebForm | Channel::Mastodon | Channel::Chat | Channel::Forum | Channel::Phone => {
            return None;
        }
    };
    Url::from_str(&address).ok()
}

/// Who can read a question there, where the study does not say.
pub(super) const fn visibility(channel: Channel) -> Visibility {
    match channel {
        Channel::Mastodon | Channel::Facebook | Channel::X | Channel::Forum => Visibility::Public,
        Channel::Email
        | Channel::WebForm
        | Channel::Instagram
        | Channel::Whatsapp
        | Channel::Telegram
        | Channel::Linkedin
        | Channel::Chat
        | Channel::Phone => Visibility::Private,
    }
}
