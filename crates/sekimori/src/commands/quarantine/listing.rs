//! Messages as they are listed and shown.

use std::io::{self, Write};

use sekimori_journal::shapes::{listed as printed, plain};
use sekimori_journal::{Listed, Order, Request};
use sekimori_policy::QueueId;
use sekimori_policy::csv::{BYTE_ORDER_MARK, CsvLine};
use sekimori_review::desk::{Desk, Person, Right};
use serde_json::{Value, json};

use super::super::desk::{self, failure};
use super::super::queue_output;
use super::choosing::{one, search};
use super::requests;
use crate::cli::{OneArgs, QuarantineExportArgs, QuarantineListArgs};
use crate::exit::Failure;

/// Messages fetched from the store at once.
const PAGE: usize = 500;

pub(super) fn list(args: &QuarantineListArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let order = if args.oldest { Order::OldestFirst } else { Order::NewestFirst };
    let search = search(&args.search, order)?;
    let mut out = io::stdout().lock();
    let listed = visit(&desk, &person, &search, args.limit, |listed| {
        if args.json {
            writeln!(out, "{}", printed(listed))
        } else {
            writeln!(out, "{}", person_line(listed))
        }
    })?;
    if !args.json {
        let what = desk::words(&person, "件", " messages");
        eprintln!("sekimori: {listed}{what}");
    }
    Ok(())
}

pub(super) fn export(args: &QuarantineExportArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let language = person.account.language;
    let mut search = search(&args.search, Order::OldestFirst)?;
    if search.organisations.is_empty() {
        search.organisations = desk.organisations(&person, Right::See);
    }
    for organisation in &search.organisations {
        desk.note_export(&person, Right::See, organisation, "messages")
            .map_err(|refusal| failure(&refusal, language))?;
    }
    let mut out = io::stdout().lock();
    if args.csv {
        let heads = [
            "キューID queue_id",
            "受付番号 reference",
            "状態 state",
            "団体 organisation",
            "受信日時 arrival_time",
            "受信日時（和暦）",
            "差出人 from",
            "送信元 sender",
            "宛先 recipient",
            "件名 subject",
            "バイト message_size",
            "保管期限 keep_until",
            "保管期限（和暦）",
            "理由 codes",
        ];
        let head = heads.iter().fold(CsvLine::new(), |line, head| line.cell(head));
        write!(out, "{BYTE_ORDER_MARK}{}", head.finish())?;
    }
    visit(&desk, &person, &search, usize::MAX, |listed| {
        if args.csv {
            write!(out, "{}", csv_line(listed))
        } else {
            writeln!(out, "{}", printed(listed))
        }
    })?;
    Ok(())
}

pub(super) fn show(args: &OneArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let id = one(&desk, &person, &args.id)?;
    let refused = |refusal| failure(&refusal, person.account.language);
    let item = desk.item(&person, id).map_err(refused)?;
    let mut out = io::stdout().lock();
    if args.json {
        let mut printed = queue_output::printed(&item.message);
        if let Some(members) = printed.as_object_mut() {
            members.insert("possible".to_owned(), json!(item.possible));
            members.insert("requests".to_owned(), plain(json!(item.requests)));
            members.insert("hand_overs".to_owned(), plain(json!(item.hand_overs)));
        }
        writeln!(out, "{printed}")?;
        return Ok(());
    }
    queue_output::show(&mut out, &item.message)?;
    for request in &item.requests {
        writeln!(out, "{:<14}{}", "request", requests::line(request))?;
    }
    Ok(())
}

pub(super) fn cat(args: &OneArgs) -> Result<(), Failure> {
    let desk = desk::open(&args.who.config)?;
    let person = desk::account(&desk, args.who.token_file.as_deref())?;
    let id = one(&desk, &person, &args.id)?;
    let refused = |refusal| failure(&refusal, person.account.language);
    let text = desk.text(&person, id).map_err(refused)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", json!({ "queue_id": id, "text": text }))?;
    } else {
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Visits what matches, at most `limit`, and tells how many there were.
fn visit(
    desk: &Desk,
    person: &Person,
    search: &sekimori_journal::Search,
    limit: usize,
    mut each: impl FnMut(&Listed) -> io::Result<()>,
) -> Result<usize, Failure> {
    let mut visited = 0_usize;
    let mut cursor: Option<QueueId> = None;
    while visited < limit {
        let page = desk
            .search(person, search, cursor, PAGE.min(limit - visited))
            .map_err(|refusal| failure(&refusal, person.account.language))?;
        for listed in &page.messages {
            each(listed)?;
        }
        visited = visited.saturating_add(page.messages.len());
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(visited)
}

fn person_line(listed: &Listed) -> String {
    let first = listed.recipients.first().map(ToString::to_string).unwrap_or_default();
    let more = listed.recipient_count.saturating_sub(1);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    let asked = if listed.requested { " *" } else { "" };
    format!(
        "{}  {:<9}  {}  {} -> {first}{more}  {}{asked}",
        listed.reference,
        listed.state.as_str(),
        listed.received_at.rfc3339(),
        listed.from,
        listed.subject,
    )
}

fn csv_line(listed: &Listed) -> String {
    let codes: Vec<_> = listed.codes.iter().map(|code| code.as_str()).collect();
    let recipients: Vec<_> = listed.recipients.iter().map(ToString::to_string).collect();
    CsvLine::new()
        .cell(&listed.queue_id.to_string())
        .cell(&listed.reference.to_string())
        .cell(listed.state.as_str())
        .cell(&listed.organisation)
        .moment(Some(listed.received_at))
        .cell(&listed.from)
        .cell(&listed.sender)
        .cell(&recipients.join(" "))
        .cell(&listed.subject)
        .number(listed.size)
        .moment(Some(listed.keep_until))
        .cell(&codes.join(" "))
        .finish()
}

/// A request as one object. Members are only ever added.
pub(super) fn printed_request(request: &Request) -> Value {
    plain(json!(request))
}
