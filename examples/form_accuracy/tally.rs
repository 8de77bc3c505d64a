//! What was right and what was wrong, counted and printed.

use crate::labels::{LabelledForm, LabelledPage, agrees, places};
use risposta::forms::page::Form;
use risposta::forms::roles::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// The roles that a question needs.
const CORE: [&str; 7] = ["email", "full_name", "first_name", "last_name", "phone", "subject", "message"];

/// How many were right, of how many.
#[derive(Default, Clone, Copy)]
struct Share {
    right: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }

    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    fn value(self) -> f64 {
        if self.all == 0 { 0.0 } else { self.right as f64 / self.all as f64 }
    }
}

/// All counts.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) pages: usize,
    pub(crate) bytes: usize,
    pub(crate) forms_read: usize,
    pub(crate) reading: Duration,
    pub(crate) slowest: (Duration, String, usize),
    forms: usize,
    /// Contact forms taken for such, and for none; other forms taken for contact forms.
    hits: usize,
    missed: usize,
    false_alarms: usize,
    roles: BTreeMap<String, Share>,
    in_contact: Share,
    honeypots_filled: usize,
    real: Share,
    misses: Vec<String>,
    evidence: Vec<Value>,
}

impl Tally {
    /// Counts a form.
    pub(crate) fn add(&mut self, page: &LabelledPage, labelled: &LabelledForm, form: Option<&Form>) {
        self.forms += 1;
        let is_contact = labelled.form_type == "contact";
        let told = form.is_some_and(|form| form.nature.is_contact());
        match (is_contact, told) {
            (true, true) => self.hits += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.false_alarms += 1,
            (false, false) => {}
        }
        let place = format!("{} #{} ({})", page.case, labelled.form_index.map_or(0, |i| i + 1), labelled.form_type);
        if is_contact != told {
            let why = form.map(|f| {
                format!(
                    "{} {:?}",
                    f.nature.points,
                    f.nature
                        .evidence
                        .iter()
                        .map(|p| format!("{} {}: {}", p.feature, p.points, p.why))
                        .collect::<Vec<_>>()
                )
            });
            self.misses.push(format!(
                "{place}: {}\n    {}",
                if told { "taken for contact" } else { "not taken for contact" },
                why.unwrap_or_else(|| "no such form".to_owned())
            ));
        }
        if let Some(form) = form {
            let features: BTreeMap<&str, &str> =
                form.nature.evidence.iter().map(|p| (p.feature, p.why.as_str())).collect();
            self.evidence.push(json!({"case": page.case, "half": page.half(), "url": page.url, "type": labelled.form_type, "contact": is_contact, "features": features.keys().collect::<Vec<_>>()}));
        }
        let found = form.map(|form| places(form, labelled)).unwrap_or_default();
        for (i, label) in labelled.fields.iter().enumerate() {
            let Some(role) = label.role.as_deref().filter(|role| !role.is_empty()) else { continue };
            let at = found.get(i).copied().flatten();
            let reading = form.zip(at).map(|(form, at)| (&form.fields[at], &form.readings[at]));
            let right = reading.is_some_and(|(_, r)| agrees(role, r.role));
            self.roles.entry(role.to_owned()).or_default().add(right);
            if is_contact && CORE.contains(&role) {
                self.in_contact.add(right);
            }
            if role == "honeypot" {
                self.honeypots_filled += usize::from(reading.is_some_and(|(_, r)| is_filled(r.role_to_fill())));
            } else {
                self.real.add(reading.is_some_and(|(_, r)| r.role == Role::Honeypot));
            }
            if !right {
                let name = label.name.as_deref().unwrap_or_default();
                let taken = reading.map_or("not found".to_owned(), |(f, r)| {
                    format!(
                        "{} {}% {:?} label {:?} hint {:?} id {:?} hidden {:?}",
                        r.role.name(),
                        r.confidence,
                        r.reasons,
                        f.label,
                        f.hint,
                        f.id,
                        f.hidden
                    )
                });
                self.misses.push(format!("{place}: `{name}` is {role}, taken for {taken}"));
            }
        }
    }

    /// The object that `--json` prints.
    pub(crate) fn to_json(&self) -> Value {
        let roles: BTreeMap<&str, f64> =
            self.roles.iter().map(|(role, share)| (role.as_str(), share.value())).collect();
        json!({
            "contact_f1": self.f1(),
            "contact_precision": self.precision().value(),
            "contact_recall": self.recall().value(),
            "role_accuracy": self.core().value(),
            "roles": roles,
            "honeypots_filled": self.honeypots_filled,
            "real_taken_for_honeypot": self.real.value(),
            "forms": self.forms,
        })
    }

    /// Prints the table.
    pub(crate) fn print(&self, misses: bool) {
        if misses {
            self.misses.iter().for_each(|miss| println!("{miss}"));
        }
        let line =
            |what: &str, share: Share| println!("{what:34} {:.3}  {:>4} of {}", share.value(), share.right, share.all);
        println!("contact form: F1                   {:.3}", self.f1());
        line("contact form: precision", self.precision());
        line("contact form: recall", self.recall());
        line("roles that a question needs", self.core());
        line("the same, in contact forms only", self.in_contact);
        for (role, share) in &self.roles {
            line(&format!("  {role}"), *share);
        }
        println!("honeypots filled                   {}", self.honeypots_filled);
        line("real fields taken for honeypots", self.real);
        println!("forms                              {}", self.forms);
        let seconds = self.reading.as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "counts are small")]
        let (page, megabytes) = (seconds * 1e3 / self.pages as f64, self.bytes as f64 / 1e6 / seconds);
        println!(
            "processor time                     {page:.2} ms a page ({} pages, {} forms), {megabytes:.1} MB/s",
            self.pages, self.forms_read
        );
        let (took, case, bytes) = &self.slowest;
        println!("slowest page                       {:.1} ms: {case}, {} kB", took.as_secs_f64() * 1e3, bytes / 1000);
    }

    /// What was found in each form, a JSON object a line.
    pub(crate) fn evidence_lines(&self) -> String {
        self.evidence.iter().fold(String::new(), |mut lines, value| {
            let _ = writeln!(lines, "{value}");
            lines
        })
    }

    fn precision(&self) -> Share {
        Share { right: self.hits, all: self.hits + self.false_alarms }
    }

    fn recall(&self) -> Share {
        Share { right: self.hits, all: self.hits + self.missed }
    }

    fn f1(&self) -> f64 {
        Share { right: 2 * self.hits, all: 2 * self.hits + self.missed + self.false_alarms }.value()
    }

    fn core(&self) -> Share {
        let core = self.roles.iter().filter(|(role, _)| CORE.contains(&role.as_str()));
        core.fold(Share::default(), |sum, (_, s)| Share { right: sum.right + s.right, all: sum.all + s.all })
    }
}

/// Whether something of ours would be written into a field with this role.
fn is_filled(role: Role) -> bool {
    !matches!(role, Role::Honeypot | Role::Captcha | Role::Password | Role::Search | Role::Username | Role::Website)
        && !matches!(role, Role::Marketing | Role::Other | Role::Unknown | Role::Hidden | Role::Button | Role::File)
}
