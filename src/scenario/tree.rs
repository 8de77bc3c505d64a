//! What a YAML text says, as a small tree in which every node knows its place.
//!
//! This is the one module that knows the YAML crate. It goes on where a deserializer would stop:
//! duplicate keys, unknown tags and bad merges are collected; only broken syntax, an alias bomb
//! or too deep nesting end the reading. Scalars stay text: what they mean depends on what is
//! expected there, so `country: NO` is Norway and `title: null` is a missing title.

use super::finding::{Finding, Place};
use serde_yaml::granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

/// Deepest nesting accepted.
const DEPTH_MAX: usize = 64;

/// Most nodes a file may come to once its aliases are followed.
const NODES_MAX: usize = 500_000;

/// A node and its place.
#[derive(Debug)]
pub(super) struct Node {
    /// What it says.
    pub value: Value,
    /// Where.
    pub place: Place,
}

/// What a node says.
#[derive(Debug)]
pub(super) enum Value {
    /// Nothing: empty, `null` or `~`.
    Null,
    /// A scalar. What it means is for the reader to say.
    Text(String),
    /// A sequence.
    List(Vec<Rc<Node>>),
    /// A mapping, in the order it is written.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub key_place: Place,
    /// The value.
    pub value: Rc<Node>,
}

impl Node {
    /// The value of a key, in a mapping that has it and says something there.
    pub(super) fn get(&self, key: &str) -> Option<&Rc<Node>> {
        self.entries().iter().find(|e| e.key == key).map(|e| &e.value).filter(|n| !matches!(n.value, Value::Null))
    }

    /// The entries of a mapping; none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list, or the node itself where one stands for a list of one.
    pub(super) fn items(self: &Rc<Self>) -> Vec<Rc<Self>> {
        match &self.value {
            Value::List(items) => items.clone(),
            Value::Null => Vec::new(),
            _ => vec![Rc::clone(self)],
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads one YAML document. `None` where the tree could not be finished.
pub(super) fn parse(file: usize, text: &str, found: &mut Vec<Finding>) -> Option<Rc<Node>> {
    let mut builder = Builder { file, text, found, open: Vec::new(), anchors: HashMap::new(), root: None };
    for event in Parser::new_from_str(text) {
        let event = match event {
            Ok(event) => event,
            Err(wrong) => {
                builder.syntax(&wrong);
                return None;
            }
        };
        builder.take(event.0, event.1)?;
    }
    let root = builder.root.take();
    if root.is_none() {
        found.push(
            Finding::error("the file is empty", Place::start_of(file), "no study here")
                .help("`risposta init DIR` writes a study to start from"),
        );
    }
    root
}

/// A collection that is still open.
struct Open {
    start: Place,
    anchor: usize,
    /// Nodes within, aliases followed.
    nodes: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<Entry>, merges: Vec<Rc<Node>>, key: Option<(String, Place)> },
}

struct Builder<'a> {
    file: usize,
    text: &'a str,
    found: &'a mut Vec<Finding>,
    open: Vec<Open>,
    /// Finished anchors, and how many nodes each comes to.
    anchors: HashMap<usize, (Rc<Node>, usize)>,
    root: Option<Rc<Node>>,
}

impl Builder<'_> {
    /// Takes the next event; `None` ends the reading.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let place = self.place(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.check_tag(tag, place);
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null { Value::Null } else { Value::Text(text.into_owned()) };
                self.put(Rc::new(Node { value, place }), anchor, 1)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag, place);
                self.begin(place, anchor, Kind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag, place);
                self.begin(place, anchor, Kind::Map { entries: Vec::new(), merges: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::DocumentStart(..) if self.root.is_some() => self.stop(
                Finding::error("a second YAML document", place, "the study ended above")
                    .help("one file holds one study: remove the `---`"),
            ),
            _ => Some(()),
        }
    }

    fn begin(&mut self, start: Place, anchor: usize, kind: Kind) -> Option<()> {
        if self.open.len() >= DEPTH_MAX {
            let title = format!("nested more than {DEPTH_MAX} levels deep");
            return self.stop(
                Finding::error(title, start, "").help("a study needs fewer than ten: look for a bracket too many"),
            );
        }
        self.open.push(Open { start, anchor, nodes: 1, kind });
        Some(())
    }

    fn end(&mut self, end: Place) -> Option<()> {
        let open = self.open.pop()?;
        let value = match open.kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { mut entries, merges, .. } => {
                merge(&mut entries, &merges);
                Value::Map(entries)
            }
        };
        let place = Place { end: end.end.max(open.start.start), ..open.start };
        self.put(Rc::new(Node { value, place }), open.anchor, open.nodes)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Option<()> {
        match self.anchors.get(&anchor) {
            Some((node, nodes)) => {
                let (node, nodes) = (Rc::clone(node), *nodes);
                self.put_at(node, place, nodes)
            }
            None => self.stop(
                Finding::error("an alias inside of what it stands for", place, "this would never end")
                    .help("write the value out"),
            ),
        }
    }

    /// Puts a finished node where it belongs.
    fn put(&mut self, node: Rc<Node>, anchor: usize, nodes: usize) -> Option<()> {
        if anchor != 0 {
            self.anchors.insert(anchor, (Rc::clone(&node), nodes));
        }
        let place = node.place;
        self.put_at(node, place, nodes)
    }

    fn put_at(&mut self, node: Rc<Node>, place: Place, nodes: usize) -> Option<()> {
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        parent.nodes = parent.nodes.saturating_add(nodes);
        if parent.nodes > NODES_MAX {
            let title = format!("aliases grow this file to more than {NODES_MAX} values");
            return self
                .stop(Finding::error(title, place, "here it becomes too much").help("write fewer aliases of aliases"));
        }
        match &mut parent.kind {
            Kind::List(items) => items.push(node),
            Kind::Map { entries, merges, key } => match key.take() {
                None => *key = Some(key_of(&node, place, self.found)),
                Some((key, _)) if key == "<<" => merges.extend(merges_of(&node, place, self.found)),
                Some((key, key_place)) => match entries.iter().find(|e| e.key == key) {
                    Some(first) => self.found.push(duplicate_key(&key, key_place, first.key_place)),
                    None => entries.push(Entry { key, key_place, value: node }),
                },
            },
        }
        Some(())
    }

    /// Plain data needs no tags; those of the core schema say nothing new and are harmless.
    fn check_tag(&mut self, tag: Option<Cow<'_, Tag>>, place: Place) {
        if let Some(tag) = tag.filter(|t| !t.is_yaml_core_schema()) {
            let title = format!("the tag `{}` means nothing here", tag.original());
            self.found
                .push(Finding::error(title, place, "").help("remove the tag: a study is plain text, lists and keys"));
        }
    }

    fn syntax(&mut self, wrong: &ScanError) {
        let at = wrong.marker().byte_offset().unwrap_or_default().min(self.text.len());
        let place = Place { file: self.file, start: at, end: at };
        let help =
            "the text cannot be read beyond this place: look at indentation, brackets, quotes and `:` just before it";
        self.found.push(Finding::error("broken YAML", place, wrong.kind().to_string()).help(help));
    }

    fn place(&self, span: Span) -> Place {
        let byte = |m: &Marker| m.byte_offset().unwrap_or_default().min(self.text.len());
        Place { file: self.file, start: byte(&span.start), end: byte(&span.end).max(byte(&span.start)) }
    }

    fn stop(&mut self, finding: Finding) -> Option<()> {
        self.found.push(finding);
        None
    }
}

