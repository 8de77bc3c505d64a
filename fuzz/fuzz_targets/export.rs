//! Any bytes as an mbox: read to its end without a panic, and no message holds more than the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use risposta::sources::export::MboxExport;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let Ok(export) = MboxExport::read(Path::new("fuzzed"), Box::new(std::io::Cursor::new(bytes.to_vec()))) else { return };
    let packed = bytes.starts_with(&[0x1f, 0x8b]);
    let mut held = 0;
    for message in export {
        let Ok(message) = message else { break };
        held += message.bytes.len();
        assert!(packed || held <= bytes.len());
        let raw = message.into_raw();
        assert!(raw.locator.starts_with("import/"));
    }
});
