//! Searches find what a look at every message would find.

use proptest::prelude::*;
use sekimori_journal::register::{Count, NewRequest, Role, Search, Wanted, Way};
use sekimori_journal::{
    Action, EmbeddedJournal, Journal, NewMessage, Order, Register, Retention, State,
};
use sekimori_policy::{Code, Decisions, Outcome, QueueId};

use super::{account, open, operator};
use crate::fixtures::{address, at, message, store, submission, submit};

const SUBJECTS: [&str; 6] = [
    "令和8年度 見積書の送付について",
    "Re: 見積 quotation ABC-123",
    "会議の件",
    "ＡＢＣ株式会社　請求書",
    "見",
    "",
];
const SENDERS: [&str; 3] =
    ["県 <info@pref.example.jp>", "ABC <abc@example.com>", "鈴木 <suzuki@example.jp>"];
const RECIPIENTS: [&str; 3] =
    ["soumu@town.example.lg.jp", "kikaku@town.example.lg.jp", "Zeimu@town.example.lg.jp"];
const TEXTS: [&str; 16] = [
    "見",
    "見積",
    "見積書",
    "ABC",
    "ａｂｃ",
    "quot",
    "b",
    "会議の件",
    "見積 abc",
    "xlsm",
    "無い",
    "soumu",
    "pref.example",
    "件 pref",
    " ",
    "社 請",
];

#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is varied by itself")]
struct Mail {
    subject: usize,
    sender: usize,
    recipient: usize,
    organisation: bool,
    code: bool,
    received: i64,
    deleted: bool,
    requested: bool,
}

fn mail() -> impl Strategy<Value = Mail> {
    (0..6_usize, 0..3_usize, 0..3_usize, any::<[bool; 4]>(), 0..20_i64).prop_map(
        |(subject, sender, recipient, [organisation, code, deleted, requested], received)| Mail {
            subject,
            sender,
            recipient,
            organisation,
            code,
            received,
            deleted,
            requested,
        },
    )
}

fn asked() -> impl Strategy<Value = Search> {
    let text = || proptest::option::weighted(0.3, 0..TEXTS.len());
    let named = |n: Option<usize>| n.map(|n| TEXTS[n].to_owned());
    (
        (text(), text(), text(), text(), text()),
        any::<[bool; 6]>(),
        proptest::option::of(0..20_i64),
        proptest::option::of(0..20_i64),
        0..4_usize,
    )
        .prop_map(move |((words, from, to, subject, part), flags, since, until, states)| {
            let [both, own, codes, requested, oldest, narrow] = flags;
            let mut organisations = vec!["山北町".to_owned()];
            if both {
                organisations.push("川南村".to_owned());
            }
            Search {
                organisations,
                own: own.then(|| vec![address(RECIPIENTS[0]), address("zeimu@town.example.lg.jp")]),
                states: [vec![], vec![State::Held], vec![State::Deleted], State::ALL.to_vec()]
                    [states]
                    .clone(),
                text: named(words),
                from: narrow.then(|| named(from)).flatten(),
                to: narrow.then(|| named(to)).flatten(),
                subject: narrow.then(|| named(subject)).flatten(),
                part: narrow.then(|| named(part)).flatten(),
                codes: if codes { vec![Code::CharsetGuessed] } else { Vec::new() },
                since: since.filter(|_| narrow).map(at),
                until: until.filter(|_| narrow).map(at),
                requested: requested && narrow,
                order: if oldest { Order::OldestFirst } else { Order::NewestFirst },
            }
        })
}

fn new(journal: &EmbeddedJournal, mail: &Mail) -> NewMessage {
    let mut new = message(journal);
    new.outcome = Outcome::Hold;
    new.organisation = if mail.organisation { "山北町" } else { "川南村" }.to_owned();
    new.summary.subject = SUBJECTS[mail.subject].to_owned();
    new.summary.from = SENDERS[mail.sender].to_owned();
    new.envelope.recipients = vec![address(RECIPIENTS[mail.recipient])];
    new.received_at = at(mail.received);
    if !mail.code {
        new.decisions = Decisions::default();
    }
    if mail.deleted {
        new.removed.clear();
    }
    new
}

/// A text as it is compared, by other means than the journal's own.
fn plain(text: &str) -> String {
    let narrow = text.chars().map(|c| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap(),
        '\u{3000}' => ' ',
        other => other,
    });
    narrow.collect::<String>().to_lowercase()
}