fn key_of(node: &Node, place: Place, found: &mut Vec<Finding>) -> (String, Place) {
    match &node.value {
        Value::Text(text) => (text.clone(), place),
        Value::Null => ("null".to_owned(), place),
        Value::List(_) | Value::Map(_) => {
            found.push(
                Finding::error("a list or mapping as a key", place, "a key is one word")
                    .help("is there a `:` too many?"),
            );
            (String::new(), place)
        }
    }
}

fn duplicate_key(key: &str, place: Place, first: Place) -> Finding {
    let help = "keep one of the two: which one would count is nothing to guess about";
    Finding::error(format!("the key `{key}` twice"), place, "again here").and(first, "first here").help(help)
}

/// The mappings that `<<` names: one, or a list of them.
fn merges_of(node: &Rc<Node>, place: Place, found: &mut Vec<Finding>) -> Vec<Rc<Node>> {
    let (maps, others): (Vec<_>, Vec<_>) = node.items().into_iter().partition(|n| matches!(n.value, Value::Map(_)));
    if !others.is_empty() {
        let help = "write `<<: *name`, where `&name` stands before a mapping";
        found.push(Finding::error("`<<` takes a mapping", place, "this is none").help(help));
    }
    maps
}

/// Adds what merged mappings say and the mapping itself does not (YAML 1.1, merge key: earlier ones win).
fn merge(entries: &mut Vec<Entry>, merges: &[Rc<Node>]) {
    for entry in merges.iter().flat_map(|m| m.entries()) {
        if !entries.iter().any(|e| e.key == entry.key) {
            entries.push(entry.clone());
        }
    }
}
