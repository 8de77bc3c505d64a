//! Which of a person's words are taken, and which are refused with nothing written.

use super::*;
use crate::model::channel::Channel;
use crate::model::event::Adequacy;
use crate::model::fixtures::*;
use crate::model::outcome::Outcome;
use crate::model::plan::Plan;
use crate::model::task::{Record, Said};
use crate::wave::coding::code;
use Channel::{Email, Facebook, Phone, WebForm};
use tempfile::TempDir;

struct Desk {
    wave: Wave,
    _folder: TempDir,
}

impl Desk {
    fn on(channels: &[Channel]) -> Self {
        Self::with(&plan(channels, |_| ()))
    }

    fn with(plan: &Plan) -> Self {
        let folder = TempDir::new().unwrap();
        let wave = Wave::create(&folder.path().join("wave"), plan, start()).unwrap();
        Self { wave, _folder: folder }
    }

    fn plan(&self) -> &Plan {
        &self.wave.plan
    }

    fn happens(&mut self, events: &[Event]) {
        self.wave.append(start(), events).unwrap();
    }

    /// The first inquiry's message is tried once.
    fn tried(&mut self, outcome: Outcome) {
        let first = attempt(self.plan(), 0, 0, 1);
        self.happens(&[started(first.clone()), ended(first, outcome)]);
    }

    fn says(&mut self, message: u32, what: Said, at: DateTime<Utc>) -> Result<(), PersonError> {
        let inquiry = self.plan().inquiries[0].id.clone();
        let via = self.plan().inquiries[0].channel;
        record(&mut self.wave, after("60d"), &Record { inquiry, message, at, via, what, note: None })
    }

    /// Refused, for that reason, and nothing was written.
    #[track_caller]
    fn refuses(&mut self, message: u32, what: Said, at: DateTime<Utc>, because: &str) {
        let before = self.wave.state.last_seq;
        let why = self.says(message, what, at).unwrap_err().to_string();
        assert!(why.contains(because), "{why}");
        assert_eq!(self.wave.state.last_seq, before);
    }
}

#[test]
fn nothing_is_sent_twice_by_hand() {
    let mut desk = Desk::on(&[Facebook]);
    desk.says(0, Said::Sent, start()).unwrap();
    desk.refuses(0, Said::Sent, after("1h"), "already sent");
    desk.refuses(0, Said::Impossible, after("1h"), "already sent");
    desk.says(1, Said::Sent, after("7d")).unwrap();
    desk.refuses(1, Said::Sent, after("8d"), "already sent");
}

#[test]
fn a_person_sends_only_what_is_a_persons_task() {
    let mut mail = Desk::on(&[Email]);
    mail.refuses(0, Said::Sent, start(), "sent by Risposta itself");
    for (outcome, because) in [
        (accepted(start()), "already sent"),
        (Outcome::InDoubt(failure()), "in doubt"),
        (Outcome::Rejected(failure()), "sent by Risposta itself"),
        (Outcome::Deferred(failure()), "sent by Risposta itself"),
    ] {
        let mut form = Desk::on(&[WebForm]);
        form.tried(outcome);
        form.refuses(0, Said::Sent, start(), because);
    }
    let mut blocked = Desk::on(&[WebForm]);
    blocked.tried(Outcome::Blocked(failure()));
    blocked.says(0, Said::Sent, start()).unwrap();
}

#[test]
fn nobody_is_written_to_after_asking_for_peace() {
    let mut desk = Desk::on(&[Facebook]);
    let company = desk.plan().inquiries[0].company.clone();
    stop(&mut desk.wave, start(), &company, "they wrote so").unwrap();
    desk.refuses(0, Said::Sent, after("1h"), "left alone");
    desk.says(0, Said::Sent, start()).unwrap();
    assert!(desk.wave.state.inquiries[0].asked_at(&desk.wave.state).is_some(), "what was sent before is a fact");
}

#[test]
fn a_reminder_reminds_of_something() {
    let mut desk = Desk::on(&[Facebook]);
    desk.refuses(1, Said::Sent, after("7d"), "not been asked yet");
}

#[test]
fn what_is_told_happened_after_the_question_and_before_now() {
    let seen = [Said::Reply, Said::Call, Said::MissedCall, Said::Acknowledgement, Said::Seen, Said::Checked];
    for what in seen {
        let mut desk = Desk::on(&[Facebook]);
        desk.refuses(0, what, after("1d"), "has not been asked yet");
        desk.says(0, Said::Sent, after("2d")).unwrap();
        desk.refuses(0, what, after("2d") - SECOND, "before the question was asked");
        desk.refuses(0, what, after("60d") + SECOND, "in the future");
        desk.says(0, what, after("2d")).unwrap();
    }
}

