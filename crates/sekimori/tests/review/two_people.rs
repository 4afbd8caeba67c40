//! Requests and decisions of two people.

use sekimori_journal::{Role, State};
use sekimori_xtask::browser::{Find, Page};

use super::support::next_hop::{Manners, NextHop};
use super::support::village::{DOMAIN, VILLAGE, Village};
use super::support::wait_for;
use super::{INQUIRY, QUOTATION, open, sign_in};

/// Files a request for what is chosen on a message's page.
fn ask(page: &Page, wanted: &str, reason: &str) {
    open(page, "取り出しを申請する");
    page.check(Find::role("radio", wanted), true).unwrap();
    page.fill("#r-request", reason).unwrap();
    page.follow(Find::css("#request button.main")).unwrap();
}

#[test]
fn one_asks_and_another_approves_and_delivered_is_said_after_the_next_hop_s_250() {
    let busy = "451 4.3.2 busy".to_owned();
    let next_hop = NextHop::start(Manners { messages: [busy].into(), ..Manners::default() });
    let village = Village::start(next_hop.address());
    village.inhabitant("tanaka", VILLAGE, &[Role::Requester]);
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    village.inhabitant("ito", VILLAGE, &[Role::Approver]);
    let message = village.receive(&format!("tanaka@{DOMAIN}"), INQUIRY);
    let id = message.queue_id;
    let item = village.url(&format!("/messages/{id}"));
    let clerk = sign_in(&village, "tanaka");
    clerk.goto(&item).unwrap();
    ask(&clerk, "送られるテキスト", "住民への回答に必要");
    assert!(clerk.text("[role=status]").unwrap().contains("申請しました"));
    assert!(!clerk.exists("button[name=verdict]").unwrap(), "a requester decides nothing");
    // Nothing crosses by being asked for.
    assert_eq!((village.message(id).state, next_hop.handed().len()), (State::Held, 0));
    let approver = sign_in(&village, "sato");
    approver.goto(&village.url("/requests")).unwrap();
    approver.follow("table.rows th a").unwrap();
    approver.fill("#reason", "内容を確認した").unwrap();
    approver.follow(Find::role("button", "承認する")).unwrap();
    // The next hop was busy: nothing is said to be delivered.
    wait_for("the next hop is asked", || (!next_hop.handed().is_empty()).then_some(()));
    assert!(next_hop.handed()[0].answer.starts_with("451"));
    wait_for("the answer is shown", || {
        approver.goto(&item).unwrap();
        approver.exists(Find::text("451 4.3.2 busy")).unwrap().then_some(())
    });
    assert!(approver.text(".title .state").unwrap().contains("送信待ち"));
    let taken = next_hop.wait_for_taken(1);
    assert!(taken[0].text().contains("Sekimori-Result:"), "{}", taken[0].text());
    village.wait_for_state(id, State::Delivered);
    approver.goto(&item).unwrap();
    assert!(approver.text(".title .state").unwrap().contains("送信済み"));
    let timeline = approver.text("ol.timeline").unwrap();
    for who in ["tanakaさん", "satoさん", "内容を確認した"] {
        assert!(timeline.contains(who), "{timeline}");
    }
}

#[test]
fn nobody_approves_his_own_request_even_by_a_form_of_his_own_making() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    village.inhabitant("ito", VILLAGE, &[Role::Approver]);
    let message = village.receive(&format!("sato@{DOMAIN}"), QUOTATION);
    let item = village.url(&format!("/messages/{}", message.queue_id));
    let sato = sign_in(&village, "sato");
    sato.goto(&item).unwrap();
    ask(&sato, "原本のすべて", "見積のマクロを確かめる");
    sato.goto(&village.url("/requests/1")).unwrap();
    assert!(sato.exists(Find::text("自分の申請を自分で承認することはできません")).unwrap());
    assert!(!sato.exists("[name=verdict]").unwrap());
    // He takes the form of his withdrawal for a decision.
    sato.evaluate(
        "(() => { const form = document.querySelector('form[action$=\"/withdraw\"]');
          form.action = '/requests/1/decide';
          const verdict = document.createElement('input');
          verdict.name = 'verdict'; verdict.value = 'approve'; form.append(verdict);
          form.id = 'made'; return true })()",
    )
    .unwrap();
    sato.load_by(|page| page.evaluate("document.getElementById('made').submit(), true")).unwrap();
    assert_eq!(sato.status().unwrap(), Some(403));
    assert!(sato.text("main").unwrap().contains("自分の申請を自分で"));
    sato.goto(&item).unwrap();
    assert!(!sato.exists(Find::role("button", "原本を取り出す")).unwrap());
    // Another approves, and then he gets it.
    let ito = sign_in(&village, "ito");
    ito.goto(&village.url("/requests/1")).unwrap();
    ito.follow(Find::role("button", "承認する")).unwrap();
    sato.goto(&item).unwrap();
    assert!(sato.exists(Find::role("button", "原本を取り出す")).unwrap());
    assert!(next_hop.handed().is_empty(), "an original never goes to the next hop");
}
