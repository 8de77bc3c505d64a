//! Which colour has a channel? The same in every picture and table, told apart by those who see
//! fewer colours too: labels stand beside them, no meaning hangs on a colour alone.

use crate::model::channel::Channel;

/// The style of a picture that stands alone; the page has the same.
pub const STYLE: &str = include_str!("../../../templates/chart.css");

/// The class that gives a channel its colour.
#[must_use]
pub fn channel_class(label: &str) -> &'static str {
    let Some(channel) = Channel::ALL.into_iter().find(|channel| channel.name() == label) else { return "ch-none" };
    match channel {
        Channel::Email => "ch-email",
        Channel::WebForm => "ch-web_form",
        Channel::Mastodon => "ch-mastodon",
        Channel::Facebook => "ch-facebook",
        Channel::Instagram => "ch-instagram",
        Channel::Whatsapp => "ch-whatsapp",
        Channel::Telegram => "ch-telegram",
        Channel::X => "ch-x",
        Channel::Linkedin => "ch-linkedin",
        Channel::Chat => "ch-chat",
        Channel::Forum => "ch-forum",
        Channel::Phone => "ch-phone",
    }
}
