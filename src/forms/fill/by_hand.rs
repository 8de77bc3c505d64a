//! What does a person enter into a form that no machine sends? The same as a machine would, field by field; what
//! only a person knows is said in place of a text.

use super::{Answers, Filler, Mapped, of_form, place};
use crate::forms::page::{Field, Form, Kind, Page};
use crate::forms::roles::{Role, roles};
use std::collections::BTreeMap;

/// A field, and what a person does with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// What the page calls it.
    pub field: String,
    /// What it gets.
    pub gets: Gets,
}

/// What a field gets from a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gets {
    /// This text.
    Text(String),
    /// This one of its choices.
    Choice(String),
    /// A tick.
    Tick,
    /// What nobody has said: why a machine stops here.
    Yours(String),
}

/// The fields that a person fills, in the page's order; others stay as they are.
pub fn by_hand(page: &Page, form: &Form, mapping: &BTreeMap<String, Mapped>, answers: &Answers) -> Vec<ByHand> {
    let here = of_form(page, form, mapping);
    let (mapped, roles) = (place(page, form, &here).unwrap_or_default(), roles(form));
    let filler = Filler { form, roles: &roles, mapped: &mapped, answers, as_it_stands: false };
    let is_open = |(i, f): &(usize, &Field)| {
        let is_seen = f.hidden.is_none() && !f.is_trap && !f.disabled && roles[*i] != Role::Honeypot;
        is_seen && !matches!(f.kind, Kind::Hidden | Kind::Submit | Kind::Image | Kind::Button)
    };
    let fields = form.fields.iter().enumerate().filter(is_open);
    fields.filter_map(|(i, field)| Some(ByHand { field: called(field), gets: gets(&filler, i, field)? })).collect()
}

fn gets(filler: &Filler<'_>, i: usize, field: &Field) -> Option<Gets> {
    let values = match filler.entries(i, field, false) {
        Ok(entries) => entries,
        Err(unfit) => return Some(Gets::Yours(unfit.why)),
    };
    let value = &values.first()?.value;
    match &field.kind {
        Kind::Checkbox { .. } => Some(Gets::Tick),
        Kind::Radio { .. } => Some(Gets::Choice(field.label.clone())),
        Kind::Select { options, .. } => {
            let option = options.iter().find(|o| o.value == *value)?;
            Some(Gets::Choice(option.text.clone())).filter(|_| !option.value.is_empty())
        }
        _ => Some(Gets::Text(value.clone())).filter(|_| !value.is_empty()),
    }
}

fn called(field: &Field) -> String {
    // The group says what is chosen, its button's own label which.
    let of_group = Some(&field.group).filter(|_| matches!(field.kind, Kind::Radio { .. }));
    let names = of_group.into_iter().chain([&field.label, &field.hint, &field.name, &field.id]);
    let name = names.map(|name| name.trim()).find(|name| !name.is_empty());
    name.unwrap_or("(without a name)").chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_what_each_field_gets_and_what_is_left_to_them() {
        let html = "<form><label>Nome * <input name=n required></label><label>E-mail <input name=e type=email></label>\
            <p style='display:none'><input name=url></p>\
            <label>Tema <select name=s required><option value=''>Scegliere</option><option value=1>Ordini</option>\
            <option value=2>Altro</option></select></label>\
            <label>Targa <input name=t required></label><label>Messaggio <textarea name=m required></textarea></label>\
            <label>Quanto fa 3 + 4? <input name=c required></label>\
            <label><input type=checkbox name=p required> Accetto la privacy</label>\
            <label><input type=checkbox name=ads> Newsletter</label><button>Invia</button></form>";
        let page = Page::parse(html, &"https://a.example/contatti".parse().unwrap());
        let answers = Answers {
            name: "Enrico Riva".to_owned(),
            email: "e@riva.example".to_owned(),
            phone: None,
            details: BTreeMap::new(),
            subject: "Glutine".to_owned(),
            message: "Contengono glutine?".to_owned(),
        };
        let told = by_hand(&page, &page.forms[0], &BTreeMap::new(), &answers);
        let words: Vec<String> = told
            .iter()
            .map(|line| match &line.gets {
                Gets::Text(text) => format!("{}: {text}", line.field),
                Gets::Choice(choice) => format!("{}: choose {choice}", line.field),
                Gets::Tick => format!("{}: tick", line.field),
                Gets::Yours(_) => format!("{}: yours", line.field),
            })
            .collect();
        let expected = [
            "Nome *: Enrico Riva",
            "E-mail: e@riva.example",
            "Tema: choose Altro",
            "Targa: yours",
            "Messaggio: Contengono glutine?",
            "Quanto fa 3 + 4?: yours",
            "Accetto la privacy: tick",
        ];
        assert_eq!(words, expected);
    }
}
