//! The configuration that `config init` writes.

/// A configuration to begin with: what must be said, and the settings most often changed with their
/// defaults.
pub(crate) const STARTER: &str = r#"# sekimori configuration. `sekimori config check` reads it without starting anything.
# Every key can be overridden by an environment variable: SEKIMORI__RECEIVE__LISTEN=...

[receive]                                # インターネット接続系側（受信）
listen = ["127.0.0.1:2525"]              # where we take mail
trusted_peers = ["127.0.0.0/8"]          # who may hand us mail
# hostname = "gw.town.example.lg.jp"     # our name; the machine's own by default
# tls_certificate = "/etc/sekimori/tls.pem"
# tls_key = "/etc/sekimori/tls.key"
# xforward_peers = ["192.0.2.10"]        # Postfix hosts that tell us the true client
# bare_line_ends = "refuse"              # or "normalise"

# [sanitize]
# run_in = "auto"                        # "processes" without files and network (by default with
#                                        # deliver.gate), or "threads"

[deliver]                                # LGWAN接続系側（配送）
next_hop = "127.0.0.1:2600"              # the LGWAN mail server
# fallback_hops = ["192.0.2.21:25"]
# tls = "may"                            # none, may, encrypt, verify (with tls_authorities)
# gate = false                           # true: next_hop is `sekimori gate`; with tls = "verify" and these:
# tls_certificate = "/etc/sekimori/internet-half.pem"  # what we prove who we are by
# tls_key = "/etc/sekimori/internet-half.key"

# [reports]                              # delivery reports to senders; without it failures are held
# hop = "192.0.2.30:25"                  # a mail server of the Internet segment
# from = "postmaster@town.example.lg.jp"

[journal]
path = "var/sekimori"                    # queue, originals, audit record
# audit_key = "/etc/sekimori/audit.key"  # keep a copy of it elsewhere; var/sekimori/audit.key by default

# [audit]                                # copies elsewhere show when the end of the record is cut
# checkpoint_file = "var/checkpoints.jsonl"
# checkpoint_interval_seconds = 900
# verify_hours = 24                      # how often the chains are checked; 0: never
# syslog_records = false                 # with syslog = "host:6514": each record, not only checkpoints

[review]
listen = "127.0.0.1:8025"                # web pages, /livez, /readyz, /metrics
# url = "https://review.town.example.lg.jp"   # the pages' address, for digests
# secure_cookies = true                  # false only for trials over plain HTTP
# trusted_proxies = ["192.0.2.40"]       # the reverse proxy that holds the TLS certificate
# second_factor = true                   # approvers and administrators need one

# [review.openid]                        # sign in through an identity provider (OpenID Connect)
# issuer = "https://login.example.lg.jp"  # review.url must be set: it sends people back there
# client_id = "sekimori"
# client_secret_file = "/etc/sekimori/openid.secret"
# groups_claim = "groups"
# [[review.openid.group]]                # what membership of a group gives
# group = "mail-reviewers"
# organisation = "山北町"
# role = "approver"

# [crossing]                             # 非常停止: sekimori stop-crossing --reason ...
# when_stopped = "hold"                  # mail is taken and waits; or "defer": answered 450

# [canary]                               # hostile mails of our own that show what crosses
# recipient = "canary@town.example.lg.jp"  # a mailbox that is not there; the same in both halves
# every_minutes = 60
# patience_seconds = 900                 # one that takes longer is missing

# [confinement]                          # Landlock and seccomp
# mode = "auto"                          # or "required": refuse to run without; or "off"

# [segments]                             # what is listed here is checked for every address
# side = "internet"                      # where this machine is; "lgwan" for `sekimori gate`
# internet = ["192.0.2.0/24"]
# lgwan = ["198.51.100.0/24"]
# mynumber = ["203.0.113.0/24"]          # マイナンバー利用事務系: never reached

[[organisation]]
name = "山北町"
domains = ["town.example.lg.jp"]
mode = "deliver"                         # or "review": hold every message for a reviewer
# language = "ja"                        # or "en"
# notice = "top"                         # or "bottom"
# links = "text"                         # or "defanged", "removed"
# link_placement = "inline"              # or "numbered": targets in a list under the text
# encrypted = "list"                     # or "hold": mail with an S/MIME or PGP encrypted part
# retention_days = 30                    # how long originals are kept
# two_person_text = false                # true: a held text crosses only if another person asked for it
# two_person_original = true             # false: an approver takes originals without a request
# hold_notice = false                    # true: recipients are told of mail held for review
# reviewers = ["joho@town.example.lg.jp"]  # get digests of what waits, none when nothing does
# digest_hours = [8, 13]                 # hours of the day (Japan) at which they are sent
# expiry_reminder_days = 0               # so many days before its end, held mail is named first
# undo_days = 7                          # how long a delete can be undone
# authentication_hosts = ["mx.town.example.lg.jp"]  # whose Authentication-Results are believed

# [[organisation.rule]]                  # 規則: asked in order; every condition must hold
# name = "外部からの偽装"                # what it is on record by
# action = "hold"                        # or "deliver", "reject", "tag" (with tag = "[外部]"), "notify"
# shadow = true                          # only on record, to try it
# sender = ["example.com", "*.example.com"]  # 送信元; also from (差出人) and recipient (宛先)
# types = ["application/zip", "image/*"] # what removed parts are; also decisions = ["text-cut"]
# size_at_least = 10000000               # octets
# encrypted = true                       # an encrypted part, or a file with a password
# authentication = { dmarc = ["fail"] }  # spf, dkim, dmarc by RFC 8601, or "missing"
# hours = ["17:15-08:30"]                # in Japan
# weekdays = ["sat", "sun"]
"#;

#[cfg(test)]
mod tests {
    use super::super::check::check;
    use super::super::source::parse;
    use super::*;

    #[test]
    fn the_starter_is_good_as_it_is() {
        let source = parse("starter", STARTER, std::iter::empty()).unwrap();
        assert!(check(&source).is_ok());
    }

    #[test]
    fn its_commented_keys_exist() {
        let uncommented: String = STARTER
            .lines()
            .map(|line| {
                line.strip_prefix("# ")
                    .filter(|l| l.contains(" = ") || l.starts_with('['))
                    .unwrap_or(line)
            })
            .filter(|line| !line.contains("/etc/sekimori"))
            .collect::<Vec<_>>()
            .join("\n");
        assert!(uncommented.contains("\nxforward_peers"), "{uncommented}");
        let source = parse("starter", &uncommented, std::iter::empty()).unwrap();
        let mistakes = check(&source).err().unwrap_or_default();
        // The example hop stands in the example's LGWAN network only by name.
        // Nor is the secret there that an identity provider would be told.
        let is_example = |m: &super::super::source::Mistake| {
            m.reason.contains("forbidden segment") || m.key == "review.openid.client_secret_file"
        };
        assert!(mistakes.iter().all(is_example), "{mistakes:?}");
    }
}
