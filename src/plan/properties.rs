//! What every plan holds to, whatever the study.

use super::fixture::{START, at, course, plan, study, study_json, wave};
use super::{from_json, make, to_json};
use crate::calendar::SendWindow;
use crate::model::channel::Channel;
use crate::model::plan::{Due, Plan};
use crate::model::study::{AliasKind, Order, PerCompany, Study};
use crate::model::time::Span;
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

const CHANNELS: [Channel; 5] = [Channel::Email, Channel::WebForm, Channel::Facebook, Channel::Mastodon, Channel::Chat];

fn any_study() -> impl Strategy<Value = Study> {
    let per_company = prop_oneof![
        Just(PerCompany::All),
        Just(PerCompany::OneOfEach),
        (1..4_u32).prop_map(PerCompany::Some),
        Just(PerCompany::OneChannel)
    ];
    let order = prop_oneof![Just(Order::Listed), Just(Order::Random), Just(Order::LatinSquare)];
    let alias = prop_oneof![Just(AliasKind::CatchAll), Just(AliasKind::Plus)];
    let zone = prop_oneof![
        Just(chrono_tz::Europe::Rome),
        Just(chrono_tz::America::New_York),
        Just(chrono_tz::Asia::Kolkata),
        Just(chrono_tz::Australia::Lord_Howe)
    ];
    let sizes = (1..14_usize, 1..=CHANNELS.len(), 1..3_u32, 0..50_u16);
    (sizes, per_company, order, alias, zone, any::<u64>()).prop_map(
        |((companies, channels, times, washout), per_company, order, alias, zone, seed)| {
            let mut study = study(companies, &CHANNELS[..channels]);
            study.seed = seed;
            study.mailboxes[0].alias = alias;
            study.design.per_company = per_company;
            study.design.order = order;
            study.design.washout = Span::from_days(washout);
            for (n, company) in study.companies.iter_mut().enumerate() {
                company.asks[0].times = times;
                if n % 2 == 0 {
                    (company.timezone, company.country) = (zone, None);
                }
            }
            study
        },
    )
}

fn dues(plan: &Plan) -> Vec<DateTime<Utc>> {
    plan.inquiries.iter().map(|inquiry| inquiry.first_due().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_inputs_give_the_same_bytes_and_they_read_back(study in any_study()) {
        let json = to_json(&plan(&study));
        prop_assert_eq!(&json, &to_json(&plan(&study.clone())));
        prop_assert_eq!(to_json(&from_json(&json).unwrap()), json);
    }

    #[test]
    fn a_companys_inquiries_keep_washout_weekday_hour_and_send_window(study in any_study()) {
        let plan = plan(&study);
        for company in &study.companies {
            let window = SendWindow::new(&study.design.send, company.timezone, company.country.as_deref()).unwrap();
            let moments: Vec<_> =
                course(&plan, company.id.as_str()).iter().map(|inquiry| inquiry.first_due().unwrap()).collect();
            for at in &moments {
                prop_assert!(*at >= plan.start && window.is_open(*at), "{at} for {}", company.id);
                let cell = |at: &DateTime<Utc>| {
                    let local = at.with_timezone(&company.timezone);
                    (local.weekday(), local.hour())
                };
                prop_assert_eq!(cell(at), cell(&moments[0]));
            }
            for pair in moments.windows(2) {
                prop_assert!(pair[1] - pair[0] >= study.design.washout.delta(), "{pair:?}");
            }
        }
    }

    #[test]
    fn pacing_is_kept(study in any_study()) {
        let plan = plan(&study);
        let mut by_lane: BTreeMap<Option<Channel>, Vec<DateTime<Utc>>> = BTreeMap::new();
        for inquiry in &plan.inquiries {
            by_lane.entry(None).or_default().push(inquiry.first_due().unwrap());
            by_lane.entry(Some(inquiry.channel)).or_default().push(inquiry.first_due().unwrap());
        }
        for (lane, moments) in by_lane {
            let gap = if lane.is_some() { study.design.pacing.channel } else { study.design.pacing.total };
            for pair in moments.windows(2) {
                prop_assert!(pair[1] - pair[0] >= gap.delta(), "{lane:?}: {pair:?}");
            }
        }
        let on_the_instance: Vec<_> =
            plan.inquiries.iter().filter(|i| i.channel == Channel::Mastodon).map(|i| i.first_due().unwrap()).collect();
        prop_assert!(on_the_instance.windows(2).all(|pair| pair[1] - pair[0] >= study.design.pacing.host.delta()));
    }

    #[test]
    fn aliases_and_message_ids_are_unique(study in any_study()) {
        let plan = plan(&study);
        let aliases: HashSet<_> = plan.inquiries.iter().map(|i| i.reply_to.clone().unwrap()).collect();
        prop_assert_eq!(aliases.len(), plan.inquiries.len());
        prop_assert!(plan.inquiries.iter().all(|inquiry| inquiry.reply_to_is_own));
        let messages: Vec<_> = plan.inquiries.iter().flat_map(|inquiry| &inquiry.messages).collect();
        let ids: HashSet<_> = messages.iter().map(|message| &message.message_id).collect();
        prop_assert_eq!(ids.len(), messages.len());
    }

    #[test]
    fn caps_are_never_exceeded(study in any_study(), cap in 1..12_u32) {
        let mut study = study;
        study.conduct.max_messages_per_company = cap;
        if let Ok(plan) = make(&study, &wave(), at(START)) {
            for company in &study.companies {
                let messages: usize = course(&plan, company.id.as_str()).iter().map(|i| i.messages.len()).sum();
                prop_assert!(messages <= cap as usize);
            }
        }
    }
}

#[test]
fn another_seed_gives_another_order_and_another_wave_only_other_names() {
    let study = study(30, &CHANNELS);
    let order = |plan: &Plan| plan.inquiries.iter().map(|i| (i.id.clone(), i.first_due())).collect::<Vec<_>>();
    let mut other = study.clone();
    other.seed += 1;
    assert_ne!(order(&plan(&study)), order(&plan(&other)));
    let wave_2 = make(&study, &"w2".parse().unwrap(), at(START)).unwrap();
    assert_eq!(order(&plan(&study)), order(&wave_2));
    let ids = |plan: &Plan| plan.inquiries.iter().map(|i| i.messages[0].message_id.clone()).collect::<HashSet<_>>();
    assert!(ids(&plan(&study)).is_disjoint(&ids(&wave_2)));
}

#[test]
fn each_channel_stands_in_each_position_equally_often() {
    let plan = plan(&study(40, &CHANNELS[..4]));
    let mut counts = BTreeMap::new();
    for inquiry in &plan.inquiries {
        *counts.entry((inquiry.channel, inquiry.position)).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 16);
    assert!(counts.values().all(|n| *n == 10), "{counts:?}");
}

#[test]
fn parallel_groups_are_of_equal_size_in_every_industry() {
    let mut study = study(61, &CHANNELS[..3]);
    study.design.per_company = PerCompany::OneChannel;
    let plan = plan(&study);
    assert_eq!(plan.inquiries.len(), 61);
    let mut counts: BTreeMap<(Option<&str>, Channel), i32> = BTreeMap::new();
    for inquiry in &plan.inquiries {
        let industry = study.company(&inquiry.company).unwrap().industry.as_deref();
        for stratum in [None, industry] {
            *counts.entry((stratum, inquiry.channel)).or_default() += 1;
        }
    }
    for stratum in [None, Some("food"), Some("cars"), Some("banks")] {
        let sizes: Vec<i32> = counts.iter().filter(|(key, _)| key.0 == stratum).map(|(_, n)| *n).collect();
        assert_eq!(sizes.len(), 3, "{stratum:?}");
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 2, "{stratum:?}: {sizes:?}");
    }
}

