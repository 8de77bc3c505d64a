//! A study whose windows close within a minute, over the tests' own mail servers.

use super::mailstack::MailStack;
use super::program::{Now, Program, company};
use chrono::{DateTime, Utc};

/// What a test chooses.
#[derive(Clone)]
pub(crate) struct Wants {
    /// The mailbox's servers and folders, as YAML in a flow mapping.
    pub(crate) mailbox: String,
    pub(crate) window: &'static str,
    /// Least distance between two messages.
    pub(crate) pace: &'static str,
}

impl Wants {
    /// The persona's account by IMAP and submission; a window of that length, no pacing.
    pub(crate) fn imap(stack: &MailStack, window: &'static str) -> Self {
        let imap = format!("imap: {{host: localhost, port: {}, security: starttls}}", stack.imap_port);
        Self { mailbox: format!("{imap}, {}", smtp(stack)), window, pace: "0s" }
    }

    /// The same, watched in the Maildir itself.
    pub(crate) fn maildir(stack: &MailStack, window: &'static str) -> Self {
        let maildir = format!("maildir: {}", stack.maildir_path(super::mailstack::PERSONA_DOMAIN).display());
        Self { mailbox: format!("{maildir}, {}", smtp(stack)), window, pace: "0s" }
    }

    /// Watched in the Maildir; what is sent goes to a server without login.
    pub(crate) fn sending_to(stack: &MailStack, port: u16, window: &'static str) -> Self {
        let maildir = stack.maildir_path(super::mailstack::PERSONA_DOMAIN);
        let smtp = format!("smtp: {{host: 127.0.0.1, port: {port}, security: plain}}");
        Self { mailbox: format!("maildir: {}, {smtp}", maildir.display()), window, pace: "0s" }
    }

    /// The study's text, with these companies.
    pub(crate) fn text(&self, now: &Now, companies: &str) -> String {
        let Self { mailbox, window, pace } = self;
        format!(
            "study: prova
title: Prova
language: it
seed: 7
timezone: {zone}
conduct: {{purpose: research, max_messages_per_company: 1}}
mailbox: {{address: enrico@riva.example, alias: catch-all, {mailbox}}}
persona: {{name: Enrico Riva}}
questions:
  glutine:
    subject: Glutine nei {{{{ product }}}}
    text: |
      Buongiorno, i vostri {{{{ product }}}} contengono glutine?
      Perché non lo trovo scritto. Grazie, {{{{ persona.name }}}}
companies:
{companies}design:
  compare: {{own: [email, web_form], outside: [facebook]}}
  order: random
  send: {send}
  window: {window}
  washout: {window}
  pacing: {{total: {pace}, channel: 0s, host: 0s}}
thresholds: [3s, 15s]
primary: replied within 15s, own vs outside
rules: {{late: send}}
",
            zone = now.zone,
            send = now.send,
        )
    }
}

fn smtp(stack: &MailStack) -> String {
    let ca_file = stack.ca_file.display();
    let server = format!("smtp: {{host: localhost, port: {}, security: starttls}}", stack.submission_port);
    format!("{server}, password: 'env:MAIL_PASSWORD', ca_file: {ca_file}")
}

/// A study that was planned to begin now.
pub(crate) struct Planned {
    pub(crate) program: Program,
    /// The companies' ids, in the order of their contact points.
    pub(crate) ids: Vec<String>,
    pub(crate) text: String,
}

/// Writes, checks and plans a study with a company for each contact point.
#[track_caller]
pub(crate) fn planned(wants: &Wants, contacts: &[String]) -> Planned {
    let (study, start) = written(wants, contacts);
    study.program.plan(start);
    study
}

/// Writes such a study; gives the moment at which its wave is to begin.
#[track_caller]
pub(crate) fn written(wants: &Wants, contacts: &[String]) -> (Planned, DateTime<Utc>) {
    let now = Now::new();
    let unpaced = Wants { pace: "0s", ..wants.clone() };
    let ids = now.ids(|companies| unpaced.text(&now, companies), contacts.len());
    let companies: String = ids.iter().zip(contacts).map(|(id, contact)| company(id, contact)).collect();
    let text = wants.text(&now, &companies);
    let program = Program::new(super::mailstack::PASSWORD);
    program.write(&text);
    (Planned { program, ids, text }, now.start)
}

/// When an inquiry's first message was taken: where its latency starts.
#[track_caller]
pub(crate) fn asked_at(program: &Program, company: &str) -> Option<DateTime<Utc>> {
    let story = program.story(company);
    story.iter().find(|(_, what, _)| what == "accepted" || what.starts_with("a person sent")).map(|(at, ..)| *at)
}