#[test]
fn who_calls_about_a_message_in_doubt_has_got_it() {
    let mut desk = Desk::on(&[Email]);
    desk.tried(Outcome::InDoubt(failure()));
    desk.refuses(0, Said::Call, start() - SECOND, "before");
    desk.says(0, Said::Call, after("1h")).unwrap();
    assert_eq!(desk.wave.state.inquiries[0].asked_at(&desk.wave.state), Some(start()));
}

#[test]
fn what_the_wave_does_not_have_is_refused() {
    let mut desk = Desk::on(&[Facebook]);
    for what in [Said::Sent, Said::Seen, Said::Reply, Said::Call, Said::Kept] {
        desk.refuses(9, what, start(), "no message number 9: it has 0");
    }
    let nobody: InquiryId = "nobody.email.q.1".into();
    let stranger = Record {
        inquiry: nobody.clone(),
        message: 0,
        at: start(),
        via: Phone,
        what: Said::Call,
        note: Some("hello".to_owned()),
    };
    let company = "nobody".parse().unwrap();
    let wave = &mut desk.wave;
    assert!(matches!(record(wave, start(), &stranger), Err(PersonError::Unknown(_))));
    assert!(matches!(stop(wave, start(), &company, "why"), Err(PersonError::Unknown(_))));
    assert!(matches!(settle(wave, start(), &nobody, 0, true, "why"), Err(PersonError::Unknown(_))));
    assert!(matches!(review(wave, start(), InboundId(1), None, None), Err(PersonError::Unknown(_))));
    assert!(matches!(code(wave, start(), InboundId(1), "anna", Adequacy::Answered), Err(PersonError::Unknown(_))));
    assert_eq!(desk.wave.state.last_seq, 1);
}

#[test]
fn only_what_has_left_is_seen() {
    let mut desk = Desk::on(&[Facebook]);
    desk.says(0, Said::Sent, start()).unwrap();
    desk.refuses(1, Said::Seen, after("8d"), "reminder 1 to");
    desk.says(1, Said::Sent, after("7d")).unwrap();
    desk.refuses(1, Said::Seen, after("7d") - SECOND, "had not left by then");
    desk.says(1, Said::Seen, after("7d")).unwrap();
    desk.says(0, Said::Seen, after("1h")).unwrap();
}

#[test]
fn an_answer_comes_where_somebody_can_see_it() {
    let mut desk = Desk::with(&plan(&[Facebook], |plan| plan.study.personas[0].phone = None));
    desk.says(0, Said::Sent, start()).unwrap();
    let inquiry = desk.plan().inquiries[0].id.clone();
    let mut by = |via, what| {
        let told = Record { inquiry: inquiry.clone(), message: 0, at: after("1d"), via, what, note: None };
        record(&mut desk.wave, after("60d"), &told).map_err(|error| match error {
            PersonError::Contradiction { what, help } => format!("{what}; {help}"),
            other => other.to_string(),
        })
    };
    by(Facebook, Said::Reply).unwrap();
    by(Email, Said::Reply).unwrap();
    by(Phone, Said::Call).unwrap();
    let why = by(Channel::Linkedin, Said::Seen).unwrap_err();
    assert!(why.contains("asks by linkedin") && why.contains("email, mastodon, facebook"), "{why}");
    // What came, came: however unlikely the way.
    for via in [Channel::Linkedin, Channel::Instagram, Phone] {
        by(via, Said::Reply).unwrap();
    }
    let unforeseen = |via, what| {
        let told = Record { inquiry: inquiry.clone(), message: 0, at: after("1d"), via, what, note: None };
        super::unforeseen(&desk.wave, &told)
    };
    assert!(unforeseen(Channel::Instagram, Said::Reply).unwrap().contains("answered by instagram"));
    for (via, what) in [(Facebook, Said::Reply), (Email, Said::BotReply), (Phone, Said::MissedCall)] {
        assert_eq!(unforeseen(via, what), None);
    }
    assert_eq!(desk.wave.state.inbound.values().map(|m| m.via).filter(|via| *via == Channel::Instagram).count(), 1);
}

#[test]
fn what_is_kept_or_broken_was_promised() {
    for what in [Said::Kept, Said::Broken] {
        let mut desk = Desk::on(&[Facebook]);
        desk.says(0, Said::Sent, start()).unwrap();
        desk.refuses(0, what, after("3d"), "nobody had replied");
        desk.says(0, Said::Reply, after("2d")).unwrap();
        desk.refuses(0, what, after("1d"), "nobody had replied");
        let coded = |desk: &mut Desk, adequacy| code(&mut desk.wave, after("60d"), InboundId(1), "anna", adequacy);
        coded(&mut desk, Adequacy::Answered).unwrap();
        desk.refuses(0, what, after("3d"), "promises anything");
        coded(&mut desk, Adequacy::Promised).unwrap();
        desk.says(0, what, after("3d")).unwrap();
    }
}

