//! All that a report is made of, out of a wave's journal, or out of a bundle.

use crate::cli::{Failure, exit};
use crate::model::event::Event;
use crate::report::publish::{Amendment, BUNDLE_FORMAT, Material, Quotation, Record};
use crate::wave::Wave;
use chrono::{DateTime, Utc};
use std::path::Path;

/// All that is known of a wave.
pub(super) fn material(wave: &Wave, as_of: DateTime<Utc>) -> Result<Material, Failure> {
    let (events, root) = wave.journal().root()?;
    let mut amendments = Vec::new();
    for entry in wave.history()? {
        if let Event::Amended { why, change, .. } = &entry.event {
            let words = |payload| Ok::<_, Failure>(wave.journal().text(payload)?.unwrap_or_default());
            let changes = words(change)?.lines().map(str::to_owned).collect();
            amendments.push(Amendment { at: entry.at, why: words(why)?, changes });
        }
    }
    let record = Record {
        plan_sha256: wave.state().plan_sha256.clone(),
        journal_root: Some(hex::encode(root)),
        events,
        amendments,
    };
    Ok(Material::of_wave(wave.plan(), wave.state(), as_of, record, quotations(wave)?))
}

/// The words that a person chose; those that were purged are gone.
fn quotations(wave: &Wave) -> Result<Vec<Quotation>, Failure> {
    let mut quotations = Vec::new();
    for message in wave.state().inbound.values() {
        let Some(quoted) = &message.reply().quoted else { continue };
        let Some(text) = wave.journal().text(&quoted.words)? else { continue };
        let tied = message.interpretation.as_deref().and_then(|i| i.inquiry.as_ref());
        let Some(planned) = tied.and_then(|(id, _)| wave.plan().inquiry(id)) else { continue };
        quotations.push(Quotation {
            inbound: message.id,
            inquiry: planned.id.to_string(),
            company: planned.company.to_string(),
            via: message.via.to_string(),
            text,
            adequacy: message.adequacy(),
            approved: quoted.approved,
        });
    }
    Ok(quotations)
}

/// What only those know who have the journal: the salted digests of what came in.
pub(super) fn secret(wave: &Wave) -> Result<Vec<u8>, Failure> {
    let identity = wave.journal().identity()?;
    let mut secret = identity.map(|hash| hash.to_vec()).unwrap_or_default();
    for message in wave.state().inbound.values().take(100) {
        secret.extend(message.raw.to_string().bytes());
    }
    Ok(secret)
}

/// A bundle in a file.
pub(in crate::cli) fn read_bundle(path: &Path) -> Result<Material, Failure> {
    let invalid = |what: String| {
        Failure::new(exit::INVALID, format!("{} is no bundle: {what}", path.display()))
            .with_help("`risposta export --bundle FILE` writes one")
    };
    let text =
        std::fs::read_to_string(path).map_err(|e| Failure::new(exit::FAILED, format!("{}: {e}", path.display())))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(BUNDLE_FORMAT) => {}
        Some(format) => return Err(invalid(format!("its format is {format}, and this program reads {BUNDLE_FORMAT}"))),
        None => return Err(invalid("it has no `format`".to_owned())),
    }
    serde_json::from_value(value).map_err(|e| invalid(e.to_string()))
}
