//! Records and checkpoints in the Common Event Format (`CEF:0`), which security monitoring reads.

use crate::chain::hexadecimal::to_hex;
use crate::{AuditEntry, AuditKind, Checkpoint};

/// Most characters of the details: what the format allows for a custom text. The rest is cut; the
/// export in JSON Lines has all of it.
pub const MAX_DETAILS: usize = 4_000;

/// One record as one line, without its end.
pub fn record(entry: &AuditEntry, version: &str) -> String {
    let mut line = head(version, &entry.kind, &entry.kind.replace('-', " "), severity(&entry.kind));
    let mut field = |name: &str, value: &str| extension(&mut line, name, value);
    field("rt", &entry.at.unix_millis().to_string());
    field("cn1Label", "sequence");
    field("cn1", &entry.sequence.to_string());
    if let Some(number) = entry.number {
        field("cn2Label", "number");
        field("cn2", &number.to_string());
    }
    if let Some(organisation) = &entry.organisation {
        field("cs1Label", "organisation");
        field("cs1", organisation);
    }
    if let Some(reference) = entry.reference {
        field("cs2Label", "reference");
        field("cs2", &reference.to_string());
    }
    if let Some(hash) = entry.hash {
        field("cs3Label", "hash");
        field("cs3", &to_hex(&hash));
    }
    if let Some(id) = entry.queue_id {
        field("externalId", &id.to_string());
    }
    if let Some(actor) = &entry.actor {
        field("suser", actor);
    }
    field("cs4Label", "details");
    field("cs4", &entry.details.chars().take(MAX_DETAILS).collect::<String>());
    line
}

/// One checkpoint as one line, without its end. `cs4` is the line that `audit verify --checkpoints`
/// reads.
pub fn checkpoint(checkpoint: &Checkpoint, version: &str) -> String {
    let mut line = head(version, "checkpoint", "checkpoint", 1);
    let mut field = |name: &str, value: &str| extension(&mut line, name, value);
    field("rt", &checkpoint.at.unix_millis().to_string());
    field("cn2Label", "number");
    field("cn2", &checkpoint.number.to_string());
    if let Some(chain) = &checkpoint.chain {
        field("cs1Label", "organisation");
        field("cs1", chain);
    }
    field("cs4Label", "checkpoint");
    field("cs4", &checkpoint.to_json());
    line
}

fn head(version: &str, id: &str, name: &str, severity: u8) -> String {
    let escaped = |text: &str| {
        let one_line: String = text.chars().filter(|c| !c.is_control()).collect();
        one_line.replace('\\', "\\\\").replace('|', "\\|")
    };
    let (version, id, name) = (escaped(version), escaped(id), escaped(name));
    format!("CEF:0|sekimori|sekimori|{version}|{id}|{name}|{severity}|")
}

/// How much attention a record asks for, from 0 to 10.
fn severity(kind: &str) -> u8 {
    match AuditKind::from_name(kind) {
        Some(
            AuditKind::SignInFailed
            | AuditKind::AccountChanged
            | AuditKind::TokenChanged
            | AuditKind::ExceptionApproved
            | AuditKind::BackupRestored
            | AuditKind::Lost,
        ) => 6,
        Some(AuditKind::Refused | AuditKind::Held | AuditKind::Failed | AuditKind::HandedOver) => 4,
        Some(_) => 2,
        None => 8,
    }
}

/// Adds `name=value`. In a value `\`, `=` and line breaks are escaped, other control characters
/// become spaces.
fn extension(line: &mut String, name: &str, value: &str) {
    if !line.ends_with('|') {
        line.push(' ');
    }
    line.push_str(name);
    line.push('=');
    for c in value.chars() {
        match c {
            '\\' => line.push_str("\\\\"),
            '=' => line.push_str("\\="),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => line.push(' '),
            c => line.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use sekimori_policy::{QueueId, ReferenceNumber, Timestamp};

    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry {
            sequence: 9,
            at: Timestamp::japanese_time(1_789_977_600_000),
            kind: "handed-over".to_owned(),
            organisation: Some("山北町".to_owned()),
            queue_id: Some(QueueId(0x1A3)),
            reference: Some(ReferenceNumber::from_bits(5)),
            actor: Some("佐藤=x\\y\nz".to_owned()),
            details: "{\"a\":1}".to_owned(),
            number: Some(7),
            hash: Some([0xAB; 32]),
            previous: None,
        }
    }

    #[test]
    fn a_record_is_one_line_with_every_field() {
        let hash = "ab".repeat(32);
        assert_eq!(
            record(&entry(), "0.1|\\"),
            format!(
                "CEF:0|sekimori|sekimori|0.1\\|\\\\|handed-over|handed over|4|rt=1789977600000 \
                 cn1Label=sequence cn1=9 cn2Label=number cn2=7 cs1Label=organisation cs1=山北町 \
                 cs2Label=reference cs2=0000-0005 cs3Label=hash cs3={hash} \
                 externalId=00000001A3 suser=佐藤\\=x\\\\y\\nz cs4Label=details cs4={{\"a\":1}}"
            )
        );
    }

    #[test]
    fn overlong_details_are_cut() {
        let details = |octets| AuditEntry { details: "詳".repeat(octets), ..entry() };
        let length = |entry: &AuditEntry| record(entry, "1").chars().count();
        let full = length(&details(MAX_DETAILS));
        assert_eq!(length(&details(MAX_DETAILS + 1)), full);
        assert_eq!(length(&details(MAX_DETAILS - 1)), full - 1);
    }
}
