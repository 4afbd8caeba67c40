//! `demo`: the whole way on one machine, with nothing installed and nothing configured.

mod village;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use sekimori_journal::Register;
use sekimori_mime::PartKind;
use sekimori_policy::{Address, Domain, Envelope, Limits, ReversePath};
use sekimori_profile::verify;
use sekimori_relay::Relay;
use sekimori_relay::stand_in::{StandIn, Taken, hand_in};

use crate::cli::DemoArgs;
use crate::configuration::{self, STARTER};
use crate::exit::{Exit, Failure};
use crate::runtime;
use village::Village;

macro_rules! mail {
    ($path:literal) => {
        ($path, include_bytes!(concat!("../../../../../fixtures/mail/", $path)).as_slice())
    };
}

/// The mails that are shown: a dozen of the fixtures, as listed in `fixtures/demo.txt`.
const MAILS: [(&str, &[u8]); 12] = [
    mail!("circular/staffing-survey-jis-xlsx.eml"),
    mail!("tender/quotation-xlsm.eml"),
    mail!("newsletter/municipal-weekly-45kb.eml"),
    mail!("charset/jis-nec-ibm-extensions.eml"),
    mail!("thread/rfc822-three-deep.eml"),
    mail!("invitation/teams-meeting-exchange.eml"),
    mail!("ppap/ppap-1-encrypted-zip.eml"),
    mail!("ppap/ppap-1-password.eml"),
    mail!("phishing/link-text-unlike-target.eml"),
    mail!("report/ndr-exchange-japanese.eml"),
    mail!("person/resident-road-inquiry.eml"),
    mail!("hostile/two-content-types.eml"),
];

/// The port that is taken when it is free, so that the lines below can be copied.
const PREFERRED_PORT: u16 = 2525;
/// Lines of a text that are shown.
const SHOWN_LINES: usize = 30;
/// Longest wait for a mail to come out.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the demonstration.
pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    let runtime = runtime::start()?;
    runtime.block_on(demo(args.once))
}

