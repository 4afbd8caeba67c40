//! Who handed a message in, as the journal keeps it.

use sekimori_journal::ClientRecord;
use sekimori_smtp::{ClientInfo, Source};

/// The record of a session's client.
pub(crate) fn client_record(client: &ClientInfo, protocol: &str) -> ClientRecord {
    let forwarded = &client.forwarded;
    let said = [
        ("ADDR", forwarded.address.map(|address| address.to_string())),
        ("NAME", forwarded.name.clone()),
        ("PORT", forwarded.port.map(|port| port.to_string())),
        ("PROTO", forwarded.protocol.clone()),
        ("HELO", forwarded.helo.clone()),
        ("IDENT", forwarded.ident.clone()),
        (
            "SOURCE",
            forwarded.source.map(|source| match source {
                Source::Local => "LOCAL".to_owned(),
                Source::Remote => "REMOTE".to_owned(),
            }),
        ),
    ];
    ClientRecord {
        address: client.peer.to_string(),
        helo: client.helo.clone(),
        name: forwarded.name.clone(),
        protocol: protocol.to_owned(),
        tls: client.tls.as_ref().map(|tls| format!("{} {}", tls.version, tls.cipher)),
        xforward: said.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect(),
    }
}