#[test]
fn one_of_each_group_takes_one_and_balances_them() {
    let mut study = study(60, &CHANNELS);
    study.design.per_company = PerCompany::OneOfEach;
    let plan = plan(&study);
    let mut counts: BTreeMap<Channel, i32> = BTreeMap::new();
    for company in &study.companies {
        let course = course(&plan, company.id.as_str());
        let own = course.iter().filter(|i| study.design.compare[0].channels.contains(&i.channel)).count();
        assert_eq!((own, course.len()), (1, 2));
        for inquiry in course {
            *counts.entry(inquiry.channel).or_default() += 1;
        }
    }
    let expected = [(Channel::Email, 30), (Channel::WebForm, 30), (Channel::Mastodon, 20), (Channel::Facebook, 20)];
    assert!(expected.iter().all(|(channel, n)| (counts[channel] - n).abs() <= 1), "{counts:?}");
}

#[test]
fn wordings_and_personas_are_not_nested_in_channels() {
    let mut json = study_json(40, &CHANNELS[..4]);
    let anna = json!({"id": "anna", "name": "Anna Bo", "phone": null, "mailbox": "posta", "mastodon": "masto"});
    json["personas"].as_array_mut().unwrap().push(anna);
    let study: Study = serde_json::from_value(json).unwrap();
    let plan = plan(&study);
    let mut counts: BTreeMap<(Channel, &str), i32> = BTreeMap::new();
    for inquiry in &plan.inquiries {
        *counts.entry((inquiry.channel, &inquiry.wording)).or_default() += 1;
        *counts.entry((inquiry.channel, inquiry.persona.as_str())).or_default() += 1;
    }
    assert_eq!(counts.len(), 16);
    assert!(counts.values().all(|n| *n == 20), "{counts:?}");
    for company in &study.companies {
        let course = course(&plan, company.id.as_str());
        assert!(course.iter().all(|inquiry| inquiry.persona == course[0].persona));
        assert_eq!(course.iter().filter(|inquiry| inquiry.wording == "a").count(), 2);
    }
}

