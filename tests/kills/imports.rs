//! An import that is killed at any of its steps is done again, and comes to the same.

use crate::support::little_plan::{after_hours, plan, prompt, start};
use crate::support::program::Program;
use risposta::model::channel::Channel;
use risposta::model::ids::InboundId;
use risposta::model::inbound::Interpretation;
use risposta::wave::Wave;
use std::path::PathBuf;
use std::time::Duration;

/// More than are stored together.
const MAILS: usize = 1_100;
const COMPANIES: usize = 50;
const PATIENCE: Duration = Duration::from_mins(1);
const STEPS: [&str; 6] = [
    "before inbound_stored",
    "evidence unfinished",
    "evidence written",
    "after inbound_stored",
    "before interpreted",
    "after interpreted",
];

/// What each message was taken for, and which it repeats.
type Taken = Vec<(InboundId, Option<Interpretation>, Option<InboundId>)>;

struct Importing {
    program: Program,
    folder: PathBuf,
}

impl Importing {
    fn new() -> Self {
        let program = Program::new("");
        let folder = program.study().with_file_name("results/prova/rehearsal-1");
        Wave::create(&folder, &plan(&vec![(Channel::Email, prompt()); COMPANIES]), start()).unwrap();
        std::fs::write(program.study().with_file_name("posta.mbox"), (0..MAILS).map(mail).collect::<String>()).unwrap();
        Self { program, folder }
    }

    fn came_to(&self) -> Taken {
        let wave = Wave::open(&self.folder, start()).unwrap();
        let taken =
            |m: &risposta::model::state::InboundState| (m.id, m.interpretation.as_deref().cloned(), m.duplicate_of);
        wave.state().inbound.values().map(taken).collect()
    }
}

const IMPORT: [&str; 5] = ["import", "mbox", "posta.mbox", "--wave", "rehearsal-1"];

/// Acknowledgements with a ticket's number, replies that name nothing else, replies that come twice, long ones.
fn mail(n: usize) -> String {
    let (company, round) = (n % COMPANIES, n / COMPANIES);
    let at = after_hours(1 + i64::try_from(round).unwrap()).to_rfc2822();
    let (to, subject, id) = match round {
        0 => (format!("e.riva{company}"), "Richiesta ricevuta", format!("ack{company}")),
        _ if round % 2 == 0 => ("enrico".to_owned(), "Re: Glutine", format!("again{company}.{}", round / 4)),
        _ => ("enrico".to_owned(), "Re: Glutine", format!("reply{n}")),
    };
    let text = match round {
        0 => "Abbiamo ricevuto la sua richiesta.".to_owned(),
        3 => "I frollini contengono farina di frumento. ".repeat(600),
        _ => format!("Buongiorno, la ricetta del lotto {} non contiene glutine. Cordiali saluti, Anna", round / 4),
    };
    format!(
        "From x@y.example Mon Mar  2 12:00:00 2026\nReceived: from x by mail.posta.example; {at}\n\
         From: <assistenza@ditta{company}.example>\nTo: <{to}@posta.example>\nDate: {at}\nMessage-ID: <{id}@ditta.example>\n\
         Subject: [Ticket #4821{company:02}] {subject}\n\n{text}\n\n"
    )
}

#[test]
fn killed_at_any_step_and_begun_again_an_import_comes_to_the_same() {
    let whole = Importing::new();
    whole.program.run(&IMPORT).done();
    let expected = whole.came_to();
    assert_eq!(expected.len(), MAILS);
    assert!(expected.iter().any(|(.., repeats)| repeats.is_some()));
    for step in STEPS {
        let importing = Importing::new();
        let killed = importing.program.start_with(&IMPORT, &[("RISPOSTA_FAILPOINT", step)]).end(PATIENCE);
        assert_eq!(killed.code, None, "{step}: {killed:?}");
        importing.program.run(&IMPORT).done();
        assert_eq!(importing.came_to(), expected, "{step}");
        importing.program.run(&["verify", "--wave", "rehearsal-1"]).done();
    }
}
