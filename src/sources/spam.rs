//! Which folder holds what a filter on our side called spam? A reply in it counts like any other.

use super::utf7;

/// The names that such folders go by where the server does not mark them (RFC 6154), in lower case:
/// those of large providers and of mail programs in the languages that we know of.
const NAMES: [&str; 43] = [
    // English
    "junk",
    "spam",
    "junk e-mail",
    "junk email",
    "junk mail",
    "bulk",
    "bulk mail",
    "probably spam",
    "spambox",
    // Italian
    "posta indesiderata",
    "indesiderata",
    // German
    "junk-e-mail",
    "spamverdacht",
    "spam-verdacht",
    "spamordner",
    "unerwünscht",
    "unerwünschte werbung",
    "werbung",
    // French
    "courrier indésirable",
    "courriers indésirables",
    "indésirables",
    "pourriel",
    "pourriels",
    // Spanish, Catalan
    "correo no deseado",
    "correo basura",
    "no deseado",
    "correu brossa",
    // Portuguese
    "lixo eletrónico",
    "lixo eletrônico",
    "correio de lixo",
    "correio não solicitado",
    // Dutch, Scandinavian languages
    "ongewenste e-mail",
    "ongewenst",
    "skräppost",
    "søppelpost",
    "uønsket e-post",
    "uønsket mail",
    "roskaposti",
    // Polish, Czech, Turkish, Russian, Japanese
    "wiadomości-śmieci",
    "nevyžádaná pošta",
    "gereksiz",
    "спам",
    "迷惑メール",
];

/// Whether a folder of that name, as the server writes it and without the folders above it, holds spam.
pub(super) fn is_spam_folder(name: &str) -> bool {
    NAMES.contains(&utf7::decode(name).to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spam_folders_are_known_in_the_languages_of_their_servers() {
        for name in [
            "Junk",
            "SPAM",
            "Posta indesiderata",
            "Spamverdacht",
            "Junk-E-Mail",
            "Courrier ind&AOk-sirable",
            "Courrier indésirable",
            "Pourriel",
            "Correo no deseado",
            "&j,dg0TDhMPww6w-",
        ] {
            assert!(is_spam_folder(name), "{name}");
        }
        for name in ["INBOX", "Archivio", "Junkers", "Spam reports", ""] {
            assert!(!is_spam_folder(name), "{name}");
        }
        assert!(NAMES.iter().all(|name| name.to_lowercase() == *name), "compared in lower case");
    }
}
