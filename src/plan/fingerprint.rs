//! Whether two texts are the same words.

use sha2::{Digest, Sha256};

/// Hex digits of a fingerprint: 64 bits, enough to tell a study's texts apart.
const HEX_DIGITS: usize = 16;

/// The fingerprint of a text: the first 16 hex digits of the SHA-256 of its UTF-8 bytes, after
/// every run of white space (Unicode's `White_Space`, so no-break spaces too) became one space and
/// white space at both ends went. Pages and social sites fold white space in just this way, so
/// that our own post is found again by it.
///
/// Nothing else is folded: case, punctuation and composed or decomposed accents count (texts are
/// not brought into NFC).
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let mut hash = Sha256::new();
    for (nth, word) in text.split_whitespace().enumerate() {
        if nth > 0 {
            hash.update(b" ");
        }
        hash.update(word.as_bytes());
    }
    let mut hex = hex::encode(hash.finalize());
    hex.truncate(HEX_DIGITS);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_white_space_keeps_the_fingerprint() {
        let text = "Buongiorno,\n\ncontiene glutine?  Grazie\n";
        assert_eq!(fingerprint(text), fingerprint("Buongiorno, contiene glutine? Grazie"));
        assert_eq!(fingerprint(text), fingerprint("\u{a0}Buongiorno,\r\n contiene\tglutine? Grazie"));
        assert_ne!(fingerprint(text), fingerprint("Buongiorno, contiene glutine ? Grazie"));
        assert_ne!(fingerprint("a b"), fingerprint("ab"));
    }

    #[test]
    fn it_is_the_beginning_of_a_sha256() {
        // FIPS 180-2, appendix B.1: ba7816bf 8f01cfea 414140de …
        assert_eq!(fingerprint(" abc "), "ba7816bf8f01cfea");
    }
}
