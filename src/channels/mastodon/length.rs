//! How long is a post, as its instance counts?

/// Characters that an address counts for where the instance does not say.
pub(super) const URL_CHARS: usize = 23;

/// Length of a post in characters, after Mastodon's documentation: an address on the web counts for
/// `url_chars`, a mention only for its `@user`, everything else for itself. Combined signs, which
/// an instance counts as one, are counted one by one: never less than the instance does.
pub(super) fn post_chars(text: &str, url_chars: usize) -> usize {
    let spaces = text.chars().filter(|c| c.is_whitespace()).count();
    spaces + text.split_whitespace().map(|word| word_chars(word, url_chars)).sum::<usize>()
}

fn word_chars(word: &str, url_chars: usize) -> usize {
    let chars = |text: &str| text.chars().count();
    if let Some(start) = word.find("https://").or_else(|| word.find("http://")) {
        let end = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '"', '\'']).len().max(start);
        return chars(&word[..start]) + url_chars + chars(&word[end..]);
    }
    match word.strip_prefix('@').and_then(|rest| rest.split_once('@')) {
        Some((user, host)) if !user.is_empty() => {
            let host_end = host.find(|c: char| !(c.is_alphanumeric() || ".-:".contains(c))).unwrap_or(host.len());
            1 + chars(user) + chars(&host[host_end..])
        }
        _ => chars(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_mentions_count_as_the_instance_counts_them() {
        for (text, chars) in [
            ("", 0),
            ("@alfa@social.example ciao", 10),
            ("@alfa@social.example, ciao", 11),
            ("vedi https://alfa.example/una/pagina/molto/lunga?x=1.", 5 + 23 + 1),
            ("(http://a.example)", 1 + 23 + 1),
            ("perché\nsì", 9),
            ("a@b.example", 11),
        ] {
            assert_eq!(post_chars(text, 23), chars, "{text}");
        }
    }
}
