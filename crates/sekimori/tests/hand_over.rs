//! Approved originals on their way to mailboxes of the Internet side, and never toward LGWAN.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sekimori_journal::{HandOverState, NewRequest, Register, Role, State, Verdict, Wanted, Way};
use sekimori_policy::Address;
use sekimori_profile::verify;
use support::next_hop::{Manners, NextHop};
use support::village::{DOMAIN, VILLAGE, Village, plan};
use support::wait_for;

const QUOTATION: &[u8] = include_bytes!("../../../fixtures/mail/tender/quotation-xlsm.eml");

#[test]
fn an_approved_original_reaches_the_internet_side_and_the_next_hop_sees_text_alone() {
    let lgwan = NextHop::start(Manners::default());
    let internet = NextHop::start(Manners {
        messages: ["451 4.3.2 busy".to_owned()].into(),
        ..Manners::default()
    });
    let village = Village::with(
        plan(lgwan.address())
            .set("hand_over.hop", &format!("\"{}\"", internet.address()))
            .set("hand_over.from", "\"sekimori@village.example.lg.jp\""),
    );
    let desk = village.desk_with_hop();
    let clerk = village.inhabitant("tanaka", VILLAGE, &[Role::Requester]);
    let approver = village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    let message = village.receive(&format!("tanaka@{DOMAIN}"), QUOTATION);
    let asked = NewRequest {
        queue_id: message.queue_id,
        wanted: Wanted::Original,
        recipients: vec![Address::parse(&format!("tanaka@{DOMAIN}")).unwrap()],
        way: Way::Mail,
        reason: "見積のマクロを確かめるため".to_owned(),
    };
    let request = desk.request(&clerk, &asked).unwrap();
    // Asking hands nothing over.
    assert!(internet.handed().is_empty());
    let usable_until = desk.download_limit();
    let approve = Verdict::Approve { recipients: None, sections: None, usable_until };
    desk.decide(&approver, request, &approve, "").unwrap();
    let taken = internet.wait_for_taken(1);
    assert_eq!(taken[0].recipients, [format!("tanaka@{DOMAIN}")]);
    assert_eq!(taken[0].sender, format!("sekimori@{DOMAIN}"));
    // The original is in it, whole.
    let needle = &QUOTATION[QUOTATION.len() - 2_000..QUOTATION.len() - 200];
    assert!(taken[0].data.windows(needle.len()).any(|window| window == needle));
    wait_for("the hand-over is recorded", || {
        let hand_overs = village.journal.hand_overs(request).unwrap();
        (hand_overs[0].state == HandOverState::Done).then_some(())
    });
    // A removed part alone, declared as octets of no known type.
    let asked =
        NewRequest { wanted: Wanted::Parts(vec![message.removed[0].section.clone()]), ..asked };
    let request = desk.request(&clerk, &asked).unwrap();
    desk.decide(&approver, request, &approve, "").unwrap();
    let part = internet.wait_for_taken(2).remove(1);
    assert!(part.text().contains("Content-Type: application/octet-stream"), "{}", part.text());
    assert!(part.text().contains(&message.reference.to_string()), "{}", part.text());
    assert!(lgwan.handed().is_empty(), "nothing went toward LGWAN");
    assert_eq!(village.message(message.queue_id).state, State::Held);
    // When the text is approved too, text is all that goes there.
    let done = desk.release(&approver, &[message.queue_id], None, "確認済み");
    assert!(done[0].1.is_ok(), "{done:?}");
    let crossed = lgwan.wait_for_taken(1);
    verify::verify(&crossed[0].data, 1024 * 1024).unwrap();
    assert_eq!(internet.taken().len(), 2);
}

/// The relay reads originals in one place, which knows the Internet-side hop and no other.
#[test]
fn nothing_of_the_relay_but_the_hand_over_reads_an_original() {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let relay = Path::new(env!("CARGO_MANIFEST_DIR")).join("../relay/src");
    let mut files = Vec::new();
    walk(&relay, &mut files);
    let reading: BTreeSet<_> = files
        .iter()
        .filter(|file| fs::read_to_string(file).unwrap().contains(".original("))
        .map(|file| file.strip_prefix(&relay).unwrap().display().to_string())
        .collect();
    assert_eq!(reading, BTreeSet::from(["hand_over.rs".to_owned()]));
    let text = fs::read_to_string(relay.join("hand_over.rs")).unwrap()
        + &fs::read_to_string(relay.join("hand_over/mail.rs")).unwrap();
    assert!(text.contains("side: Segment::Internet"), "it dials to the Internet side alone");
    for other in ["deliver.hops", "next_hop", "Segment::Lgwan", ".delivery", "Route::"] {
        assert!(!text.contains(other), "the hand-over knows {other}");
    }
}
