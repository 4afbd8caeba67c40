//! Passwords and the second factor.

use std::time::{SystemTime, UNIX_EPOCH};

use sekimori_journal::Role;
use sekimori_xtask::browser::{Browser, Find};
use totp_rs::{Builder, Secret};

use super::enter;
use super::support::next_hop::{Manners, NextHop};
use super::support::village::{PASSWORD, VILLAGE, Village, plan};

/// The digits that an authenticator app shows `steps` half minutes from now.
fn digits(secret: &str, steps: u64) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Builder::new().with_secret(secret).build().unwrap().generate(since + steps * 30).to_string()
}

#[test]
fn an_approver_chooses_a_password_sets_up_a_second_factor_and_signs_in_with_it() {
    let next_hop = NextHop::start(Manners::default());
    let village = Village::with(plan(next_hop.address()).set("review.second_factor", "true"));
    let temporary = village.newcomer("sato", VILLAGE, &[Role::Approver]);
    let page = Browser::shared().unwrap().person().unwrap();
    page.goto(&village.url("/messages")).unwrap();
    assert!(page.url().unwrap().contains("/sign-in"), "{}", page.url().unwrap());
    enter(&page, "sato", "not the password");
    assert!(page.exists(Find::css("[role=alert]")).unwrap());
    enter(&page, "sato", &temporary);
    page.fill("#current", &temporary).unwrap();
    page.fill("#new", PASSWORD).unwrap();
    page.fill("#repeat", PASSWORD).unwrap();
    page.follow(Find::role("button", "変更する")).unwrap();
    // Nothing else is shown before the second factor stands.
    page.goto(&village.url("/messages")).unwrap();
    assert_eq!(page.text("h1").unwrap(), "二要素認証の設定");
    assert!(page.property("img.qr", "naturalWidth").unwrap().as_u64() > Some(0));
    let secret = page.text("main code").unwrap();
    page.fill("#code", &digits(&secret, 0)).unwrap();
    page.follow(Find::role("button", "設定する")).unwrap();
    assert_eq!(page.text("h1").unwrap(), "回復コード");
    assert_eq!(page.count("main code").unwrap(), 10);
    page.follow(Find::role("link", "保管しました。続ける")).unwrap();
    page.follow(Find::role("button", "サインアウト")).unwrap();
    page.goto(&village.url("/")).unwrap();
    enter(&page, "sato", PASSWORD);
    assert_eq!(page.text("h1").unwrap(), "二要素認証");
    page.fill("#code", "000000").unwrap();
    page.follow(Find::role("button", "サインインする")).unwrap();
    assert!(page.exists(Find::css("[role=alert]")).unwrap());
    // The digits that were used once are no good any more; those that come next are.
    page.fill("#code", &digits(&secret, 1)).unwrap();
    page.follow(Find::role("button", "サインインする")).unwrap();
    assert!(page.exists(Find::role("button", "サインアウト")).unwrap());
    assert!(page.url().unwrap().contains("/messages"), "{}", page.url().unwrap());
    let record = page.take_record().unwrap();
    assert!(record.faults().is_empty(), "{:?}", record.faults());
    assert!(record.foreign(&village.url("")).is_empty());
}
