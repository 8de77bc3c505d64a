//! The same mail as other programs would have sent it: folded, relayed, encoded otherwise, as a page.

use std::fmt::Write as _;

/// A mail's header and body, with LF line ends.
struct Parts {
    header: String,
    body: String,
}

/// The mail under other line ends and header folding, through more relays and, where it is one plain text in a known
/// charset, encoded in other ways, as a page, and with typographic characters. Each must be read the same.
pub(crate) fn of(raw: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("CR alone ends lines", lines_end_with(raw, b"\r"))];
    let Some(parts) = Parts::of(raw) else { return all };
    all.push(("two more relays", parts.relayed().whole()));
    all.push(("folded header fields", parts.folded().whole()));
    if parts.is_plain_text() {
        let text = &parts.body;
        all.push(("quoted-printable", parts.encoded("utf-8", "quoted-printable", &quoted_printable(text))));
        all.push(("base64", parts.encoded("utf-8", "base64", &base64(text.as_bytes()))));
        if let Some(latin) = latin_1(text) {
            all.push(("ISO 8859-1", parts.encoded_bytes("iso-8859-1", "8bit", &latin)));
        }
        all.push(("text beside a page", parts.with_page().whole()));
        all.push(("typographic apostrophes and spaces", parts.typographic().whole()));
    }
    all
}

fn lines_end_with(raw: &[u8], end: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(raw) {
        Ok(text) => {
            let lf = text.replace("\r\n", "\n").replace('\r', "\n");
            lf.split('\n').map(str::as_bytes).collect::<Vec<_>>().join(end)
        }
        // Bytes of other charsets must not be touched.
        Err(_) => raw.to_vec(),
    }
}

impl Parts {
    /// `None` of what is not UTF-8, or has no header.
    fn of(raw: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok()?.replace("\r\n", "\n");
        let (header, body) = text.split_once("\n\n")?;
        let whole = header.lines().all(|l| l.starts_with([' ', '\t']) || l.contains(':'));
        whole.then(|| Self { header: header.to_owned(), body: body.to_owned() })
    }

    fn whole(&self) -> Vec<u8> {
        format!("{}\n\n{}", self.header, self.body).into_bytes()
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.header.lines().find_map(|l| {
            let (field, value) = l.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn relayed(&self) -> Self {
        let relay = |n: u8| {
            format!(
                "Received: from mx{n}.example.net (mx{n}.example.net [192.0.2.{n}])\n\tby in.example.org with ESMTP id A{n};\n\tMon, 2 Mar 2026 09:00:0{n} +0000\n"
            )
        };
        Self { header: format!("{}{}{}", relay(2), relay(1), self.header), body: self.body.clone() }
    }

    /// Long fields broken at their last space but one.
    fn folded(&self) -> Self {
        let fold = |line: &str| match line.rfind(' ') {
            Some(at) if line.len() > 40 && !line.starts_with([' ', '\t']) && line[..at].contains(": ") => {
                format!("{}\n {}", &line[..at], &line[at + 1..])
            }
            _ => line.to_owned(),
        };
        let header = self.header.lines().map(fold).collect::<Vec<_>>().join("\n");
        Self { header, body: self.body.clone() }
    }

    /// One text part whose bytes are its characters.
    fn is_plain_text(&self) -> bool {
        let kind = self.field("Content-Type").unwrap_or("text/plain; charset=us-ascii").to_ascii_lowercase();
        let encoding = self.field("Content-Transfer-Encoding").unwrap_or("7bit").to_ascii_lowercase();
        let unicode = kind.contains("utf-8") || kind.contains("us-ascii");
        let folded = self.header.contains("\n ") || self.header.contains("\n\t");
        kind.starts_with("text/plain") && unicode && matches!(encoding.as_str(), "7bit" | "8bit") && !folded
    }

    fn header_without_content(&self) -> String {
        let of_content = |l: &&str| !l.to_ascii_lowercase().starts_with("content-");
        self.header.lines().filter(of_content).collect::<Vec<_>>().join("\n")
    }

    fn encoded(&self, charset: &str, encoding: &str, body: &str) -> Vec<u8> {
        self.encoded_bytes(charset, encoding, body.as_bytes())
    }

    fn encoded_bytes(&self, charset: &str, encoding: &str, body: &[u8]) -> Vec<u8> {
        let header = self.header_without_content();
        let mut mail =
            format!("{header}\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n")
                .into_bytes();
        mail.extend_from_slice(body);
        mail
    }

    fn with_page(&self) -> Self {
        let mut page = String::from("<html><body>");
        for line in self.body.lines() {
            let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            // Writing to a String cannot fail.
            let _ = writeln!(page, "{line}<br>");
        }
        let part = |kind: &str, text: &str| {
            format!("--=-=\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n")
        };
        Self {
            header: format!("{}\nContent-Type: multipart/alternative; boundary=\"=-=\"", self.header_without_content()),
            body: format!("{}{}--=-=--\n", part("plain", &self.body), part("html", &format!("{page}</body></html>"))),
        }
    }

    /// Apostrophes between letters curved, and the first space of each line of words unbreakable.
    fn typographic(&self) -> Self {
        let curved = |line: &str| {
            let chars: Vec<char> = line.chars().collect();
            let between = |at: usize| {
                let letter = |n: Option<usize>| n.and_then(|n| chars.get(n)).is_some_and(|c| c.is_alphabetic());
                letter(at.checked_sub(1)) && letter(Some(at + 1))
            };
            let curve = |(at, c): (usize, &char)| if *c == '\'' && between(at) { '’' } else { *c };
            let line: String = chars.iter().enumerate().map(curve).collect();
            let words = line.chars().next().is_some_and(char::is_alphabetic) && !line.contains([':', '<', '@', '#']);
            if words { line.replacen(' ', "\u{a0}", 1) } else { line }
        };
        let body = self.body.lines().map(curved).collect::<Vec<_>>().join("\n") + "\n";
        let header = format!(
            "{}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit",
            self.header_without_content()
        );
        Self { header, body }
    }
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut width = 0;
        let written = line.trim_end_matches('\n');
        for (at, byte) in written.bytes().enumerate() {
            let last = at + 1 == written.len();
            let plain = (byte.is_ascii_graphic() && byte != b'=') || (byte == b' ' && !last);
            let piece = if plain { char::from(byte).to_string() } else { format!("={byte:02X}") };
            if width + piece.len() > 75 {
                out.push_str("=\n");
                width = 0;
            }
            width += piece.len();
            out.push_str(&piece);
        }
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (n, three) in bytes.chunks(3).enumerate() {
        let number = three.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let value = (number >> (18 - 6 * digit)) & 63;
            out.push(if digit > three.len() { '=' } else { char::from(DIGITS[value as usize]) });
        }
        if n % 19 == 18 {
            out.push('\n');
        }
    }
    out
}

fn latin_1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok().filter(|b| !(0x80..0xa0).contains(b))).collect()
}
