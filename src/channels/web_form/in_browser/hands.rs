//! How is something done to a page as a person does it: a banner put away, a field filled, a list opened, a
//! button pressed? With real keys and clicks, so that the page's scripts notice; never with Enter.

use super::plan::{Act, Does};
use super::view::View;
use crate::browser::{BrowserError, Key, Node, Visit};
use crate::lexicon::banners::banners;
use serde_json::{Value, json};
use std::time::Duration;

const WIDGET: &str = concat!(include_str!("drawn.js"), include_str!("widget.js"));
const PRESS: &str = include_str!("press.js");
const BANNER: &str = include_str!("banner.js");

/// How long a page may take to answer a click that sends nothing.
pub(super) const SHORT: Duration = Duration::from_secs(4);

/// Most banners of a page: one may stand behind another.
const BANNERS_MAX: usize = 3;

/// Text longer than this is written at once, not key by key.
const KEYS_MAX: usize = 200;

/// Puts away what asks for consent to cookies: refused, else what allows least, else closed. One that only lets
/// people agree stays where it is, unless it `must_go`. Gives what was clicked.
pub(super) async fn put_banners_away(visit: &mut Visit, must_go: bool) -> Result<Vec<String>, BrowserError> {
    let known = banners();
    let mut clicked = Vec::new();
    for _ in 0..BANNERS_MAX {
        let [refuse, about, close, agree] =
            [&known.refuse, &known.about, &known.close, &known.agree].map(|words| json!(words));
        let told = visit.run(BANNER, vec![json!(known.selectors), refuse, about, close, agree, json!(must_go)]).await?;
        let Some(button) = visit.node(&told["node"]) else { break };
        match visit.click(&button).await {
            Ok(()) => clicked.push(told["by"].as_str().unwrap_or_default().to_owned()),
            // It moved, or something lies over it: then it is no banner that could be put away.
            Err(BrowserError::Refused(_)) => break,
            Err(e) => return Err(e),
        }
        visit.settle(SHORT).await?;
    }
    Ok(clicked)
}

/// Opens each list that a script draws, once, to learn what can be chosen.
pub(super) async fn learn_lists(visit: &mut Visit) -> Result<(), BrowserError> {
    let told = widget(visit, "boxes", None, "").await?;
    let boxes: Vec<Node> = told.as_array().into_iter().flatten().filter_map(|n| visit.node(n)).collect();
    for list in boxes {
        let is_open = open(visit, &list).await?;
        widget(visit, "learn", Some(&list), "").await?;
        if is_open {
            close(visit, &list).await?;
        }
    }
    Ok(())
}

/// Opens a drawn list; whether it is open then.
async fn open(visit: &mut Visit, list: &Node) -> Result<bool, BrowserError> {
    if is_open(visit, list).await? {
        return Ok(true);
    }
    let around = widget(visit, "around", Some(list), "").await?;
    let around: Vec<Node> = around.as_array().into_iter().flatten().filter_map(|n| visit.node(n)).collect();
    // What shows the choice may lie over the place to write into.
    for face in std::iter::once(list).chain(&around) {
        match visit.click(face).await {
            Err(BrowserError::Refused(_)) => {}
            Err(e) => return Err(e),
            Ok(()) => {
                visit.settle(SHORT).await?;
                return is_open(visit, list).await;
            }
        }
    }
    Ok(false)
}

/// Closes it, as it was opened; one that lies over all else goes by the key for it.
async fn close(visit: &mut Visit, list: &Node) -> Result<(), BrowserError> {
    if let Err(e) = visit.click(list).await
        && !matches!(e, BrowserError::Refused(_))
    {
        return Err(e);
    }
    visit.settle(SHORT).await?;
    if is_open(visit, list).await? {
        visit.press(Key::Escape).await?;
        visit.settle(SHORT).await?;
    }
    Ok(())
}

async fn is_open(visit: &mut Visit, list: &Node) -> Result<bool, BrowserError> {
    Ok(widget(visit, "is open", Some(list), "").await? == true)
}

/// Does one thing to a control. What cannot be done in one way is done in the next: `round` counts them.
pub(super) async fn act(visit: &mut Visit, view: &View, act: &Act, round: usize) -> Result<(), BrowserError> {
    let Some(node) = view.node(act.control) else { return Ok(()) };
    let done = match &act.does {
        Does::Write(text) => write(visit, node, text, round).await,
        Does::Tick(wanted) => tick(visit, node, *wanted).await,
        Does::Choose { value, text } => choose(visit, node, value, text).await,
    };
    match done {
        // What is not there any more, or not yet, shows in the next round.
        Err(BrowserError::Refused(why)) => {
            tracing::debug!("\"{}\": {why}", act.called);
            Ok(())
        }
        other => other,
    }
}

