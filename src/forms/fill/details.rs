//! Which of the things that a study says about who asks belongs into a field?

use crate::forms::page::Field;
use crate::forms::roles::Role;
use crate::lexicon::form_words::words;
use crate::model::study::Detail;

/// Pieces of words for a customer, in the five languages: whose number is not that of an order.
const CUSTOMER: [&str; 5] = ["customer", "client", "kunde", "mitglied", "abonne"];

/// What a role asks for.
pub(super) const fn of(role: Role) -> Option<Detail> {
    Some(match role {
        Role::Salutation => Detail::Salutation,
        Role::Company => Detail::Company,
        Role::Street => Detail::Street,
        Role::HouseNumber => Detail::HouseNumber,
        Role::Postcode => Detail::Postcode,
        Role::City => Detail::City,
        Role::Region => Detail::Region,
        Role::Country => Detail::Country,
        Role::Website => Detail::Website,
        _ => return None,
    })
}

/// Which numbers fit a field for one, the nearest first.
pub(super) fn references(field: &Field) -> Vec<Detail> {
    let named = words(&format!("{} {} {}", field.label, field.name, field.hint));
    let of_customer = named.iter().any(|word| CUSTOMER.iter().any(|piece| word.contains(piece)));
    if of_customer { vec![Detail::CustomerNumber] } else { vec![Detail::OrderNumber, Detail::CustomerNumber] }
}

/// The street and the number of its house, which stands last or first.
pub(super) fn split_street(street: &str) -> (String, Option<String>) {
    let street = street.trim();
    let starts_with_digit = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let ends = [street.rsplit_once(' '), street.split_once(' ').map(|(number, name)| (name, number))];
    match ends.into_iter().flatten().find(|(_, number)| starts_with_digit(number)) {
        Some((name, number)) => {
            (name.trim_end_matches([',', ' ']).to_owned(), Some(number.trim_end_matches(',').to_owned()))
        }
        None => (street.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::split_street;

    #[test]
    fn a_street_and_its_number_are_told_apart() {
        for (street, name, number) in [
            ("Via Roma 12/b", "Via Roma", Some("12/b")),
            ("Hauptstraße, 7", "Hauptstraße", Some("7")),
            ("12 Mill Lane", "Mill Lane", Some("12")),
            ("Piazza Grande", "Piazza Grande", None),
            ("", "", None),
        ] {
            assert_eq!(split_street(street), (name.to_owned(), number.map(str::to_owned)), "{street}");
        }
    }
}
