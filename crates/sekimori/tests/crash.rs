//! No acknowledged mail is missing, however often the gateway or its next hop dies.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use sekimori_profile::verify;
use sekimori_xtask::load::{self, Amount, OnTrouble, Outcome};
use sekimori_xtask::mail::{Kind, Marker, Template};
use sekimori_xtask::sink::{self, Faults, Sink};
use support::gateway::{Gateway, Plan};
use support::{PATIENCE, wait_for, within};
use tokio::task::JoinSet;

/// How often the gateway is killed.
const KILLS: usize = 5;

/// How many mails of each kind are sent: 2,000, most of them small as in life.
const MAILS: [(Kind, u64, usize); 4] = [
    (Kind::Text, 1_880, 14),
    (Kind::Newsletter, 60, 2),
    (Kind::Forwarded, 40, 2),
    (Kind::Attachment, 20, 2),
];

/// Mails acknowledged in each life of the gateway before it is killed.
const A_LIFE: u64 = 300;

/// Connections to the next hop, each with at most one mail in the air.
const CONCURRENCY: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_mail_arrives_although_the_gateway_is_killed_five_times() {
    let sink = start_sink(Faults::default()).await;
    let mut gateway = start_gateway(&sink);
    let load = tokio::spawn(send_all(&gateway));
    for _ in 0..KILLS {
        live_and_die(&mut gateway);
    }
    let sent = load.await.unwrap();
    assert_nothing_is_missing(&gateway, &sink, &sent, KILLS * (CONCURRENCY + sessions()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_mail_arrives_although_the_next_hop_misbehaves_too() {
    let mut sink =
        start_sink(Faults { refused_per_mille: 200, dropped_per_mille: 50, ..Faults::default() })
            .await;
    let mut gateway = start_gateway(&sink);
    let load = tokio::spawn(send_all(&gateway));
    for life in 1..=KILLS {
        live_and_die(&mut gateway);
        if life % 2 == 0 {
            sink.stop().await;
            let noticed = || {
                let unreached = gateway.logged("a next hop cannot be reached");
                (unreached.len() >= life / 2).then_some(())
            };
            wait_for("the gateway notices that its next hop is gone", noticed);
            sink.restart().await.unwrap();
        }
    }
    let sent = load.await.unwrap();
    let counts = sink.counts();
    assert!(counts.refused > 0 && counts.dropped > 0, "the sink misbehaved: {counts:?}");
    // A connection that breaks when the sink stops may have had its answer on the way.
    let may_repeat = KILLS * (CONCURRENCY + sessions()) + KILLS / 2 * CONCURRENCY;
    assert_nothing_is_missing(&gateway, &sink, &sent, may_repeat);
}

fn sessions() -> usize {
    MAILS.iter().map(|(_, _, sessions)| sessions).sum()
}

async fn start_sink(faults: Faults) -> Sink {
    let settings = sink::Settings { keep_bodies: true, faults, ..sink::Settings::default() };
    Sink::start(settings).await.unwrap()
}

fn start_gateway(sink: &Sink) -> Gateway {
    Plan::new(sink.address()).set("deliver.concurrency", &CONCURRENCY.to_string()).start()
}

/// Sends all mails, each again and again until it is acknowledged.
fn send_all(gateway: &Gateway) -> impl Future<Output = Vec<Outcome>> + use<> {
    let mut loads = JoinSet::new();
    for (run, (kind, messages, sessions)) in (1..).zip(MAILS) {
        let template = Arc::new(Template::of(kind));
        loads.spawn(load::run(load::Settings {
            sessions,
            amount: Amount::Messages(messages),
            on_trouble: OnTrouble::Retry { patience: PATIENCE },
            ..load::Settings::new(gateway.mail(), template, run)
        }));
    }
    loads.join_all()
}

/// Waits until the gateway has acknowledged its share, then kills it and starts it again.
fn live_and_die(gateway: &mut Gateway) {
    wait_for("a life's share of mail", || {
        gateway.metric("sekimori_messages_received_total").filter(|&received| received >= A_LIFE)
    });
    gateway.kill();
    gateway.restart();
}

fn assert_nothing_is_missing(gateway: &Gateway, sink: &Sink, sent: &[Outcome], may_repeat: usize) {
    let acknowledged: HashSet<Marker> =
        sent.iter().flat_map(|outcome| outcome.accepted.iter().copied()).collect();
    let troubles: Vec<_> = sent.iter().map(|outcome| &outcome.troubles).collect();
    let mails: u64 = MAILS.iter().map(|(_, mails, _)| mails).sum();
    assert_eq!(acknowledged.len() as u64, mails, "{troubles:?}");
    // The longest pause of the lane for a hop that did not answer is a minute.
    let empty = within(Duration::from_secs(90), || {
        gateway.metric("sekimori_messages{state=\"queued\"}").filter(|&queued| queued == 0)
    });
    assert!(empty.is_some(), "the queue is not empty: {:?}", sink.counts());
    let arrived: Vec<Marker> = sink
        .accepted()
        .iter()
        .map(|mail| {
            let body = mail.body.as_ref().unwrap();
            verify::verify(body, 1024 * 1024).unwrap();
            Marker::find(body).unwrap()
        })
        .collect();
    let distinct: HashSet<Marker> = arrived.iter().copied().collect();
    let missing: Vec<_> = acknowledged.difference(&distinct).collect();
    let repeated = arrived.len() - distinct.len();
    println!(
        "{} acknowledged, {} missing, {repeated} repeated (at most {may_repeat} may be), \
         {} kills, sink {:?}",
        acknowledged.len(),
        missing.len(),
        KILLS,
        sink.counts()
    );
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(repeated <= may_repeat, "{repeated} mails arrived twice");
    assert_eq!(gateway.metric("sekimori_messages{state=\"held\"}"), Some(0));
    assert_eq!(gateway.metric("sekimori_messages{state=\"failed\"}"), Some(0));
}