#[test]
fn the_body_is_the_same_on_every_channel() {
    let mut study = study(1, &CHANNELS);
    study.questions[0].wordings.truncate(1);
    let plan = plan(&study);
    for inquiry in &plan.inquiries {
        let first = &inquiry.messages[0];
        assert_eq!(first.text, "Buongiorno, Frollini 0 contiene glutine?\nGrazie, Enrico Riva");
        assert_eq!(first.fingerprint, super::fingerprint(&first.text));
        let subject = if inquiry.channel.has_subject() { "Glutine in Frollini 0" } else { "" };
        assert_eq!(first.subject, subject);
        let reminders: Vec<_> = inquiry.messages[1..].iter().map(|message| message.due).collect();
        assert_eq!(reminders, [7, 14].map(|days| Due::AfterFirstAccepted(Span::from_days(days))));
        assert!(inquiry.messages[1].text.contains("Glutine in Frollini 0"), "{}", inquiry.messages[1].text);
    }
}

#[test]
fn reminders_end_before_the_window_does() {
    let mut study = study(1, &CHANNELS[..1]);
    study.design.reminders.as_mut().unwrap().max = 9;
    assert_eq!(plan(&study).inquiries[0].messages.len(), 1 + 3, "7, 14 and 21 of 28 days");
}

#[test]
fn a_holiday_is_passed_over_even_where_the_send_window_forgets_it() {
    let mut study = study(80, &CHANNELS[..1]);
    study.design.send = "Mo 09:00-17:00".into();
    // Easter Monday.
    let plan = make(&study, &wave(), at("2026-04-06T00:00:00Z")).unwrap();
    assert!(dues(&plan).iter().all(|at| at.weekday() == Weekday::Mon && at.day() != 6));
}

#[test]
fn companies_spread_over_as_many_weeks_as_pacing_needs() {
    let mut study = study(41, &CHANNELS[..1]);
    study.design.send = "Mo 09:00-17:00".into();
    study.design.pacing.total = Span::from_secs(3_600);
    let moments = dues(&plan(&study));
    assert!(moments.windows(2).all(|pair| pair[1] - pair[0] >= TimeDelta::hours(1)));
    let weeks = (*moments.last().unwrap() - moments[0]).num_weeks();
    assert!((5..=9).contains(&weeks), "at most 8 a Monday: {weeks} weeks");
}

#[test]
fn a_study_without_room_is_refused_instead_of_running_for_ever() {
    let mut study = study(2, &CHANNELS[..1]);
    study.design.pacing.total = Span::from_days(3_650);
    let told = make(&study, &wave(), at(START)).unwrap_err().to_string();
    assert!(told.contains("`design.pacing`"), "{told}");
    study.design.send = "2020 Jan 1-5 09:00-17:00".into();
    let told = make(&study, &wave(), at(START)).unwrap_err().to_string();
    assert!(told.contains("never opens"), "{told}");
}

#[test]
fn the_local_hour_stays_across_the_clock_change() {
    let mut study = study(1, &CHANNELS[..2]);
    study.design.washout = Span::from_days(7);
    study.design.send = "Mo-Su 09:00-10:00".into();
    let moments = dues(&make(&study, &wave(), at("2026-10-19T00:00:00Z")).unwrap());
    assert_eq!((moments[0].hour(), moments[1].hour()), (7, 8));
    assert_eq!(moments[1] - moments[0], TimeDelta::days(7) + TimeDelta::hours(1));
}

#[test]
fn all_problems_are_told_at_once_with_names() {
    let mut study = study(3, &CHANNELS[..2]);
    study.companies[1].vars.clear();
    study.companies[2].vars.clear();
    study.questions[0].wordings[0].text = "{{ product }} {{ colour }}?".into();
    let told = make(&study, &wave(), at(START)).unwrap_err().to_string();
    for expected in ["`c1`", "`c2`", "`glutine`", "`product`", "`colour`", "under `vars`"] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
}

#[test]
fn a_channel_that_nobody_can_use_is_refused() {
    let mut study = study(1, &[Channel::Email, Channel::Mastodon]);
    study.mailboxes[0].smtp = None;
    study.personas[0].mastodon = None;
    let told = make(&study, &wave(), at(START)).unwrap_err().to_string();
    assert!(told.contains("`c0`") && told.contains("`enrico`") && told.contains("`smtp`"), "{told}");
}

#[test]
fn a_group_that_would_be_asked_too_often_is_refused() {
    let mut study = study(2, &CHANNELS[..2]);
    for company in &mut study.companies {
        company.group = Some("holding".parse().unwrap());
    }
    study.conduct.max_messages_per_group = Some(11);
    let told = make(&study, &wave(), at(START)).unwrap_err().to_string();
    assert!(told.contains("group `holding` would get 12 messages; the cap is 11"), "{told}");
    study.conduct.max_messages_per_group = Some(12);
    assert_eq!(plan(&study).inquiries.len(), 4);
}

#[test]
fn the_bytes_of_a_small_plan_stay() {
    let mut study = study(2, &[Channel::Email, Channel::Facebook]);
    study.design.reminders.as_mut().unwrap().max = 1;
    let mut plan = plan(&study);
    plan.risposta = "0.0.0".into();
    insta::assert_snapshot!("small_plan", to_json(&plan));
}
