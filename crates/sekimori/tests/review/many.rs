//! Many messages at once, what can be undone, and the keyboard alone.

use sekimori_journal::{Action, Actor, Journal, Role, State};
use sekimori_policy::QueueId;
use sekimori_xtask::browser::{Browser, Extent, Find};

use super::support::client::Client;
use super::support::next_hop::{Manners, NextHop};
use super::support::village::{DOMAIN, PASSWORD, VILLAGE, Village, now};
use super::{INQUIRY, QUOTATION, open, sign_in};

#[test]
fn five_hundred_are_decided_at_once_with_a_result_for_the_one_that_fails() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    let mut client = Client::greeted(village.gateway.mail());
    let mut ids: Vec<QueueId> = Vec::new();
    for _ in 0..500 {
        let reply = client.hand_over("s@example.jp", &format!("soumu@{DOMAIN}"), INQUIRY);
        ids.push(reply.text.rsplit(' ').next().unwrap().parse().unwrap());
    }
    let page = sign_in(&village, "sato");
    assert!(page.text(".count").unwrap().contains("500"), "{}", page.text(".count").unwrap());
    page.click("[data-every]").unwrap();
    page.click("[data-whole]").unwrap();
    page.follow(Find::role("button", "削除する")).unwrap();
    assert!(page.text("main").unwrap().contains("500"), "{}", page.text("main").unwrap());
    // While the question stands, one of them is decided elsewhere.
    let other = Actor::named("operator:root", "elsewhere");
    village.journal.act(&[ids[250]], Action::Delete, &other, now()).unwrap();
    page.fill("#reason", "迷惑メールのため").unwrap();
    page.follow(Find::css("main button.danger")).unwrap();
    let told = page.text("[role=status]").unwrap();
    assert!(told.contains("499") && told.contains('1'), "{told}");
    let failed = page.text("main section:first-of-type").unwrap();
    let reference = village.message(ids[250]).reference.to_string();
    assert!(failed.contains(&reference), "{failed}");
    assert!(ids.iter().all(|&id| village.message(id).state == State::Deleted));
    // Back to the list, on which nothing waits any more.
    page.follow(Find::role("link", "一覧へ戻る")).unwrap();
    assert!(page.exists(".nothing").unwrap());
}

#[test]
fn a_delete_is_undone_and_the_mail_can_be_sent_again() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    let message = village.receive(&format!("soumu@{DOMAIN}"), QUOTATION);
    let page = sign_in(&village, "sato");
    page.follow("a.subject").unwrap();
    open(&page, "削除する");
    page.fill("#r-delete", "迷惑メールのため").unwrap();
    page.follow(Find::css("details[open] button.danger")).unwrap();
    assert_eq!(village.message(message.queue_id).state, State::Deleted);
    page.goto(&village.url(&format!("/messages/{}", message.queue_id))).unwrap();
    open(&page, "元に戻す");
    page.fill("#r-restore", "操作の誤りを直すため").unwrap();
    page.follow(Find::css("details[open] button.main")).unwrap();
    assert_eq!(village.message(message.queue_id).state, State::Held);
    page.goto(&village.url(&format!("/messages/{}", message.queue_id))).unwrap();
    open(&page, "承認して送る");
    page.fill("#r-release", "内容を確認し、問題がないため").unwrap();
    page.follow(Find::css("details[open] button.main")).unwrap();
    next_hop.wait_for_taken(1);
}

#[test]
fn everything_is_done_with_the_keyboard_alone() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::start(next_hop.address());
    village.inhabitant("sato", VILLAGE, &[Role::Approver]);
    for _ in 0..3 {
        village.receive(&format!("soumu@{DOMAIN}"), INQUIRY);
    }
    let second = village.receive(&format!("soumu@{DOMAIN}"), QUOTATION);
    let newest = village.receive(&format!("soumu@{DOMAIN}"), INQUIRY);
    let page = Browser::shared().unwrap().person().unwrap();
    page.goto(&village.url("/")).unwrap();
    page.type_keys("sato").unwrap();
    page.press("Tab").unwrap();
    page.type_keys(PASSWORD).unwrap();
    page.load_by(|page| page.press("Enter")).unwrap();
    // The search field has the focus, and letters typed there are text.
    // Chromium gives the focus when it draws the page, and a page that nobody sees may not be drawn.
    page.screenshot(Extent::Window).unwrap();
    page.wait_until("document.activeElement.id === 'text'").unwrap();
    page.type_keys("jx").unwrap();
    assert_eq!(page.property("#text", "value").unwrap(), "jx");
    page.press("Escape").unwrap();
    page.tab_to("link", "本文へ移動").unwrap();
    page.press("Enter").unwrap();
    // The rows: the first, the second; open it; and back to the same row.
    page.press("j").unwrap();
    page.press("j").unwrap();
    page.load_by(|page| page.press("Enter")).unwrap();
    assert!(page.url().unwrap().contains(&second.queue_id.to_string()), "{}", page.url().unwrap());
    page.load_by(|page| page.press("u")).unwrap();
    let row = page.text(".rows tr:target").unwrap();
    assert!(row.contains(&second.reference.to_string()), "{row}");
    // The first is chosen and rejected.
    page.press("k").unwrap();
    page.press("x").unwrap();
    page.tab_to("button", "却下する").unwrap();
    page.load_by(|page| page.press("Enter")).unwrap();
    page.tab_to("combobox", "理由必須").unwrap();
    page.type_keys("junk").unwrap();
    page.load_by(|page| page.press("Enter")).unwrap();
    assert_eq!(village.message(newest.queue_id).state, State::Deleted);
    assert_eq!(village.message(second.queue_id).state, State::Held);
}
