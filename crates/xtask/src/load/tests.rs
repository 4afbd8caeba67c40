use std::collections::HashSet;

use super::*;
use crate::mail::Kind;
use crate::sink::{Faults, Settings as SinkSettings, Sink};

const PATIENCE: Duration = Duration::from_secs(20);

fn settings(sink: &Sink, messages: u64) -> Settings {
    Settings {
        sessions: 5,
        amount: Amount::Messages(messages),
        ..Settings::new(sink.address(), Arc::new(Template::of(Kind::Text)), 9)
    }
}

fn markers(sink: &Sink) -> HashSet<String> {
    let messages = sink.accepted().into_iter();
    messages.filter_map(|m| Some(m.id?.split('@').next()?.to_owned())).collect()
}

#[tokio::test]
async fn every_message_arrives_once_and_is_counted() {
    let sink = Sink::start(SinkSettings::default()).await.unwrap();
    let outcome = run(settings(&sink, 100)).await;
    assert_eq!(outcome.accepted.len(), 100);
    assert_eq!(outcome.latencies.len(), 100);
    assert!(outcome.latencies.is_sorted());
    assert_eq!(outcome.replies.get(&354), Some(&100));
    assert_eq!(outcome.replies.get(&250), Some(&300));
    assert!(outcome.troubles.is_empty());
    assert!(sink.wait_for(100, PATIENCE).await);
    assert_eq!(markers(&sink).len(), 100);
    let counts = sink.counts();
    assert_eq!((counts.connections, counts.accepted), (5, 100));
    let length = Template::of(Kind::Text).len() - ".\r\n".len();
    assert!(sink.accepted().iter().all(|m| m.size == length));
}

#[tokio::test]
async fn faults_come_as_often_as_asked_for() {
    let faults = Faults { refused_per_mille: 200, dropped_per_mille: 50, ..Faults::default() };
    let sink = Sink::start(SinkSettings { faults, ..SinkSettings::default() }).await.unwrap();
    let patient = OnTrouble::Retry { patience: PATIENCE };
    let outcome = run(Settings { on_trouble: patient, ..settings(&sink, 400) }).await;
    assert_eq!(outcome.accepted.len(), 400);
    assert_eq!(markers(&sink).len(), 400);
    let counts = sink.counts();
    assert_eq!(outcome.replies.get(&451), Some(&counts.refused));
    let all = counts.accepted + counts.refused + counts.dropped;
    assert!((150..250).contains(&(counts.refused * 1000 / all)), "{counts:?}");
    assert!((25..75).contains(&(counts.dropped * 1000 / all)), "{counts:?}");
}

#[tokio::test]
async fn a_sink_that_comes_back_on_its_port_gets_the_rest() {
    let mut sink = Sink::start(SinkSettings::default()).await.unwrap();
    let load = tokio::spawn(run(Settings {
        on_trouble: OnTrouble::Retry { patience: PATIENCE },
        ..settings(&sink, 300)
    }));
    assert!(sink.wait_for(50, PATIENCE).await);
    sink.stop().await;
    let before = sink.accepted().len();
    assert!(before < 300, "the sink was stopped in the middle");
    sink.restart().await.unwrap();
    assert_eq!(load.await.unwrap().accepted.len(), 300);
    assert_eq!(markers(&sink).len(), 300);
    sink.forget();
    assert!(sink.accepted().is_empty());
}

#[tokio::test]
async fn bodies_are_kept_where_asked_for() {
    let sink =
        Sink::start(SinkSettings { keep_bodies: true, ..SinkSettings::default() }).await.unwrap();
    run(settings(&sink, 1)).await;
    let message = sink.accepted().pop().unwrap();
    let mut sent = Vec::new();
    Template::of(Kind::Text).fill(&mut sent, Marker { run: 9, number: 0 });
    assert_eq!(message.body.unwrap(), sent[..sent.len() - ".\r\n".len()]);
    assert_eq!(message.sender, "office@association.example.jp");
    assert_eq!(message.recipients, ["clerk@town.example.lg.jp"]);
}

#[test]
fn percentiles_are_of_what_was_measured() {
    let now = Instant::now();
    let outcome = Outcome {
        started: now,
        finished: now + Duration::from_secs(2),
        accepted: vec![Marker { run: 0, number: 0 }; 10],
        latencies: (1..=10).map(Duration::from_millis).collect(),
        replies: BTreeMap::new(),
        troubles: BTreeMap::new(),
    };
    assert_eq!(outcome.latency(500), Duration::from_millis(5));
    assert_eq!(outcome.latency(990), Duration::from_millis(10));
    assert_eq!(outcome.latency(0), Duration::from_millis(1));
    assert!((outcome.accepted_per_second() - 5.0).abs() < 0.01);
    let none = Outcome { latencies: Vec::new(), ..outcome };
    assert_eq!(none.latency(990), Duration::ZERO);
}
