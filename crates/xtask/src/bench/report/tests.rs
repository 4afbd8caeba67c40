use super::*;

fn figures(peer: Peer, rate: f64, cpu: f64) -> Figures {
    Figures {
        peer,
        kind: "text",
        sessions: 20,
        messages: 100,
        accepted_per_second: rate,
        delivered_per_second: rate,
        latency_p50_ms: 1.0,
        latency_p99_ms: 2.0,
        cpu_ms_per_message: cpu,
        load_cpu_ms_per_message: 0.1,
        peak_memory_mib: 10.0,
        missing: 0,
        duplicates: 0,
        cpu_ms_by_thread: BTreeMap::new(),
        troubles: BTreeMap::new(),
        replies: BTreeMap::new(),
    }
}

fn report() -> Report {
    Report::new(super::super::machine::describe(&std::env::temp_dir()).unwrap())
}

#[test]
fn ratios_are_ours_to_theirs_under_the_same_load() {
    let mut report = report();
    report.add(vec![figures(Peer::Postfix, 100.0, 4.0), figures(Peer::Sekimori, 600.0, 0.4)]);
    let [ratios] = report.ratios.as_slice() else {
        panic!("{:?}", report.ratios);
    };
    assert!((ratios.delivered_per_second - 6.0).abs() < 1e-9);
    assert!((ratios.cpu_per_message - 0.1).abs() < 1e-9);
    assert!((ratios.latency_p99_to_p50 - 2.0).abs() < 1e-9);
    let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    assert_eq!(json["results"][0]["peer"], "postfix");
    assert_eq!(json["ratios"][0]["sessions"], 20);
}

#[test]
fn a_peer_alone_has_no_ratios() {
    let mut report = report();
    report.add(vec![figures(Peer::Postfix, 100.0, 4.0)]);
    assert!(report.ratios.is_empty());
    assert!(report.losses().is_empty());
}

#[test]
fn a_lost_message_is_told() {
    let mut report = report();
    report.add(vec![Figures { missing: 1, ..figures(Peer::Sekimori, 1.0, 1.0) }]);
    assert!(report.losses()[0].starts_with("sekimori, text, 20 sessions"));
}

#[test]
fn repeated_measurements_give_medians() {
    let all = [3.0, 1.0, 2.0].map(|rate| figures(Peer::Postfix, rate, 1.0));
    let middle = Figures::median(&all).unwrap();
    assert!((middle.delivered_per_second - 2.0).abs() < 1e-9);
    assert_eq!(middle.messages, 300);
    assert!((median(vec![1.0, 2.0]) - 1.5).abs() < 1e-9);
    assert!(Figures::median(&[]).is_none());
}
