//! What text is an answer? Its bytes, read in the charset that it was written in.

use encoding_rs::{Encoding, UTF_8};

/// A page's bytes as text, and their encoding: byte order mark, then the header, then what the
/// page says in its first kilobyte, else UTF-8 where it is valid, else Windows-1252.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> (String, &'static Encoding) {
    let told = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let told = told.or_else(|| content_type.and_then(charset)).or_else(|| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
        // A page that was read as ASCII so far cannot be UTF-16 (HTML standard, "prescan").
        charset(&head).map(Encoding::output_encoding)
    });
    let guess = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { encoding_rs::WINDOWS_1252 };
    let (text, encoding, _) = told.unwrap_or_else(guess).decode(bytes);
    (text.into_owned(), encoding)
}

fn charset(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset")?;
    let label = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_decoded_by_header_then_meta_then_what_fits() {
        assert_eq!(decode(b"\xe8", Some("text/html; charset=ISO-8859-1")).0, "è");
        assert_eq!(decode(b"<meta charset='iso-8859-1'>\xe8", Some("text/html")).0, "<meta charset='iso-8859-1'>è");
        assert_eq!(decode("è".as_bytes(), None).0, "è");
        assert_eq!(decode(b"\xe8 perch\xe9", None).0, "è perché");
    }
}
