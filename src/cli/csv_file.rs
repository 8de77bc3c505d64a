//! How is a CSV opened? As it is, or compressed by gzip: its first bytes say which, not its name.

use super::{Failure, exit};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What every gzip file begins with (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The CSV's bytes, uncompressed.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    let name = path.display();
    let failed = |error: io::Error| Failure::new(exit::FAILED, format!("{name}: {error}"));
    let mut file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Failure::new(exit::FAILED, format!("{name} is a folder")));
    }
    let mut first = Vec::with_capacity(GZIP.len());
    Read::by_ref(&mut file).take(GZIP.len() as u64).read_to_end(&mut first).map_err(failed)?;
    let compressed = first == GZIP;
    let whole = io::Cursor::new(first).chain(file);
    Ok(if compressed { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}
