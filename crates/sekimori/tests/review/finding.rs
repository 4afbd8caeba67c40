//! From a notice to the original.

use sekimori_journal::{AuditKind, Journal, NewRequest, Role, Verdict, Wanted, Way};
use sekimori_xtask::browser::Find;

use super::support::next_hop::{Manners, NextHop};
use super::support::village::{DOMAIN, VILLAGE, Village};
use super::{QUOTATION, sign_in};

#[test]
fn from_a_number_on_paper_to_the_original_in_three_interactions() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    let clerk = village.inhabitant("tanaka", VILLAGE, &[Role::Requester]);
    let approver = village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    let message = village.receive(&format!("tanaka@{DOMAIN}"), QUOTATION);
    for _ in 0..20 {
        village.receive(&format!("tanaka@{DOMAIN}"), super::INQUIRY);
    }
    let asked = NewRequest {
        queue_id: message.queue_id,
        wanted: Wanted::Original,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "見積の内訳を確かめるため".to_owned(),
    };
    let request = village.desk.request(&clerk, &asked).unwrap();
    let usable_until = village.desk.download_limit();
    let verdict = Verdict::Approve { recipients: None, sections: None, usable_until };
    village.desk.decide(&approver, request, &verdict, "").unwrap();
    let page = sign_in(&village, "tanaka");
    // As somebody types it who reads it from paper: small letters, no hyphen.
    let typed = message.reference.to_string().to_lowercase().replace('-', "");
    // 1: the number, into the field that has the focus already.
    page.type_keys(&typed).unwrap();
    // 2: Enter, which leads to the message itself.
    page.load_by(|page| page.press("Enter")).unwrap();
    let shown = page.text(".reference").unwrap();
    assert!(shown.contains(&message.reference.to_string()), "{shown}");
    // 3: the button.
    let download =
        page.download_by(|page| page.click(Find::role("button", "原本を取り出す"))).unwrap();
    assert_eq!(download.octets().unwrap(), village.journal.original(message.queue_id).unwrap());
    let timeline = village.desk.timeline(&approver, message.queue_id).unwrap();
    let last = timeline.last().unwrap();
    assert_eq!(last.record.kind, AuditKind::Downloaded);
    assert_eq!(last.record.actor.as_deref(), Some("tanakaさん"));
}
