//! What can a field of a form be for?

use super::page::Form;
use super::reading::Reading;
use crate::lexicon::form_words::Concept;

/// Writes the roles with their names once.
macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a field is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $variant,)* }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name, as reports and tables write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

roles! {
    /// Mr or Ms.
    Salutation = "salutation",
    /// First and last name.
    Name = "name",
    /// First name.
    FirstName = "first_name",
    /// Family name.
    LastName = "last_name",
    /// E-mail address.
    Email = "email",
    /// E-mail address once more.
    EmailAgain = "email_again",
    /// Telephone number.
    Phone = "phone",
    /// The company that asks.
    Company = "company",
    /// The street, or an address in one line.
    Street = "street",
    /// The number of the house.
    HouseNumber = "house_number",
    /// The post code.
    Postcode = "postcode",
    /// The town.
    City = "city",
    /// The province, state or county.
    Region = "region",
    /// The country.
    Country = "country",
    /// Subject.
    Subject = "subject",
    /// The message.
    Message = "message",
    /// The number of an order, a customer, a contract.
    Reference = "reference",
    /// A day or an hour.
    Date = "date",
    /// The website of who asks.
    Website = "website",
    /// Agreement to privacy terms.
    Consent = "consent",
    /// Agreement to advertising: never given.
    Marketing = "marketing",
    /// A copy of the message to who asks.
    Copy = "copy",
    /// A file.
    File = "file",
    /// A trap for robots: never filled.
    Honeypot = "honeypot",
    /// A proof that a person fills the form; a sum as well.
    Captcha = "captcha",
    /// A name to log in with, or to be shown.
    Username = "username",
    /// A password: never filled.
    Password = "password",
    /// Words to search for.
    Search = "search",
    /// Known by name, but nothing that a question has: fax, age, number of guests.
    Other = "other",
    /// A button.
    Button = "button",
    /// Sent as it is.
    Hidden = "hidden",
    /// Not understood.
    Unknown = "unknown",
}

impl Role {
    /// The role of a name in YAML: `name`, `email`, `phone`, `subject`, `message`, `consent`, …
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "subject" => Self::Subject,
            "message" => Self::Message,
            "consent" => Self::Consent,
            _ => return None,
        })
    }

    /// The role that a word of this concept speaks for.
    pub const fn of(concept: Concept) -> Option<Self> {
        Some(match concept {
            Concept::Captcha => Self::Captcha,
            Concept::EmailAgain => Self::EmailAgain,
            Concept::Email => Self::Email,
            Concept::Phone => Self::Phone,
            Concept::FullName | Concept::Name => Self::Name,
            Concept::FirstName => Self::FirstName,
            Concept::LastName => Self::LastName,
            Concept::Subject => Self::Subject,
            Concept::Message => Self::Message,
            Concept::Salutation => Self::Salutation,
            Concept::Company => Self::Company,
            Concept::Street | Concept::Address => Self::Street,
            Concept::HouseNumber => Self::HouseNumber,
            Concept::Postcode => Self::Postcode,
            Concept::City => Self::City,
            Concept::Region => Self::Region,
            Concept::Country => Self::Country,
            Concept::Reference => Self::Reference,
            Concept::Date | Concept::Birth => Self::Date,
            Concept::Website => Self::Website,
            Concept::Username => Self::Username,
            Concept::Password => Self::Password,
            Concept::Attachment => Self::File,
            Concept::Search => Self::Search,
            Concept::Other | Concept::Rating | Concept::Recipient | Concept::Payment => Self::Other,
            _ => return None,
        })
    }
}

/// What is to be written into a form's fields: their roles, with a trap's for whatever stays untouched.
pub fn roles(form: &Form) -> Vec<Role> {
    form.readings.iter().map(Reading::role_to_fill).collect()
}
