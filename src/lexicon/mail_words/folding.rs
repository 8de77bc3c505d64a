//! When are two spellings the same word of mail?

/// Lower case, no accents (`ü` becomes `ue`, as people write it without), plain apostrophes, and a
/// single space for any run of white space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// The same, into a string that is emptied first.
pub fn fold_into(text: &str, out: &mut String) {
    out.clear();
    let mut space = false;
    let mut rest = text;
    loop {
        // Most letters are ASCII, and those need no more than their case.
        let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
        if plain > 0 {
            if space && !out.is_empty() {
                out.push(' ');
            }
            space = false;
            let at = out.len();
            out.push_str(&rest[..plain]);
            out[at..].make_ascii_lowercase();
            rest = &rest[plain..];
        }
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
        if c.is_whitespace() {
            space = true;
        } else if !is_invisible(c) {
            if space && !out.is_empty() {
                out.push(' ');
            }
            space = false;
            fold_char(c, out);
        }
    }
}

fn fold_char(c: char, out: &mut String) {
    for lower in c.to_lowercase() {
        match plain(lower) {
            Some(plain) => out.push_str(plain),
            None => out.push(lower),
        }
    }
}

/// Whether a character takes no room: zero-width ones, and marks of the direction of writing.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ă' | 'ą' | 'ā' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' | 'ė' | 'ē' => "e",
        'ğ' | 'ģ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ı' | 'ī' | 'į' => "i",
        'ķ' => "k",
        'ł' | 'ľ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ő' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ř' | 'ŕ' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ů' | 'ű' | 'ū' | 'ų' => "u",
        'ü' => "ue",
        'ý' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ß' => "ss",
        'ά' => "α",
        'έ' => "ε",
        'ή' => "η",
        'ί' => "ι",
        'ό' => "ο",
        'ύ' => "υ",
        'ώ' => "ω",
        'ё' => "е",
        '’' | '‘' | '´' | '`' | 'ʼ' => "'",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '–' | '—' | '‐' | '‑' => "-",
        // Arabic short vowels, and the dot that Turkish capitals leave.
        '\u{64b}'..='\u{652}' | '\u{307}' => "",
        _ => return None,
    })
}
