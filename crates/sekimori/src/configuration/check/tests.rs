use super::super::source::parse;
use super::*;

const GOOD: &str = "[[organisation]]\nname = '山北町'\ndomains = ['town.example.lg.jp']\n";

fn mistakes(text: &str) -> Vec<String> {
    let source = parse("f.toml", &format!("{text}\n{GOOD}"), std::iter::empty()).unwrap();
    check(&source).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn the_first_configuration_of_the_design_is_good() {
    let text = "[receive]\nlisten = [\"127.0.0.1:2525\"]\ntrusted_peers = [\"127.0.0.0/8\"]\n\
                [deliver]\nnext_hop = \"127.0.0.1:2600\"\n[journal]\npath = \"var/sekimori\"\n\
                [review]\nlisten = \"127.0.0.1:8025\"";
    assert_eq!(mistakes(text), Vec::<String>::new());
}

#[test]
fn each_mistake_is_said_with_its_line() {
    for (text, said) in [
        (
            "[receive]\nlisten = ['nowhere']",
            "f.toml:2: receive.listen[0]: \"nowhere\" is no address",
        ),
        ("[receive]\nlisten = []", "f.toml:2: receive.listen: names no address"),
        ("[receive]\ntrusted_peers = ['10.0.0.0/40']", "f.toml:2: receive.trusted_peers[0]: "),
        ("[receive]\nhostname = 'a b'", "f.toml:2: receive.hostname: "),
        ("[receive]\ntls_key = '/k'", "f.toml:2: receive.tls_key: needs tls_certificate"),
        ("[receive]\ntls_required = true", "f.toml:2: receive.tls_required: needs"),
        (
            "[receive]\nmax_message_octets = 1",
            "f.toml:2: receive.max_message_octets: must be at least",
        ),
        (
            "[receive]\nmax_octets_in_flight = 100000",
            "f.toml:2: receive.max_octets_in_flight: must be",
        ),
        (
            "[receive]\nroom_wait_seconds = 0",
            "f.toml:2: receive.room_wait_seconds: must be at least 1",
        ),
        ("[sanitize]\nworkers = 100000", "f.toml:2: sanitize.workers: must be at most"),
        (
            "[sanitize.limits]\nhtml_depth = 4000",
            "f.toml:2: sanitize.limits.html_depth: must be at most",
        ),
        ("[sanitize.limits]\ndepth = 0", "f.toml:2: sanitize.limits.depth: must be at least 1"),
        ("[deliver]\nnext_hop = 'mail'", "f.toml:2: deliver.next_hop: \"mail\" is no mail server"),
        ("[deliver]\nnext_hop = 'ma il:25'", "f.toml:2: deliver.next_hop: "),
        ("[deliver]\nfallback_hops = ['a:25', 'b:0']", "f.toml:2: deliver.fallback_hops[1]: "),
        ("[deliver]\ntls = 'verify'", "f.toml:2: deliver.tls: "),
        ("[deliver]\nuser = 'u'", "f.toml:2: deliver.user: user and password_file"),
        ("[deliver]\nretry_longest_seconds = 1", "f.toml:2: deliver.retry_longest_seconds: "),
        ("[reports]\nhop = 'a:25'", "f.toml:1: reports.from: \"\" is no address"),
        ("[reports]\nfrom = 'a@b.jp'", "f.toml:2: reports.from: needs reports.hop"),
        (
            "[reports]\nhop = '127.0.0.1:2600'\nfrom = 'a@b.jp'",
            "f.toml:2: reports.hop: is also a next hop",
        ),
        ("[journal]\npath = ''", "f.toml:2: journal.path: names no folder"),
        ("[review]\nlisten = 'x'", "f.toml:2: review.listen: "),
        ("[review]\nsession_idle_minutes = 0", "f.toml:2: review.session_idle_minutes: "),
        ("[review]\nsession_hours = 25", "f.toml:2: review.session_hours: "),
        ("[review]\ntrusted_proxies = ['x']", "f.toml:2: review.trusted_proxies[0]: "),
        ("[review]\nurl = 'ftp://x'", "f.toml:2: review.url: must begin with"),
        ("[review.openid]\nclient_id = 'x'", "f.toml:1: review.openid.issuer: "),
        (
            "[review.openid]\nissuer = 'http://example.jp'",
            "f.toml:2: review.openid.issuer: must begin with https://",
        ),
        (
            "[review.openid]\nissuer = 'https://example.jp'",
            "f.toml:1: review.openid.client_id: must be how",
        ),
        (
            "[review.openid]\nissuer = 'https://example.jp'\nclient_secret_file = '/nowhere/x'",
            "f.toml:3: review.openid.client_secret_file: ",
        ),
        (
            "[review.openid]\nissuer = 'https://example.jp'\n[[review.openid.group]]\n\
             group = 'a'\norganisation = 'nobody'\nrole = 'king'",
            "f.toml:6: review.openid.group[0].role: must be requester",
        ),
        ("[log]\nlevel = 'sekimori=loud'", "f.toml:2: log.level: "),
        (
            "[[organisation]]\nname = 'x'\ndomains = []",
            "f.toml:3: organisation[0].domains: names no domain",
        ),
        (
            "[[organisation]]\nname = 'x'\ndomains = ['a b']",
            "f.toml:3: organisation[0].domains[0]: ",
        ),
    ] {
        let found = mistakes(text);
        assert!(found.iter().any(|m| m.starts_with(said)), "{text}\n{found:#?}");
    }
}

#[test]
fn what_belongs_to_two_organisations_is_refused() {
    let found = mistakes("[[organisation]]\nname = '山北町'\ndomains = ['TOWN.example.lg.jp.']");
    assert!(found.iter().any(|m| m.starts_with("f.toml:5: organisation[1].name: ")), "{found:?}");
    assert!(
        found.iter().any(|m| m.starts_with("f.toml:6: organisation[1].domains: ")),
        "{found:?}"
    );
}

#[test]
fn a_configuration_without_organisation_is_refused() {
    let source = parse("f.toml", "", std::iter::empty()).unwrap();
    let found = check(&source).unwrap_err();
    assert!(found[0].to_string().starts_with("f.toml: there is no [[organisation]]"), "{found:?}");
}

#[test]
fn a_hop_or_listener_in_a_forbidden_segment_is_refused() {
    let segments = "[segments]\ninternet = ['10.1.0.0/16']\nlgwan = ['10.2.0.0/16']\n\
                    mynumber = ['10.3.0.0/16']\n";
    for (text, said) in [
        (
            "[deliver]\nnext_hop = '10.3.0.1:25'",
            "f.toml:6: deliver.next_hop: 10.3.0.1 is in the forbidden segment mynumber",
        ),
        ("[deliver]\nnext_hop = '[::ffff:10.3.0.1]:25'", "f.toml:6: deliver.next_hop: "),
        (
            "[deliver]\nnext_hop = '10.1.0.1:25'",
            "f.toml:6: deliver.next_hop: 10.1.0.1 is in the forbidden segment internet",
        ),
        (
            "[reports]\nhop = '10.2.0.1:25'\nfrom = 'a@b.jp'",
            "f.toml:6: reports.hop: 10.2.0.1 is in the forbidden segment lgwan",
        ),
        ("[receive]\nlisten = ['10.2.0.1:25']", "f.toml:6: receive.listen[0]: "),
        ("[receive]\ntrusted_peers = ['10.0.0.0/8']", "f.toml:6: receive.trusted_peers: "),
        ("[review]\nlisten = '10.3.0.1:80'", "f.toml:6: review.listen: "),
    ] {
        let found = mistakes(&format!("{segments}{text}"));
        assert!(found.iter().any(|m| m.starts_with(said)), "{text}\n{found:#?}");
    }
    assert_eq!(
        mistakes(&format!("{segments}[deliver]\nnext_hop = '10.2.0.1:25'")),
        Vec::<String>::new()
    );
}