/// Empties a field that a form need not have.
pub(super) async fn empty(visit: &mut Visit, view: &View, act: &Act) -> Result<(), BrowserError> {
    let Some(node) = view.node(act.control) else { return Ok(()) };
    widget(visit, "focus", Some(node), "").await?;
    widget(visit, "select all", Some(node), "").await?;
    // A mask hears of keys, and not of a value that is taken away.
    visit.press(Key::Backspace).await?;
    widget(visit, "blur", None, "").await.map(drop)
}

/// Writes a text in place of what stands there.
pub(super) async fn write(visit: &mut Visit, node: &Node, text: &str, round: usize) -> Result<(), BrowserError> {
    // What is typed into a day or a colour depends on the browser's language; its value does not.
    if widget(visit, "is picked", Some(node), "").await? == true {
        return set(visit, node, text).await;
    }
    if let Err(BrowserError::Refused(_)) = visit.click(node).await {
        widget(visit, "focus", Some(node), "").await?;
    }
    let is_empty = widget(visit, "state", Some(node), "").await?.as_str().is_none_or(str::is_empty);
    if !is_empty {
        let _ = visit.clear(node).await;
        widget(visit, "select all", Some(node), "").await?;
    }
    // The driver types no signs beyond the first plane.
    let by_keys = text.chars().count() <= KEYS_MAX && !text.contains(|c: char| c.is_control() || u32::from(c) > 0xffff);
    // A page that follows each key may want the other way.
    if by_keys == round.is_multiple_of(2) && !text.contains('\n') {
        visit.type_keys(node, text).await?;
    } else {
        widget(visit, "focus", Some(node), "").await?;
        visit.insert(text).await?;
    }
    // Many pages look at a field when it is left.
    widget(visit, "blur", None, "").await.map(drop)
}

/// Ticks a box, or unticks it.
pub(super) async fn tick(visit: &mut Visit, node: &Node, wanted: bool) -> Result<(), BrowserError> {
    let is = |state: Value| state == wanted;
    if is(widget(visit, "state", Some(node), "").await?) {
        return Ok(());
    }
    let _ = visit.click(node).await;
    if is(widget(visit, "state", Some(node), "").await?) {
        return Ok(());
    }
    // A drawn box: what is clicked is its label, but no link in it.
    widget(visit, "tick", Some(node), "").await.map(drop)
}

/// Chooses an option, in the list itself or in what is drawn in its place.
pub(super) async fn choose(visit: &mut Visit, node: &Node, value: &str, text: &str) -> Result<(), BrowserError> {
    let kind = widget(visit, "kind", Some(node), "").await?;
    if kind == "list" && visit.choose(node, value).await.is_ok() {
        return Ok(());
    }
    let face = widget(visit, "find", Some(node), "").await?;
    let Some(face) = visit.node(&face).filter(|_| kind != "list") else {
        return set(visit, node, value).await;
    };
    open(visit, &face).await?;
    for wanted in if kind == "box" { [text, value] } else { [value, text] } {
        let option = widget(visit, "option", Some(node), wanted).await?;
        if let Some(option) = visit.node(&option) {
            visit.click(&option).await?;
            visit.settle(SHORT).await?;
            return Ok(());
        }
    }
    if kind == "box" { close(visit, &face).await } else { set(visit, node, value).await }
}

/// The same by what is shown or sent; whether there is such an option.
pub(super) async fn choose_by_text(visit: &mut Visit, node: &Node, wanted: &str) -> Result<bool, BrowserError> {
    let value = widget(visit, "value of", Some(node), wanted).await?;
    let (value, text) =
        (value[0].as_str().unwrap_or(wanted).to_owned(), value[1].as_str().unwrap_or(wanted).to_owned());
    choose(visit, node, &value, &text).await?;
    let state = widget(visit, "state", Some(node), "").await?;
    let state = state.as_str().unwrap_or_default().trim();
    Ok(state == value || state.eq_ignore_ascii_case(&text))
}

async fn set(visit: &mut Visit, node: &Node, value: &str) -> Result<(), BrowserError> {
    widget(visit, "set", Some(node), value).await.map(drop)
}

/// Whether a click would reach a control: nothing lies over it.
pub(super) async fn is_within_reach(visit: &mut Visit, node: &Node) -> Result<bool, BrowserError> {
    visit.run(PRESS, vec![Visit::argument(node)]).await.map(|told| told == true)
}

async fn widget(visit: &mut Visit, does: &str, node: Option<&Node>, wanted: &str) -> Result<Value, BrowserError> {
    let node = node.map_or(Value::Null, Visit::argument);
    visit.run(WIDGET, vec![json!(does), node, json!(wanted)]).await
}
