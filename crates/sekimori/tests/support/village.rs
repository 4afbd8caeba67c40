//! A gateway with two organisations in quarantine review, and people who can sign in.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use sekimori_journal::{
    EmbeddedJournal, Grant, Journal, Key, NewAccount, Register, Role, State, StoredMessage,
    open_for_actions,
};
use sekimori_policy::{Address, Domain, Mode, Organisation, QueueId, Timestamp};
use sekimori_review::desk::{Desk, DeskSettings, Origin, Person};

use super::client::Client;
use super::gateway::{Gateway, Plan};
use super::wait_for;

/// The village whose mail is reviewed.
pub(crate) const VILLAGE: &str = "川南村";
/// Its domain.
pub(crate) const DOMAIN: &str = "village.example.lg.jp";
/// Another one on the same gateway.
pub(crate) const OTHER: &str = "川北村";
/// The other's domain.
pub(crate) const OTHER_DOMAIN: &str = "north.example.lg.jp";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "関所の門は日没の後に閉まる";

/// A running gateway with a desk beside it, over the same store.
pub(crate) struct Village {
    pub(crate) gateway: Gateway,
    pub(crate) desk: Desk,
    pub(crate) journal: Arc<EmbeddedJournal>,
}

/// What two villages in review mode are in a configuration.
pub(crate) fn plan(next_hop: SocketAddr) -> Plan {
    Plan::new(next_hop)
        .organisations(&format!(
            "[[organisation]]\nname = \"{VILLAGE}\"\ndomains = [\"{DOMAIN}\"]\nmode = \"review\"\n\
             [[organisation]]\nname = \"{OTHER}\"\ndomains = [\"{OTHER_DOMAIN}\"]\nmode = \"review\"\n"
        ))
        .set("review.secure_cookies", "false")
        .set("review.second_factor", "false")
}

impl Village {
    /// One that delivers to `next_hop`, without second factors.
    pub(crate) fn start(next_hop: SocketAddr) -> Self {
        Self::with(plan(next_hop))
    }

    /// One of a plan.
    pub(crate) fn with(plan: Plan) -> Self {
        let gateway = plan.start();
        let settings = sekimori_journal::Settings { reserve_octets: 0, ..Default::default() };
        let journal = Arc::new(open_for_actions(&gateway.journal(), &settings).unwrap());
        let desk = desk(&journal, false);
        Self { gateway, desk, journal }
    }

    /// A desk that knows of a hop for hand-overs by mail.
    pub(crate) fn desk_with_hop(&self) -> Desk {
        desk(&self.journal, true)
    }

    /// Where its pages are.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.http())
    }

    /// An account with a password for its first sign-in, which is given.
    pub(crate) fn newcomer(&self, login: &str, organisation: &str, roles: &[Role]) -> String {
        let domain = if organisation == VILLAGE { DOMAIN } else { OTHER_DOMAIN };
        let grants = roles.iter().map(|&role| Grant {
            organisation: organisation.to_owned(),
            role,
            from: None,
            until: None,
        });
        let new = NewAccount {
            login: login.to_owned(),
            name: format!("{login}さん"),
            organisation: Some(organisation.to_owned()),
            addresses: vec![Address::parse(&format!("{login}@{domain}")).unwrap()],
            grants: grants.collect(),
            ..NewAccount::default()
        };
        let machine = Person::machine("root", now());
        let id = self.desk.add_account(&machine, &new).unwrap();
        self.desk.set_password(&machine, id, None).unwrap()
    }

    /// Somebody who signs in with [`PASSWORD`].
    pub(crate) fn inhabitant(&self, login: &str, organisation: &str, roles: &[Role]) -> Person {
        let temporary = self.newcomer(login, organisation, roles);
        let signed_in = self.desk.sign_in(login, &temporary, None, Origin::CommandLine).unwrap();
        self.desk.change_password(&signed_in.person, &temporary, PASSWORD).unwrap()
    }

    /// Hands a mail in, and gives the message that waits then.
    pub(crate) fn receive(&self, recipient: &str, mail: &[u8]) -> StoredMessage {
        let mut client = Client::greeted(self.gateway.mail());
        let reply = client.hand_over("sender@example.jp", recipient, mail);
        assert_eq!(reply.code, 250, "{reply:?}");
        let id = reply.text.rsplit(' ').next().and_then(|id| id.parse().ok()).unwrap();
        self.message(id)
    }

    /// A message as it is now.
    pub(crate) fn message(&self, id: QueueId) -> StoredMessage {
        self.journal.message(Key::QueueId(id)).unwrap().unwrap()
    }

    /// Waits until a message has come to a state.
    pub(crate) fn wait_for_state(&self, id: QueueId, state: State) {
        wait_for("a message comes to a state", || (self.message(id).state == state).then_some(()));
    }
}

fn desk(journal: &Arc<EmbeddedJournal>, internet_hop: bool) -> Desk {
    let organisations = [(VILLAGE, DOMAIN), (OTHER, OTHER_DOMAIN)].map(|(name, domain)| {
        let domains = vec![Domain::parse(domain).unwrap()];
        Arc::new(Organisation { mode: Mode::Review, ..Organisation::new(name, domains) })
    });
    let settings =
        DeskSettings { second_factor_required: false, internet_hop, ..DeskSettings::default() };
    let organisations = Arc::new(RwLock::new(organisations.to_vec()));
    Desk::new(Arc::clone(journal) as Arc<dyn Register>, organisations, settings, now)
}

/// The moment.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::japanese_time(i64::try_from(since.as_millis()).unwrap())
}
