//! How does IMAP write folder names? In modified UTF-7 (RFC 3501 §5.1.3), and so do Maildirs.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// A name as it goes over the wire: `Posta però` → `Posta per&API-`.
pub(super) fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut foreign: Vec<u16> = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut foreign, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            foreign.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    flush(&mut foreign, &mut out);
    out
}

/// A name as people read it: `Posta per&API-` → `Posta però`. What is no modified UTF-7 (some servers
/// send UTF-8) stays as it is.
pub(super) fn decode(wire: &str) -> String {
    let mut out = String::new();
    let mut rest = wire;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((run, after)) = after.split_once('-') else { return wire.to_owned() };
        match utf16(run).map(|units| String::from_utf16(&units)) {
            _ if run.is_empty() => out.push('&'),
            Some(Ok(text)) => out.push_str(&text),
            Some(Err(_)) | None => return wire.to_owned(),
        }
        rest = after;
    }
    out + rest
}

/// The UTF-16 units of a run of base64; fewer than six bits may be left over as padding.
fn utf16(run: &str) -> Option<Vec<u16>> {
    let (mut units, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in run.bytes() {
        let digit = DIGITS.iter().position(|d| *d == byte)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push(u16::try_from(bits >> held & 0xFFFF).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6).then_some(units)
}

/// Writes a run of UTF-16 in base64, six bits a character, between `&` and `-`.
fn flush(foreign: &mut Vec<u16>, out: &mut String) {
    if foreign.is_empty() {
        return;
    }
    out.push('&');
    let (mut bits, mut held) = (0_u32, 0_u32);
    for unit in foreign.drain(..) {
        bits = bits << 16 | u32::from(unit);
        held += 16;
        while held >= 6 {
            held -= 6;
            out.push(digit(bits >> held));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        out.push(digit(bits << (6 - held)));
    }
    out.push('-');
}

fn digit(bits: u32) -> char {
    char::from(DIGITS[(bits & 63) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_standard_shows() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("Tom & Jerry", "Tom &- Jerry"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Posta però", "Posta per&API-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("📨", "&2D3c6A-"),
        ] {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire), name);
        }
        for plain in ["Entwürfe", "A&B", "A&B-C", "&!-", "&2D0-"] {
            assert_eq!(decode(plain), plain, "no modified UTF-7");
        }
    }
}
