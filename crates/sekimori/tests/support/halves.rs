//! A gateway of two halves, each a process of its own, that know each other by certificates.

use std::net::SocketAddr;

use super::gateway::{Gateway, Plan, quoted_file};
use super::tls::Certificate;

/// Both halves.
#[derive(Debug)]
pub(crate) struct Halves {
    /// In the Internet segment.
    pub(crate) internet: Gateway,
    /// In the LGWAN segment.
    pub(crate) gate: Gateway,
    /// What the Internet half proves itself by.
    pub(crate) identity: Certificate,
}

impl Halves {
    /// Starts both; the gate delivers to `next_hop`.
    pub(crate) fn start(next_hop: SocketAddr) -> Self {
        Self::start_as(next_hop, |plan| plan, |plan| plan)
    }

    /// The same, with changes to the configuration of the Internet half and of the gate.
    pub(crate) fn start_as(
        next_hop: SocketAddr,
        internet: impl FnOnce(Plan) -> Plan,
        gate: impl FnOnce(Plan) -> Plan,
    ) -> Self {
        let identity = Certificate::for_name("internet.town.example.lg.jp");
        let shown = Certificate::for_name("127.0.0.1");
        let plan = gate(gate_plan(next_hop, &shown, &identity));
        let gate = plan.start();
        let plan = internet_plan(gate.mail(), &shown, &identity);
        Self { internet: internet(plan).start(), gate, identity }
    }
}

/// An Internet half that delivers to a gate which shows one certificate, and proves itself by another.
pub(crate) fn internet_plan(gate: SocketAddr, shown: &Certificate, identity: &Certificate) -> Plan {
    let plan = Plan::new(gate).set("deliver.gate", "true").set("deliver.tls", "\"verify\"");
    let file = |name, pem: &str| quoted_file(plan.folder(), name, pem.as_bytes());
    let authorities = file("gate-ca.pem", &shown.authority_pem);
    let certificate = file("own.pem", &identity.certificate_pem);
    let key = file("own.key", &identity.key_pem);
    plan.set("deliver.tls_authorities", &authorities)
        .set("deliver.tls_certificate", &certificate)
        .set("deliver.tls_key", &key)
}

/// A gate that shows one certificate and takes mail from whoever has one of `client`'s authority.
pub(crate) fn gate_plan(next_hop: SocketAddr, shown: &Certificate, client: &Certificate) -> Plan {
    let plan = Plan::new(next_hop).gate().set("receive.hostname", "\"gate.town.example.lg.jp\"");
    let file = |name, pem: &str| quoted_file(plan.folder(), name, pem.as_bytes());
    let certificate = file("gate.pem", &shown.certificate_pem);
    let key = file("gate.key", &shown.key_pem);
    let clients = file("clients.pem", &client.authority_pem);
    plan.set("receive.tls_certificate", &certificate)
        .set("receive.tls_key", &key)
        .set("receive.tls_client_authorities", &clients)
}
