//! What the gate's configuration must hold and must not: it has one way in and one way out.

use super::Checker;

impl Checker<'_> {
    pub(super) fn gate(&mut self) {
        let settings = &self.source.settings;
        let receive = settings.receive.clone();
        if receive.tls_certificate.is_empty() || receive.tls_client_authorities.is_empty() {
            self.wrong(
                "receive.tls_client_authorities",
                "the gate needs tls_certificate, tls_key and tls_client_authorities: it takes mail \
                 from the other half alone, known by its certificate",
            );
        }
        for (key, is_there) in [
            ("receive.xforward_peers", !receive.xforward_peers.is_empty()),
            ("receive.proxy_peers", !receive.proxy_peers.is_empty()),
            ("reports.hop", !settings.reports.hop.is_empty()),
            ("hand_over.hop", !settings.hand_over.hop.is_empty()),
            ("deliver.gate", settings.deliver.gate),
        ] {
            if is_there {
                self.wrong(key, "is for the half in the Internet segment, not for the gate");
            }
        }
    }
}
