//! What happens to a process that holds a wave open while another one amends its plan?

use crate::support::little_plan::{plan, prompt, start};
use risposta::journal::verify::verify;
use risposta::model::channel::Channel;
use risposta::model::event::Event;
use risposta::model::study::Target;
use risposta::wave::amend::amend;
use risposta::wave::{Wave, WaveError};

const CORRECTED: &str = "info@corretta.example";

#[test]
fn it_goes_on_with_the_new_address_and_loses_nothing_that_it_had_kept() {
    let folder = tempfile::tempdir().unwrap();
    let first = plan(&[(Channel::Email, prompt())]);
    let mut holder = Wave::create(folder.path(), &first, start()).unwrap();
    let raw = holder.journal_mut().keep("a reply, stored before it is read");

    let mut study = first.study.clone();
    study.companies[0].contact_points[0].target = Target::Email { address: CORRECTED.to_owned() };
    let mut other = Wave::open(folder.path(), start()).unwrap();
    amend(&mut other, start(), &study, "mistyped").unwrap();

    let account = first.study.mailboxes[0].id.clone();
    let append =
        |_: &mut Wave| Ok::<_, WaveError>(vec![Event::SourceFailed { source: account.clone(), why: raw.clone() }]);
    holder.decide(start(), append).unwrap();

    assert_eq!(holder.plan().inquiries[0].target, Target::Email { address: CORRECTED.to_owned() });
    let reopened = Wave::open(folder.path(), start()).unwrap();
    assert_eq!(reopened.journal().text(&raw).unwrap().as_deref(), Some("a reply, stored before it is read"));
    assert_eq!(verify(reopened.journal(), folder.path(), None).unwrap().damage, Vec::<String>::new());
}