async fn demo(once: bool) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let domain = |name| Domain::parse(name).map_err(|e| Failure::new(Exit::Software, e));
    let domains = vec![domain("town.example.lg.jp")?, domain(village::DOMAIN)?];
    let loopback = (Ipv4Addr::LOCALHOST, 0).into();
    let mut lgwan = StandIn::start(loopback, domains.clone()).await?;
    let mut internet = StandIn::start(loopback, domains).await?;
    let checked = configure(folder.path(), lgwan.address, internet.address)?;
    let journal: Arc<dyn Register> =
        Arc::new(sekimori_journal::open(&checked.journal_path, &checked.journal)?);
    let relay = Relay::start(&checked.relay, &journal)
        .map_err(|error| Failure::new(Exit::Unavailable, error))?;
    let relay = Arc::new(relay);
    let entrance = relay
        .addresses()
        .first()
        .copied()
        .ok_or_else(|| Failure::new(Exit::Software, "the relay has no address"))?;
    println!(
        "関守 sekimori: メールはテキストになって通ります / mail goes in as anything, comes out as text\n"
    );
    for (number, (name, data)) in MAILS.into_iter().enumerate() {
        println!("━━ {}/{}  {name}", number + 1, MAILS.len());
        show_incoming(data);
        let reply = hand_in(entrance, envelope()?, data).await?;
        if reply.code.get() != 250 {
            println!("拒否 / refused: {} {}\n", reply.code.get(), reply.lines.join(" "));
            continue;
        }
        let taken = tokio::time::timeout(PATIENCE, lgwan.taken.recv()).await;
        match taken {
            Ok(Some(taken)) => show_outgoing(&taken),
            _ => {
                return Err(Failure::new(Exit::Software, "a mail did not come out in time"));
            }
        }
    }
    let village = Village::settle(&relay, entrance, journal, &checked).await?;
    village.invite();
    if !once {
        invite(entrance, lgwan.address);
        tokio::select! {
            () = show_arrivals(&mut lgwan) => {}
            () = show_hand_overs(&mut internet) => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    village.stop().await;
    relay.stop().await;
    Ok(())
}

/// The configuration that `config init` writes, with free ports and a temporary journal.
fn configure(
    folder: &std::path::Path,
    next_hop: SocketAddr,
    internet_hop: SocketAddr,
) -> Result<configuration::Checked, Failure> {
    let free_or_any =
        |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_or(0, |_: TcpListener| port);
    let port = free_or_any(PREFERRED_PORT);
    let pages = free_or_any(village::PREFERRED_PORT);
    let environment = [
        ("SEKIMORI__RECEIVE__LISTEN", format!("127.0.0.1:{port}")),
        ("SEKIMORI__RECEIVE__HOSTNAME", "gw.town.example.lg.jp".to_owned()),
        ("SEKIMORI__DELIVER__NEXT_HOP", next_hop.to_string()),
        ("SEKIMORI__HAND_OVER__HOP", internet_hop.to_string()),
        ("SEKIMORI__HAND_OVER__FROM", "sekimori@village.example.lg.jp".to_owned()),
        ("SEKIMORI__REVIEW__LISTEN", format!("127.0.0.1:{pages}")),
        // Plain HTTP on the loopback interface, and nobody's telephone at hand.
        ("SEKIMORI__REVIEW__SECURE_COOKIES", "false".to_owned()),
        ("SEKIMORI__REVIEW__SECOND_FACTOR", "false".to_owned()),
        ("SEKIMORI__JOURNAL__PATH", folder.join("journal").display().to_string()),
        ("SEKIMORI__JOURNAL__RESERVE_OCTETS", "1048576".to_owned()),
    ];
    let environment = environment.into_iter().map(|(key, value)| (key.to_owned(), value));
    configuration::built_in(&format!("{STARTER}{}", village::ORGANISATION), environment)
}

fn envelope() -> Result<Envelope, Failure> {
    let address = |text| Address::parse(text).map_err(|error| Failure::new(Exit::Software, error));
    Ok(Envelope {
        sender: ReversePath(Some(address("sender@example.jp")?)),
        recipients: vec![address("soumu@town.example.lg.jp")?],
    })
}

/// The parts of a mail as it came in.
fn show_incoming(data: &[u8]) {
    println!("届いたメール / came in: {} octets", data.len());
    let limits = Limits { parts: 10_000, ..Limits::default() };
    let Ok(message) = sekimori_mime::scan(data, &limits) else {
        println!("    (構造が上限を超えています / structure over the limits)");
        return;
    };
    for part in message.parts() {
        let name = part.file_name.as_deref().unwrap_or_default();
        let size = match part.kind {
            PartKind::Leaf => format!("{} octets", part.raw_body.len()),
            _ => String::new(),
        };
        println!("    {:<6} {:<40} {name} {size}", part.section, part.content_type.essence());
    }
}

/// A mail as it went on, as its reader sees it.
fn show_outgoing(taken: &Taken) {
    println!("LGWAN側へ通したメール / went on: {} octets", taken.data.len());
    let Ok(verified) = verify::verify(&taken.data, Limits::default().text_octets) else {
        println!("    (text-only profileに反しています / not a text-only message)\n");
        return;
    };
    println!("    From:    {}", verified.from);
    println!("    Subject: {}", verified.subject.as_deref().unwrap_or("(なし / none)"));
    println!("    受付番号: {} ({})", verified.reference, verified.outcome);
    let lines: Vec<_> = verified.text.lines().collect();
    for line in lines.iter().take(SHOWN_LINES) {
        println!("    │ {line}");
    }
    if let Some(more) = lines.len().checked_sub(SHOWN_LINES).filter(|&more| more > 0) {
        println!("    └ … あと{more}行 / {more} more lines");
    }
    println!();
}

fn invite(entrance: SocketAddr, exit: SocketAddr) {
    let port = entrance.port();
    println!("━━ 動いています / running");
    println!("    受信 / sekimori takes mail at       127.0.0.1:{port}");
    println!("    LGWAN側の代役 / LGWAN stand-in at   {exit}");
    println!("自分のメールを送るには / to send your own mail:");
    println!(
        "    swaks --server 127.0.0.1:{port} --from me@example.jp --to soumu@town.example.lg.jp \
         --attach-type application/pdf --attach @FILE.pdf"
    );
    println!(
        "    curl smtp://127.0.0.1:{port} --mail-from me@example.jp \
         --mail-rcpt soumu@town.example.lg.jp --upload-file FILE.eml"
    );
    println!("終わるには / to stop: Ctrl-C\n");
}

/// Shows mails as they come, until there are no more.
async fn show_arrivals(lgwan: &mut StandIn) {
    while let Some(taken) = lgwan.taken.recv().await {
        show_outgoing(&taken);
    }
}

/// Says which originals are handed over on the Internet side.
async fn show_hand_overs(internet: &mut StandIn) {
    while let Some(taken) = internet.taken.recv().await {
        let to: Vec<&str> = taken.envelope.recipients.iter().map(Address::as_str).collect();
        println!(
            "インターネット側へ引き渡した原本 / original handed over on the Internet side: {} octets, {}\n",
            taken.data.len(),
            to.join(" ")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mails_are_those_that_the_fixtures_list() {
        let listed = include_str!("../../../../../fixtures/demo.txt");
        let shown: Vec<_> = MAILS.iter().map(|(name, _)| format!("mail/{name}")).collect();
        assert_eq!(shown, listed.lines().collect::<Vec<_>>());
    }
}