#[test]
fn only_what_is_in_doubt_is_settled_and_once() {
    let mut desk = Desk::on(&[Email]);
    let inquiry = desk.plan().inquiries[0].id.clone();
    assert!(settle(&mut desk.wave, start(), &inquiry, 0, true, "seen").is_err());
    let first = attempt(desk.plan(), 0, 0, 1);
    desk.happens(&[started(first)]);
    settle(&mut desk.wave, start(), &inquiry, 0, true, "it lay in the sent folder").unwrap();
    assert!(settle(&mut desk.wave, start(), &inquiry, 0, false, "changed my mind").is_err());
    assert!(settle(&mut desk.wave, start(), &inquiry, 9, true, "seen").is_err());
}

#[test]
fn only_replies_are_coded() {
    let mut desk = Desk::on(&[Facebook]);
    desk.says(0, Said::Sent, start()).unwrap();
    desk.says(0, Said::Acknowledgement, after("1h")).unwrap();
    desk.says(0, Said::Reply, after("2h")).unwrap();
    let mut coded = |number| code(&mut desk.wave, after("3d"), InboundId(number), "anna", Adequacy::Partial);
    assert!(matches!(coded(1), Err(PersonError::Contradiction { .. })));
    coded(2).unwrap();
}

#[test]
fn a_review_wakes_the_inquiry_that_loses_the_message_too() {
    let mut desk = Desk::on(&[Email, Email]);
    let (plan, inbound) = (desk.wave.plan.clone(), InboundId(1));
    desk.happens(&[stored(1, Email, start()), interpreted(1, taken_for(InboundKind::Reply, &plan, Some(0)), None)]);
    desk.wave.take_touched();
    let other = plan.inquiries[1].id.clone();
    review(&mut desk.wave, start(), inbound, Some(&other), None).unwrap();
    let mut touched = desk.wave.take_touched();
    touched.sort_unstable();
    assert_eq!(touched, [0, 1]);
    review(&mut desk.wave, start(), inbound, None, Some(InboundKind::Unrelated)).unwrap();
    assert_eq!(desk.wave.take_touched(), [1]);
}

#[test]
fn a_review_says_which_inquiry_unless_it_concerns_none() {
    let mut desk = Desk::on(&[Email]);
    let plan = desk.wave.plan.clone();
    desk.happens(&[stored(1, Email, start()), interpreted(1, taken_for(InboundKind::Reply, &plan, None), None)]);
    let refused = review(&mut desk.wave, start(), InboundId(1), None, Some(InboundKind::Reply)).unwrap_err();
    assert!(refused.to_string().contains("which inquiry"), "{refused}");
    review(&mut desk.wave, start(), InboundId(1), Some(&plan.inquiries[0].id), None).unwrap();
    assert_eq!(desk.wave.state.inquiries[0].inbound.len(), 1);
}

#[test]
fn what_is_asked_back_is_answered_once_and_only_as_the_study_foresaw() {
    let mut desk = Desk::on(&[Facebook]);
    desk.says(0, Said::Sent, start()).unwrap();
    desk.says(0, Said::Reply, after("1d")).unwrap();
    desk.refuses(0, Said::AnsweredBack, after("2d"), "does not say what is answered");
    let foreseen = plan(&[Facebook], |plan| {
        plan.study.questions = vec![crate::model::study::Question {
            id: plan.inquiries[0].question.clone(),
            intent: None,
            subject: String::new(),
            wordings: Vec::new(),
            answer_has: Vec::new(),
            if_asked_back: Some("Circa 80 mq.".to_owned()),
            reminder: None,
        }];
        plan.study.conduct.max_messages_per_company = 2;
    });
    let mut desk = Desk::with(&foreseen);
    desk.says(0, Said::Sent, start()).unwrap();
    desk.refuses(0, Said::AnsweredBack, after("1d"), "nobody had replied");
    desk.says(0, Said::Reply, after("1d")).unwrap();
    desk.says(0, Said::AnsweredBack, after("2d")).unwrap();
    desk.refuses(0, Said::AnsweredBack, after("3d"), "answered back already");
}

#[test]
fn a_reply_that_a_person_wrote_down_seems_to_be_something() {
    let mut desk = Desk::on(&[Facebook]);
    desk.says(0, Said::Sent, start()).unwrap();
    let inquiry = desk.plan().inquiries[0].id.clone();
    let note = Some("La preghiamo di chiamare il numero 02 1234567.".to_owned());
    let reply = Record { inquiry, message: 0, at: after("1d"), via: Facebook, what: Said::Reply, note };
    record(&mut desk.wave, after("60d"), &reply).unwrap();
    let (_, suggested) = desk.wave.state.inbound[&InboundId(1)].reply().suggested.clone().unwrap();
    assert_eq!(suggested.adequacy.map(|a| a.is), Some(Adequacy::Redirected));
    assert_eq!(crate::wave::answers::catch_up(&mut desk.wave, after("61d")).unwrap(), 0, "all is said already");
}
