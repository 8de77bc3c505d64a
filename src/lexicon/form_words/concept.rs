//! Which things do the words of forms stand for?

/// Writes the concepts with their names in the files once.
macro_rules! concepts {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a word or phrase of a form stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Concept { $($(#[$doc])* $variant,)* }

        impl Concept {
            /// Every concept with its name in the files.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$variant),)*];

            /// Its name in the files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

concepts! {
    /// "Leave this field empty".
    Honeypot = "honeypot",
    /// A test that only a person should pass.
    Captcha = "captcha",
    /// The e-mail address a second time.
    EmailAgain = "email_again",
    /// The e-mail address.
    Email = "email",
    /// The telephone number.
    Phone = "phone",
    /// First and last name in one field.
    FullName = "full_name",
    /// The first name.
    FirstName = "first_name",
    /// The family name.
    LastName = "last_name",
    /// A name; which one, the other fields tell.
    Name = "name",
    /// What it is about.
    Subject = "subject",
    /// The message.
    Message = "message",
    /// "Title" and nothing else: a form of address, a position, or a subject.
    Title = "title",
    /// Mr or Ms.
    Salutation = "salutation",
    /// One of the titles that a salutation chooses from.
    Honorific = "honorific",
    /// One of the countries that a list of countries has.
    CountryName = "country_name",
    /// One of the months.
    MonthName = "month_name",
    /// The company that asks.
    Company = "company",
    /// The street.
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
    /// A postal address, no part of it named.
    Address = "address",
    /// The number of an order, a customer, a contract.
    Reference = "reference",
    /// A day or an hour.
    Date = "date",
    /// The day of birth.
    Birth = "birth",
    /// The website of who asks.
    Website = "website",
    /// A name to log in with, or to be shown.
    Username = "username",
    /// A password.
    Password = "password",
    /// A file.
    Attachment = "attachment",
    /// A copy of the message to who asks.
    Copy = "copy",
    /// Something else that we know by name and cannot answer: fax, age, number of guests.
    Other = "other",
    /// Stars or marks.
    Rating = "rating",
    /// Somebody else who gets the message: a friend.
    Recipient = "recipient",
    /// A means of payment.
    Payment = "payment",
    /// A form for opening an account.
    Register = "register",
    /// A form for a forgotten password.
    Recovery = "recovery",
    /// A form for a public judgement.
    Judgement = "judgement",
    /// A form for an order.
    Checkout = "checkout",
    /// A form for a booking.
    Booking = "booking",
    /// A form for telling somebody else.
    Friend = "friend",
    /// A form for reporting something on the page.
    Report = "report",
    /// A form for an application.
    Job = "job",
    /// A form for voting.
    Poll = "poll",
    /// A form for publishing something.
    Post = "post",
    /// A form for how the page is shown.
    Settings = "settings",
    /// A form for a quotation, a call back, or a brochure.
    Valuation = "valuation",
    /// A question or an enquiry.
    Asks = "asks",
    /// How many people come.
    Guests = "guests",
    /// Agreement to privacy terms.
    Privacy = "privacy",
    /// Agreement to advertising.
    Marketing = "marketing",
    /// "No", "I do not".
    Refusal = "refusal",
    /// "Required".
    Required = "required",
    /// "Please choose": an option that is none.
    Prompt = "prompt",
    /// An option that fits any question.
    General = "general",
    /// A form for searching.
    Search = "search",
    /// A form for logging in.
    Login = "login",
    /// A form for subscribing.
    Newsletter = "newsletter",
    /// A form for public comments.
    Comment = "comment",
    /// A form for contacting.
    Contact = "contact",
    /// A form for opinions.
    Feedback = "feedback",
    /// A button that sends.
    Send = "send",
    /// A button that does something else.
    NotSend = "not_send",
    /// The message was taken.
    Thanks = "thanks",
    /// Something was wrong.
    Error = "error",
    /// The message was taken and waits for somebody's approval, or for a click.
    Held = "held",
    /// "Please check your entries": shown once more before they count.
    Review = "review",
    /// A login is demanded.
    LoginWall = "login_wall",
    /// A page that first wants to know whether we are human.
    Challenge = "challenge",
    /// A page that first wants consent to cookies.
    ConsentWall = "consent_wall",
    /// A page that does nothing without scripts.
    ScriptNeeded = "script_needed",
}
