//! Which bytes does a browser send for a filled form? After the HTML standard's "form submission".

use crate::forms::fill::{Entry, Filled};
use crate::forms::page::{Enctype, Form, FormMethod};
use encoding_rs::Encoding;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use url::Url;

/// A request that is ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submission {
    /// Where it goes; with the fields, where the method is GET.
    pub(super) url: Url,
    /// Content type and body, where the method is POST.
    pub(super) body: Option<(String, Vec<u8>)>,
}

impl Submission {
    /// The request for a filled form; `None` where it has no address on the web. `page` is the
    /// encoding that the page came in.
    pub(super) fn new(form: &Form, filled: &Filled, page: &'static Encoding) -> Option<Self> {
        let route = form.route(filled.button);
        let mut url = route.action?;
        let named = form.charset.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
        let encoding = named.unwrap_or(page).output_encoding();
        let entries: Vec<(Vec<u8>, Vec<u8>, bool)> = filled.entries.iter().map(|e| encode(e, encoding)).collect();
        if route.method == FormMethod::Get {
            url.set_query(Some(&urlencoded(&entries)));
            return Some(Self { url, body: None });
        }
        let body = match route.enctype {
            Enctype::Urlencoded => ("application/x-www-form-urlencoded".to_owned(), urlencoded(&entries).into_bytes()),
            Enctype::TextPlain => ("text/plain".to_owned(), text_plain(&entries)),
            Enctype::Multipart => multipart(&entries),
        };
        Some(Self { url, body: Some(body) })
    }

    /// SHA-256 in hex of the body, or of the address where there is none.
    pub(super) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.body.as_ref().map_or(self.url.as_str().as_bytes(), |(_, bytes)| bytes)))
    }
}

/// Line breaks become CRLF; what the encoding lacks becomes `&#…;`, as in browsers.
fn encode(entry: &Entry, encoding: &'static Encoding) -> (Vec<u8>, Vec<u8>, bool) {
    let bytes = |text: &str| encoding.encode(&crlf(text)).0.into_owned();
    let value = if entry.name == "_charset_" { encoding.name() } else { &entry.value };
    (bytes(&entry.name), bytes(value), entry.is_file)
}

fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn urlencoded(entries: &[(Vec<u8>, Vec<u8>, bool)]) -> String {
    let pairs = entries.iter().map(|(name, value, _)| format!("{}={}", percent(name), percent(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn percent(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(char::from(*byte)),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn text_plain(entries: &[(Vec<u8>, Vec<u8>, bool)]) -> Vec<u8> {
    entries.iter().flat_map(|(name, value, _)| [name.as_slice(), b"=", value, b"\r\n"].concat()).collect()
}

/// RFC 7578. The boundary comes from the content, so that the same form gives the same bytes.
fn multipart(entries: &[(Vec<u8>, Vec<u8>, bool)]) -> (String, Vec<u8>) {
    let digest = Sha256::digest(urlencoded(entries));
    let boundary = format!("----geckoformboundary{}", hex::encode(&digest[..16]));
    let mut body = Vec::new();
    for (name, value, is_file) in entries {
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
        body.extend(quoted(name));
        body.push(b'"');
        if *is_file {
            body.extend_from_slice(b"; filename=\"\"\r\nContent-Type: application/octet-stream");
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

fn quoted(name: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| match byte {
        b'"' => b"%22".to_vec(),
        b'\r' => b"%0D".to_vec(),
        b'\n' => b"%0A".to_vec(),
        other => vec![*other],
    };
    name.iter().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::page::Page;
    use encoding_rs::UTF_8;

    fn entry(name: &str, value: &str) -> Entry {
        Entry { name: name.to_owned(), value: value.to_owned(), is_file: false }
    }

    fn form(attributes: &str) -> Form {
        let html = format!("<form {attributes}><textarea name=m></textarea></form>");
        Page::parse(&html, &"https://a.example/kontakt?x=1".parse().unwrap()).forms.remove(0)
    }

    fn filled<const N: usize>(entries: [Entry; N]) -> Filled {
        Filled { entries: entries.into(), button: 0 }
    }

    #[test]
    fn a_post_is_urlencoded_in_the_pages_encoding() {
        let form = form("method=post action=/send");
        let entries = [entry("m", "Größe & Preis?\n5 €"), entry("leer", "")];
        let sent = Submission::new(&form, &filled(entries), encoding_rs::WINDOWS_1252).unwrap();
        assert_eq!(sent.url.as_str(), "https://a.example/send");
        let (kind, body) = sent.body.unwrap();
        assert_eq!(kind, "application/x-www-form-urlencoded");
        assert_eq!(String::from_utf8(body).unwrap(), "m=Gr%F6%DFe+%26+Preis%3F%0D%0A5+%80&leer=");
    }

    #[test]
    fn accept_charset_beats_the_page_and_lacking_signs_become_references() {
        let form = form("method=post accept-charset='ISO-8859-2, utf-8'");
        let sent = Submission::new(&form, &filled([entry("m", "ł ñ")]), UTF_8).unwrap();
        assert_eq!(sent.body.unwrap().1, b"m=%B3+%26%23241%3B");
    }

    #[test]
    fn a_get_form_replaces_the_query_of_its_action() {
        let entries = filled([entry("m", "a b"), entry("_charset_", "")]);
        let sent = Submission::new(&form("action='?old=1'"), &entries, UTF_8).unwrap();
        assert_eq!(sent.url.as_str(), "https://a.example/kontakt?m=a+b&_charset_=UTF-8");
        assert_eq!(sent.body, None);
    }

    #[test]
    fn multipart_keeps_text_as_it_is_and_sends_no_file_as_an_empty_one() {
        let form = form("method=post enctype=multipart/form-data");
        let file = Entry { name: "f".to_owned(), value: String::new(), is_file: true };
        let sent = Submission::new(&form, &filled([entry("a\"b", "x\ny"), file]), UTF_8).unwrap();
        let (kind, body) = sent.body.unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\nx\r\ny\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