fn matches(search: &Search, mail: &Mail) -> bool {
    let has = |wanted: &Option<String>, texts: &[&str]| {
        wanted.as_ref().is_none_or(|wanted| {
            let wanted = plain(wanted.trim());
            texts.iter().any(|text| plain(text).contains(&wanted))
        })
    };
    let (subject, sender) = (SUBJECTS[mail.subject], SENDERS[mail.sender]);
    let recipient = RECIPIENTS[mail.recipient];
    let part = if mail.deleted { "" } else { "見積書.xlsm" };
    let from = [sender, "info@pref.example.jp"];
    let all = [subject, from[0], from[1], recipient, part];
    let words = plain(search.text.as_deref().unwrap_or_default());
    let name = if mail.organisation { "山北町" } else { "川南村" };
    let state = if mail.deleted { State::Deleted } else { State::Held };
    search.organisations.iter().any(|o| o == name)
        && (search.states.is_empty() || search.states.contains(&state))
        && search
            .own
            .as_ref()
            .is_none_or(|own| own.iter().any(|a| a.as_str().eq_ignore_ascii_case(recipient)))
        && words.split_whitespace().all(|word| has(&Some(word.to_owned()), &all))
        && has(&search.from, &from)
        && has(&search.to, &[recipient])
        && has(&search.subject, &[subject])
        && (has(&search.part, &[part])
            && (search.part.as_ref().is_none_or(|p| p.trim().is_empty()) || !part.is_empty()))
        && (search.codes.is_empty() || mail.code)
        && search.since.is_none_or(|since| at(mail.received) >= since)
        && search.until.is_none_or(|until| at(mail.received) < until)
        && (!search.requested || mail.requested)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_search_finds_what_a_look_at_every_message_would(
        mails in proptest::collection::vec(mail(), 0..30),
        searches in proptest::collection::vec(asked(), 1..30),
        indexed in 0..30_usize,
        page in 1..7_usize,
    ) {
        let (_folder, journal) = open();
        let yamada = account(&journal, "yamada", Role::Requester);
        let mut stored: Vec<(QueueId, &Mail)> = Vec::new();
        for (number, mail) in mails.iter().enumerate() {
            let id = store(&journal, new(&journal, mail));
            if mail.requested {
                let request = NewRequest {
                    queue_id: id, wanted: Wanted::Original, recipients: Vec::new(),
                    way: Way::Download, reason: String::new(),
                };
                journal.add_request(&request, &yamada, at(0)).unwrap();
            }
            if mail.deleted {
                journal.act(&[id], Action::Delete, &operator(), at(0)).unwrap();
            }
            if number == indexed {
                journal.index_messages(1_000).unwrap();
            }
            stored.push((id, mail));
        }
        for search in &searches {
            let mut expected: Vec<QueueId> =
                stored.iter().filter(|(_, mail)| matches(search, mail)).map(|(id, _)| *id).collect();
            prop_assert_eq!(
                journal.search_ids(search, 1_000).unwrap(),
                expected.iter().rev().copied().collect::<Vec<_>>(), "{:?}", search
            );
            if search.order == Order::NewestFirst {
                expected.reverse();
            }
            let mut found = Vec::new();
            let mut cursor = None;
            loop {
                let hits = journal.search(search, cursor, page).unwrap();
                prop_assert_eq!(hits.count, Count::Exactly(expected.len() as u64));
                found.extend(hits.messages.iter().map(|message| message.queue_id));
                cursor = hits.next;
                if cursor.is_none() {
                    break;
                }
            }
            prop_assert_eq!(&found, &expected, "{:?}", search);
        }
    }
}

#[test]
fn a_number_finds_its_message_alone() {
    let (_folder, journal) = open();
    let first = store(&journal, message(&journal));
    store(&journal, message(&journal));
    let reference = journal.message(first.into()).unwrap().unwrap().reference;
    for text in [reference.to_string(), reference.to_string().to_lowercase(), first.to_string()] {
        let search = Search {
            organisations: vec!["山北町".to_owned()],
            text: Some(text.clone()),
            ..Search::default()
        };
        assert_eq!(journal.search_ids(&search, 10).unwrap(), [first], "{text}");
        let foreign = Search { organisations: vec!["川南村".to_owned()], ..search };
        assert!(journal.search_ids(&foreign, 10).unwrap().is_empty());
    }
}

#[test]
fn a_message_made_here_or_removed_is_not_found() {
    let (_folder, journal) = open();
    let mut notice = submission(vec![message(&journal)]);
    notice.original = None;
    submit(&journal, notice).unwrap();
    let gone = store(&journal, message(&journal));
    journal.act(&[gone], Action::Delete, &operator(), at(0)).unwrap();
    journal.index_messages(1_000).unwrap();
    journal.expire(at(10 * 86_400), &Retention::default()).unwrap();
    let search = Search { organisations: vec!["山北町".to_owned()], ..Search::default() };
    assert!(journal.search_ids(&search, 10).unwrap().is_empty());
    let subject = Search { subject: Some("会議".to_owned()), ..search };
    assert!(journal.search_ids(&subject, 10).unwrap().is_empty());
}

#[test]
fn a_message_with_more_recipients_than_the_index_takes_is_found_all_the_same() {
    let (_folder, journal) = open();
    let mut many = message(&journal);
    many.envelope.recipients =
        (0..2_000).map(|n| address(&format!("clerk{n}@town.example.lg.jp"))).collect();
    let id = store(&journal, many);
    for _ in 0..3 {
        store(&journal, message(&journal));
    }
    journal.index_messages(1_000).unwrap();
    let search = Search {
        organisations: vec!["山北町".to_owned()],
        to: Some("clerk1999@".to_owned()),
        ..Search::default()
    };
    assert_eq!(journal.search_ids(&search, 10).unwrap(), [id]);
}
