//! Signing in through an identity provider: npm's oidc-provider, run by node.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use sekimori_journal::{Register, Role};
use sekimori_xtask::browser::{Browser, Find, Page};

use super::support::next_hop::{Manners, NextHop};
use super::support::village::{VILLAGE, Village};

const PROVIDER: &str = include_str!("openid_provider.mjs");
/// The last that runs on Debian's node.
const PACKAGE: &str = "oidc-provider@8.8.1";
const SECRET: &str = "a-secret-of-the-tests-0123456789abcdef";

/// A running provider, ended when dropped.
struct Provider {
    child: Child,
    issuer: String,
    /// Open for as long as the provider may say something: a closed pipe ends it.
    _said: BufReader<ChildStdout>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder with the package, fetched once. `None` where there is no node.
fn package() -> Option<PathBuf> {
    if !Command::new("npm").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return None;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("oidc-provider");
    fs::create_dir_all(&folder).unwrap();
    if !folder.join("node_modules/oidc-provider/package.json").exists() {
        let mut install = Command::new("npm");
        install.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]);
        let output = install.current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    fs::write(folder.join("provider.mjs"), PROVIDER).unwrap();
    Some(folder)
}

fn provider(redirect: &str) -> Option<Provider> {
    let folder = package()?;
    let mut child = Command::new("node")
        .args(["provider.mjs", redirect, SECRET])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut issuer = String::new();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    said.read_line(&mut issuer).unwrap();
    Some(Provider { child, issuer: issuer.trim().to_owned(), _said: said })
}

/// Signs somebody in at the provider, whose pages these are, and lets it tell us of him.
fn pass(page: &Page, login: &str) {
    page.follow(Find::role("link", "村の認証でサインインする")).unwrap();
    page.fill("[name=login]", login).unwrap();
    page.fill("[name=password]", "whatever").unwrap();
    page.follow("button[type=submit]").unwrap();
    page.follow("button[type=submit]").unwrap();
}

#[test]
fn people_sign_in_through_a_provider_with_the_roles_of_their_groups() {
    let next_hop = NextHop::start(Manners::default());
    let mut village = Village::start(next_hop.address());
    village.inhabitant("sato", VILLAGE, &[Role::Requester]);
    let url = village.url("");
    let Some(provider) = provider(&format!("{url}/openid/back")) else {
        println!("not run: node and npm are not installed");
        return;
    };
    let secret = village.gateway.folder().join("openid.secret");
    fs::write(&secret, SECRET).unwrap();
    village.gateway.stop();
    for (key, value) in [
        ("review.url", url.as_str()),
        ("review.openid.issuer", provider.issuer.as_str()),
        ("review.openid.client_id", "sekimori"),
        ("review.openid.client_secret_file", secret.to_str().unwrap()),
        ("review.openid.name", "村の認証"),
    ] {
        village.gateway.change(key, &format!("\"{value}\""));
    }
    let group = format!(
        "[{{ group = \"mail-reviewers\", organisation = \"{VILLAGE}\", role = \"approver\" }}]"
    );
    village.gateway.change("review.openid.group", &group);
    village.gateway.restart();

    let browser = Browser::shared().unwrap();
    let kato = browser.person().unwrap();
    kato.goto(&village.url("/messages?state=held")).unwrap();
    pass(&kato, "kato");
    assert_eq!(kato.url().unwrap(), village.url("/messages?state=held"));
    assert!(kato.exists(Find::role("button", "サインアウト")).unwrap());
    let account = village.journal.account_by_login("kato").unwrap().unwrap();
    assert_eq!(account.grants.len(), 1);
    assert_eq!(
        (account.grants[0].role, account.grants[0].organisation.as_str()),
        (Role::Approver, VILLAGE)
    );
    assert_eq!(account.addresses[0].as_str(), "kato@village.example.lg.jp");
    assert!(!account.has_password);
    // Whoever is in no group that means something here is told so.
    let nobody = browser.person().unwrap();
    nobody.goto(&village.url("/")).unwrap();
    pass(&nobody, "nobody");
    assert_eq!(nobody.status().unwrap(), Some(403));
    assert!(nobody.text("[role=alert]").unwrap().contains("使える役割がありません"));
    assert!(village.journal.account_by_login("nobody").unwrap().is_none());
    // A login that somebody has here already is not taken over.
    let sato = browser.person().unwrap();
    sato.goto(&village.url("/")).unwrap();
    pass(&sato, "sato");
    assert_eq!(sato.status().unwrap(), Some(403));
    let local = village.journal.account_by_login("sato").unwrap().unwrap();
    assert_eq!(local.grants[0].role, Role::Requester);
    // What comes back without having been sent, or with another state, lets nobody in.
    let forged = browser.person().unwrap();
    forged.goto(&village.url("/openid/back?state=x&code=y")).unwrap();
    assert!(forged.url().unwrap().contains("/sign-in"), "{}", forged.url().unwrap());
    forged.follow(Find::role("link", "村の認証でサインインする")).unwrap();
    forged.goto(&village.url("/openid/back?state=x&code=y")).unwrap();
    assert_eq!(forged.status().unwrap(), Some(403));
    assert!(!forged.exists(Find::role("button", "サインアウト")).unwrap());
    // People who have a password here still use it.
    super::sign_in(&village, "sato");
}
