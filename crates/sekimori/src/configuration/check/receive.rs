//! `[receive]`: listeners, peers, TLS, limits.

use sekimori_policy::{Domain, SegmentMap};
use sekimori_relay::settings as relay;

use super::Checker;
use crate::configuration::settings::BareLineEnds;

impl Checker<'_> {
    pub(super) fn receive(&mut self, segments: &SegmentMap) -> relay::Receive {
        let keys = self.source.settings.receive.clone();
        if keys.listen.is_empty() {
            self.wrong("receive.listen", "names no address to listen on");
        }
        let listen = keys
            .listen
            .iter()
            .enumerate()
            .filter_map(|(i, text)| self.listener(&format!("receive.listen[{i}]"), text, segments))
            .collect();
        if keys.trusted_peers.is_empty() {
            self.wrong("receive.trusted_peers", "names no peer, so no mail could ever come in");
        }
        if !keys.hostname.is_empty()
            && !Domain::parse(&keys.hostname).is_ok_and(|d| d.as_str().is_ascii())
        {
            self.wrong("receive.hostname", format!("{:?} is no host name", keys.hostname));
        }
        let tls = match (keys.tls_certificate.is_empty(), keys.tls_key.is_empty()) {
            (true, true) => {
                if !keys.tls_client_authorities.is_empty() {
                    self.wrong(
                        "receive.tls_client_authorities",
                        "needs tls_certificate and tls_key",
                    );
                }
                if keys.tls_required {
                    self.wrong("receive.tls_required", "needs tls_certificate and tls_key");
                }
                None
            }
            (false, false) => Some(relay::ReceiveTls {
                certificate: self.file("receive.tls_certificate", &keys.tls_certificate),
                key: self.file("receive.tls_key", &keys.tls_key),
                required: keys.tls_required || self.half() == relay::Half::Lgwan,
                client_authorities: (!keys.tls_client_authorities.is_empty()).then(|| {
                    self.file("receive.tls_client_authorities", &keys.tls_client_authorities)
                }),
            }),
            (true, false) => {
                self.wrong("receive.tls_key", "needs tls_certificate beside it");
                None
            }
            (false, true) => {
                self.wrong("receive.tls_certificate", "needs tls_key beside it");
                None
            }
        };
        let message = self.count("receive.max_message_octets", keys.max_message_octets, 64 * 1024);
        let in_flight = self.count("receive.max_octets_in_flight", keys.max_octets_in_flight, 1);
        if in_flight < message {
            self.wrong(
                "receive.max_octets_in_flight",
                "must be at least max_message_octets, or the largest message could never come in",
            );
        }
        relay::Receive {
            listen,
            trusted_peers: self.peers("receive.trusted_peers", &keys.trusted_peers, segments),
            xforward_peers: self.peers("receive.xforward_peers", &keys.xforward_peers, segments),
            proxy_peers: self.peers("receive.proxy_peers", &keys.proxy_peers, segments),
            tls,
            normalise_line_ends: keys.bare_line_ends == BareLineEnds::Normalise,
            max_message_octets: message,
            max_recipients: self.count("receive.max_recipients", keys.max_recipients, 100),
            max_commands: self.count("receive.max_commands", keys.max_commands, 10),
            max_errors: self.count("receive.max_errors", keys.max_errors, 1),
            max_connections: self.count("receive.max_connections", keys.max_connections, 1),
            max_connections_per_peer: self.count(
                "receive.max_connections_per_peer",
                keys.max_connections_per_peer,
                1,
            ),
            max_octets_in_flight: in_flight,
            room_wait: self.seconds("receive.room_wait_seconds", keys.room_wait_seconds),
            timeouts: relay::ReceiveTimeouts {
                command: self
                    .seconds("receive.command_timeout_seconds", keys.command_timeout_seconds),
                data: self.seconds("receive.data_timeout_seconds", keys.data_timeout_seconds),
                message: self
                    .seconds("receive.message_timeout_seconds", keys.message_timeout_seconds),
                handshake: self
                    .seconds("receive.handshake_timeout_seconds", keys.handshake_timeout_seconds),
            },
        }
    }
}
