//! The second half of the demonstration: a village whose mail is held for review, with three people
//! who can sign in.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use sekimori_journal::{Grant, NewAccount, Register, Role};
use sekimori_policy::{Address, Envelope, ReversePath};
use sekimori_relay::Relay;
use sekimori_relay::stand_in::hand_in;
use sekimori_review::desk::{Desk, Origin, Person};
use sekimori_review::{Review, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::MAILS;
use crate::commands::{pages, serve};
use crate::configuration::Checked;
use crate::exit::{Exit, Failure};
use crate::recent::Recent;

/// The village, beside the town of the starting configuration.
pub(super) const ORGANISATION: &str = r#"
[[organisation]]
name = "川南村"
domains = ["village.example.lg.jp"]
mode = "review"
"#;
const NAME: &str = "川南村";
/// The domain of the village.
pub(super) const DOMAIN: &str = "village.example.lg.jp";
/// The port that is taken when it is free.
pub(super) const PREFERRED_PORT: u16 = 8025;

/// Somebody who can sign in.
struct Inhabitant {
    login: &'static str,
    password: &'static str,
    name: &'static str,
    roles: &'static [Role],
    what: &'static str,
}

/// The three: who asks, who decides, and who keeps accounts and audits. Their passwords are no
/// secret: the pages are on the loopback interface and hold fixtures.
const INHABITANTS: [Inhabitant; 3] = [
    Inhabitant {
        login: "tanaka",
        password: "kawaminami-mizu-1",
        name: "田中（総務課）",
        roles: &[Role::Requester],
        what: "申請する人 / asks for originals",
    },
    Inhabitant {
        login: "sato",
        password: "kawaminami-hashi-2",
        name: "佐藤（情報係）",
        roles: &[Role::Approver],
        what: "承認する人 / reviews and approves",
    },
    Inhabitant {
        login: "suzuki",
        password: "kawaminami-mori-3",
        name: "鈴木（管理者）",
        roles: &[Role::Administrator, Role::Auditor],
        what: "管理と監査 / keeps accounts, audits",
    },
];

/// The running pages.
pub(super) struct Village {
    /// Where they are.
    pub(super) address: SocketAddr,
    /// How many mails wait.
    pub(super) waiting: usize,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Village {
    /// Hands the village's mails in, makes its accounts and serves its pages.
    pub(super) async fn settle(
        relay: &Arc<Relay>,
        entrance: SocketAddr,
        register: Arc<dyn Register>,
        checked: &Checked,
    ) -> Result<Self, Failure> {
        let mut waiting = 0;
        for (_, data) in MAILS {
            if hand_in(entrance, envelope()?, data).await?.code.get() == 250 {
                waiting += 1;
            }
        }
        let supervision = serve::supervision(relay, &register, checked, Recent::default());
        let review = pages::review(register, &pages::Known::new(checked), checked);
        let desk = review.desk.clone();
        let added = tokio::task::spawn_blocking(move || {
            INHABITANTS.iter().try_for_each(|one| add(&desk, one))
        });
        added.await.map_err(|error| Failure::new(Exit::Software, error))??;
        let server = match Server::bind(checked.review_listen).await {
            Ok(server) => server,
            Err(_) => Server::bind((Ipv4Addr::LOCALHOST, 0).into()).await?,
        };
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve_until(server, supervision, review, stopped));
        Ok(Self { address, waiting, stop, serving })
    }

    /// Says where the pages are and who can sign in.
    pub(super) fn invite(&self) {
        let Self { address, waiting, .. } = self;
        println!("━━ 隔離レビュー / quarantine review: http://{address}/");
        println!(
            "    {NAME}のメール{waiting}件が確認を待っています / {waiting} mails wait for review"
        );
        for Inhabitant { login, password, what, .. } in INHABITANTS {
            println!("    {login:<8} {password:<20} {what}");
        }
        println!();
    }

    /// Stops serving.
    pub(super) async fn stop(self) {
        drop(self.stop);
        // Whoever still has a page open does not keep the demonstration from ending.
        self.serving.abort();
        let _ = self.serving.await;
    }
}

async fn serve_until(
    server: Server,
    supervision: serve::Supervising,
    review: Review,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    server
        .serve(supervision, Some(review), async {
            // Whether told or dropped, the end is the same.
            let _ = stopped.await;
        })
        .await
}

/// Adds somebody, who signs in once to choose the password that is shown.
fn add(desk: &Desk, one: &Inhabitant) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Software, error);
    let machine = Person::machine("demo", desk.now());
    let grants = one.roles.iter().map(|&role| Grant {
        organisation: NAME.to_owned(),
        role,
        from: None,
        until: None,
    });
    let new = NewAccount {
        login: one.login.to_owned(),
        name: one.name.to_owned(),
        organisation: Some(NAME.to_owned()),
        addresses: vec![address("soumu")?],
        grants: grants.collect(),
        ..NewAccount::default()
    };
    let id = desk.add_account(&machine, &new).map_err(|refusal| failed(&refusal.english()))?;
    let temporary =
        desk.set_password(&machine, id, None).map_err(|refusal| failed(&refusal.english()))?;
    let signed_in = desk
        .sign_in(one.login, &temporary, None, Origin::CommandLine)
        .map_err(|refusal| failed(&refusal.english()))?;
    desk.change_password(&signed_in.person, &temporary, one.password)
        .map_err(|refusal| failed(&refusal.english()))?;
    Ok(())
}

fn address(local: &str) -> Result<Address, Failure> {
    Address::parse(&format!("{local}@{DOMAIN}")).map_err(|e| Failure::new(Exit::Software, e))
}

fn envelope() -> Result<Envelope, Failure> {
    let sender =
        Address::parse("sender@example.jp").map_err(|e| Failure::new(Exit::Software, e))?;
    Ok(Envelope { sender: ReversePath(Some(sender)), recipients: vec![address("soumu")?] })
}
