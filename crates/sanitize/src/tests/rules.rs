//! What an organisation's rules and exceptions make of a message.

use std::cell::Cell;

use sekimori_policy::rule::{RuleName, SubjectTag};
use sekimori_policy::{
    Action, Address, Code, Conditions, EncryptedParts, Exception, Mode, Outcome, ReversePath, Rule,
    Timestamp,
};
use sekimori_profile::verify::verify;

use super::{Town, codes};
use crate::{Context, Sanitized, held};

fn asked(json: &str) -> Conditions {
    serde_json::from_str(json).unwrap()
}

fn rule(name: &str, action: Action, conditions: &str) -> Rule {
    let name = RuleName::parse(name).unwrap();
    Rule { name, shadow: false, conditions: asked(conditions), action }
}

fn tag(text: &str) -> Action {
    Action::Tag(SubjectTag::parse(text).unwrap())
}

/// A rule that tags everything.
pub(super) fn tagging(text: &str) -> Rule {
    rule(text, tag(text), "{}")
}

/// A rule that delivers everything.
pub(super) fn delivering() -> Rule {
    rule("all", Action::Deliver, "{}")
}

fn town(rules: Vec<Rule>) -> Town {
    let mut town = Town::new();
    town.organisation.rules = rules;
    town
}

fn reviewing(rules: Vec<Rule>) -> Town {
    let mut town = town(rules);
    town.organisation.mode = Mode::Review;
    town
}

fn detail(result: &Sanitized, code: Code) -> Option<&str> {
    result.decisions.iter().find(|decision| decision.code == code)?.detail.as_deref()
}

/// Whether a rule with those conditions applies to a mail, when it holds and when it delivers.
fn applies(conditions: &str, prepare: impl Fn(&mut Town), header: &str, body: &str) -> [bool; 2] {
    [Action::Hold, Action::Deliver].map(|action| {
        let mut town = town(vec![rule("r", action, conditions)]);
        prepare(&mut town);
        let result = town.run_with(header, body);
        result.decisions.contains(Code::HoldRule) || result.decisions.contains(Code::RuleMatched)
    })
}

const BOTH: [bool; 2] = [true, true];
const NEITHER: [bool; 2] = [false, false];
/// One of several fits: enough to hold, not enough to deliver.
const SOME: [bool; 2] = [true, false];

#[test]
fn the_first_rule_that_decides_is_the_last_that_is_asked() {
    let mail = "Subject: x";
    let (hold, deliver) = (Action::Hold, Action::Deliver);
    let result = town(vec![
        rule("told", Action::Notify, "{}"),
        rule("marked", tag("[外部]"), "{}"),
        rule("others", hold.clone(), r#"{"from":["other.example.jp"]}"#),
        rule("known", hold.clone(), r#"{"from":["example.jp"]}"#),
        rule("late", Action::Reject, "{}"),
    ])
    .run_with(mail, "text\n");
    assert_eq!(result.outcome, Outcome::Hold);
    assert_eq!(codes(&result.decisions), ["rule-matched", "hold-rule", "subject-tagged"]);
    assert_eq!(detail(&result, Code::HoldRule), Some("known"));
    assert_eq!(result.notify, ["told"]);
    assert_eq!(result.text, "text\n", "a rule changes nothing of the text");
    let result = town(vec![rule("first", deliver, "{}"), rule("second", hold, "{}")])
        .run_with(mail, "text\n");
    assert_eq!(codes(&result.decisions), ["rule-matched"]);
    assert_eq!(detail(&result, Code::RuleMatched), Some("first"));
}

#[test]
fn a_rule_lets_mail_cross_where_everything_is_reviewed() {
    let rules = vec![rule("県", Action::Deliver, r#"{"sender":["example.com"]}"#)];
    let mut town = reviewing(rules);
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!(result.outcome, Outcome::Deliver);
    assert_eq!(codes(&result.decisions), ["rule-matched"]);
    town.envelope.sender = ReversePath(Some(Address::parse("a@example.net").unwrap()));
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!(codes(&result.decisions), ["hold-review"]);
}

const ENCRYPTED: (&str, &str) = (
    "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"",
    "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n\
     Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n\
     -----END PGP MESSAGE-----\n--b--\n",
);

#[test]
fn no_rule_and_no_exception_overrules_another_hold() {
    let everything = r#"{"from":["example.jp"]}"#;
    let mut town = reviewing(vec![rule("all", Action::Deliver, everything)]);
    town.organisation.encrypted = EncryptedParts::Hold;
    for exceptions in [Vec::new(), vec![exception(everything)]] {
        town.exceptions = exceptions;
        let result = town.run_with(ENCRYPTED.0, ENCRYPTED.1);
        assert_eq!(result.outcome, Outcome::Hold);
        assert!(result.decisions.contains(Code::HoldEncrypted));
        let result = town.run_with("Content-Type: multipart/mixed", "--b\n\nx\n--b--\n");
        assert_eq!(result.outcome, Outcome::Hold);
        assert!(result.decisions.contains(Code::HoldStructure));
    }
}

#[test]
fn what_a_rule_lets_through_is_text_without_its_files_all_the_same() {
    let town = reviewing(vec![rule("all", Action::Deliver, "{}")]);
    let mail = "--b\nContent-Type: text/html\n\n<p>a<script>b</script>\n--b\n\
                Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.7\n--b--\n";
    let result = town.run_with("Content-Type: multipart/mixed; boundary=b", mail);
    assert_eq!(result.outcome, Outcome::Deliver);
    assert_eq!(super::removed(&result), ["a.pdf"]);
    assert!(!result.text.contains("PDF-1.7") && !result.text.contains("script"));
}

#[test]
fn a_rule_refuses_or_holds_where_others_get_the_mail_too() {
    let mut town = town(vec![rule("no", Action::Reject, "{}")]);
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!((result.outcome, codes(&result.decisions)), (Outcome::Reject, vec!["reject-rule"]));
    town.may_refuse = false;
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!((result.outcome, codes(&result.decisions)), (Outcome::Hold, vec!["hold-rule"]));
}

#[test]
fn a_shadow_rule_is_on_record_and_does_nothing() {
    let shadows = [Action::Hold, Action::Reject, tag("[x]"), Action::Notify, Action::Deliver];
    let rules = shadows
        .into_iter()
        .enumerate()
        .map(|(number, action)| Rule { shadow: true, ..rule(&format!("s{number}"), action, "{}") });
    let rules: Vec<Rule> = rules.collect();
    let result = town(rules.clone()).run_with("Subject: y", "text\n");
    assert_eq!(result.outcome, Outcome::Deliver);
    assert_eq!(codes(&result.decisions), ["rule-shadow"]);
    assert_eq!(detail(&result, Code::RuleShadow), Some("s0, s1, s2, s3, s4"));
    assert_eq!(result.summary.subject, "y");
    assert!(result.notify.is_empty());
    let result = reviewing(rules).run_with("Subject: y", "text\n");
    assert_eq!(codes(&result.decisions), ["rule-shadow", "hold-review"]);
}

#[test]
fn a_tag_stands_before_the_subject_once() {
    let rules = vec![rule("a", tag("[外部]"), "{}"), rule("b", tag("[確認]"), "{}")];
    let town = town(rules);
    let result = town.run_with("Subject: x", "text\n");
    let verified = verify(&result.message, 1 << 20).unwrap();
    assert_eq!(verified.subject.as_deref(), Some("[外部] [確認] x"));
    assert_eq!(detail(&result, Code::SubjectTagged), Some("a, b"));
    assert_eq!(result.text, "text\n", "no notice for a tag");
    assert_eq!(town.run_with("X-Other: x", "text\n").summary.subject, "[外部] [確認]");
    let long = format!("Subject: {}", "x ".repeat(498));
    assert!(town.run_with(&long, "text\n").summary.subject.starts_with("[外部] [確認] x"));
}

#[test]
fn senders_authors_and_recipients_are_told_apart() {
    let header = "Subject: x";
    for (conditions, applied) in [
        (r#"{"sender":["bounce@example.com"]}"#, BOTH),
        (r#"{"sender":["a@example.jp"]}"#, NEITHER),
        (r#"{"from":["a@example.jp"]}"#, BOTH),
        (r#"{"from":["bounce@example.com"]}"#, NEITHER),
        (r#"{"recipient":["*.lg.jp"]}"#, BOTH),
        (r#"{"recipient":["lg.jp"]}"#, NEITHER),
        (r#"{"sender":["x.example","example.com"],"from":["example.jp"]}"#, BOTH),
        (r#"{"sender":["example.com"],"from":["example.com"]}"#, NEITHER),
    ] {
        assert_eq!(applies(conditions, |_| {}, header, "x\n"), applied, "{conditions}");
    }
    let null = |town: &mut Town| town.envelope.sender = ReversePath::NULL;
    assert_eq!(applies(r#"{"sender":["<>"]}"#, null, header, "x\n"), BOTH);
    assert_eq!(applies(r#"{"sender":["example.com"]}"#, null, header, "x\n"), NEITHER);
}

#[test]
fn one_more_recipient_or_author_gets_nothing_through() {
    let more = |town: &mut Town| {
        town.envelope.recipients.push(Address::parse("zeimu@town.example.lg.jp").unwrap());
    };
    let one = r#"{"recipient":["soumu@town.example.lg.jp"]}"#;
    assert_eq!(applies(one, more, "Subject: x", "x\n"), SOME);
    let known = r#"{"from":["example.jp"]}"#;
    assert_eq!(applies(known, |_| {}, "From: b@example.net", "x\n"), SOME);
    // Nobody: the envelope's sender is shown, but says nothing of an author.
    let nobody = |action| {
        let town = town(vec![rule("r", action, r#"{"from":["example.com"]}"#)]);
        let result = town.run(b"Subject: x\r\n\r\ntext\r\n");
        assert!(result.decisions.contains(Code::FromMissing));
        result.decisions
    };
    assert!(!nobody(Action::Deliver).contains(Code::RuleMatched));
    assert!(!nobody(Action::Hold).contains(Code::HoldRule));
}

#[test]
fn removed_parts_are_known_by_what_they_are() {
    let png = "--b\nContent-Type: text/plain; name=a.txt\nContent-Transfer-Encoding: base64\n\n\
               iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ\n";
    let pdf = "--b\nContent-Type: image/png; name=b.png\n\n%PDF-1.7\n";
    let header = "Content-Type: multipart/mixed; boundary=b";
    let images = r#"{"types":["image/*"]}"#;
    assert_eq!(applies(images, |_| {}, header, &format!("{png}--b--\n")), BOTH);
    assert_eq!(applies(images, |_| {}, header, &format!("{pdf}--b--\n")), NEITHER);
    assert_eq!(applies(images, |_| {}, header, &format!("{png}{pdf}--b--\n")), SOME);
    assert_eq!(applies(images, |_| {}, "Subject: x", "no part\n"), NEITHER);
}

#[test]
fn decisions_size_and_encryption_are_asked_for() {
    for (conditions, header, body, applied) in [
        (r#"{"decisions":["text-cut","html-to-text"]}"#, "Content-Type: text/html", "<p>x", BOTH),
        (r#"{"decisions":["html-to-text"]}"#, "Subject: x", "x\n", NEITHER),
        (r#"{"size_at_least":76}"#, "Subject: x", "x\n", BOTH),
        (r#"{"size_at_least":77}"#, "Subject: x", "x\n", NEITHER),
        (r#"{"encrypted":true}"#, ENCRYPTED.0, ENCRYPTED.1, BOTH),
        (r#"{"encrypted":false}"#, ENCRYPTED.0, ENCRYPTED.1, NEITHER),
        (r#"{"encrypted":true}"#, "Subject: x", "x\n", NEITHER),
        (r#"{"encrypted":false}"#, "Subject: x", "x\n", BOTH),
    ] {
        assert_eq!(applies(conditions, |_| {}, header, body), applied, "{conditions}");
    }
}

#[test]
fn the_clock_is_that_of_japan() {
    // Received on a Monday at 17:00.
    for (conditions, applied) in [
        (r#"{"hours":["16:00-18:00"]}"#, BOTH),
        (r#"{"hours":["08:00-12:00","13:00-17:00"]}"#, NEITHER),
        (r#"{"weekdays":["mon","fri"]}"#, BOTH),
        (r#"{"weekdays":["sat","sun"]}"#, NEITHER),
        (r#"{"hours":["16:00-18:00"],"weekdays":["sun"]}"#, NEITHER),
    ] {
        assert_eq!(applies(conditions, |_| {}, "Subject: x", "x\n"), applied, "{conditions}");
    }
}

#[test]
fn authentication_results_count_by_believed_hosts_only() {
    let believed = |town: &mut Town| {
        town.organisation.authentication_hosts = vec!["mx.example.lg.jp".to_owned()];
    };
    let by = |host: &str, said: &str| format!("Authentication-Results: {host}; {said}");
    let pass = r#"{"authentication":{"dmarc":["pass"]}}"#;
    for (conditions, header, applied) in [
        (pass, by("mx.example.lg.jp", "dmarc=pass"), BOTH),
        (pass, by("mx.example.com", "dmarc=pass"), NEITHER),
        (pass, by("mx.example.lg.jp", "dmarc=fail"), NEITHER),
        (pass, "Subject: x".to_owned(), NEITHER),
        // A forged one beside a true one.
        (
            pass,
            format!(
                "{}\n{}",
                by("mx.example.lg.jp", "dmarc=fail"),
                by("mx.example.lg.jp", "dmarc=pass")
            ),
            SOME,
        ),
        (pass, by("mx.example.lg.jp", "dmarc=pass; ("), SOME),
        (
            r#"{"authentication":{"spf":["pass"],"dkim":["pass"]}}"#,
            by("mx.example.lg.jp", "spf=pass; dkim=none"),
            NEITHER,
        ),
        (
            r#"{"authentication":{"dmarc":["fail","missing"]}}"#,
            by("mx.example.lg.jp", "none"),
            BOTH,
        ),
    ] {
        assert_eq!(applies(conditions, believed, &header, "x\n"), applied, "{header}");
        let unbelieving = applies(conditions, |_| {}, &header, "x\n");
        let missing = if conditions.contains("missing") { BOTH } else { NEITHER };
        assert_eq!(unbelieving, missing, "nobody is believed by default");
    }
}

fn exception(conditions: &str) -> Exception {
    // In force from a second before the receipt of the test's mail until a second after it.
    let received = 1_789_977_600_000;
    Exception {
        number: 12,
        conditions: asked(conditions),
        begins_at: Timestamp::japanese_time(received - 1_000),
        ends_at: Timestamp::japanese_time(received + 1_000),
    }
}

#[test]
fn an_exception_is_asked_before_every_rule_while_it_is_in_force() {
    let mut town = reviewing(vec![rule("no", Action::Reject, "{}")]);
    let covering = exception(r#"{"sender":["example.com"],"recipient":["town.example.lg.jp"]}"#);
    town.exceptions = vec![exception(r#"{"sender":["example.net"]}"#), covering.clone()];
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!(result.outcome, Outcome::Deliver);
    assert_eq!(codes(&result.decisions), ["exception-applied"]);
    assert_eq!(detail(&result, Code::ExceptionApplied), Some("12"));
    let at = |millis: i64| Timestamp::japanese_time(1_789_977_600_000 + millis);
    for (begins_at, ends_at) in [(at(1), at(2)), (at(-2), at(0))] {
        town.exceptions = vec![Exception { begins_at, ends_at, ..covering.clone() }];
        assert_eq!(town.run_with("Subject: x", "text\n").outcome, Outcome::Reject);
    }
    town.exceptions = vec![exception("{}"), exception(r#"{"sender":[]}"#)];
    let result = town.run_with("Subject: x", "text\n");
    assert_eq!(result.outcome, Outcome::Reject, "one without a condition is for nothing");
}

#[test]
fn a_message_is_held_when_time_is_up_before_every_rule_was_asked() {
    let raw = b"From: a@example.jp\r\n\r\ntext\r\n";
    let asked = Cell::new(0);
    // Time is up at the so-manieth question.
    let run = |town: &Town, last: usize| {
        asked.set(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() > last
        };
        crate::sanitize(raw, &Context { stop: &stop, ..town.context() })
    };
    let without = reviewing(Vec::new());
    run(&without, usize::MAX);
    let before = asked.get();
    let deliver = || rule("all", Action::Deliver, r#"{"from":["example.jp"]}"#);
    for (others, exceptions) in [
        (vec![rule("other", Action::Hold, r#"{"from":["example.net"]}"#)], Vec::new()),
        (Vec::new(), vec![exception(r#"{"from":["example.net"]}"#)]),
    ] {
        let mut town = reviewing([others, vec![deliver()]].concat());
        town.exceptions = exceptions;
        assert_eq!(run(&town, before + 2).outcome, Outcome::Deliver);
        let result = run(&town, before + 1);
        assert_eq!(codes(&result.decisions), ["date-missing", "hold-time", "hold-review"]);
    }
}

#[test]
fn nothing_is_asked_of_a_message_that_could_not_be_read() {
    let mut town = reviewing(vec![rule("no", Action::Reject, "{}")]);
    town.exceptions = vec![exception(r#"{"sender":["example.com"]}"#)];
    let result = held(&town.context(), 10, Code::HoldError, None);
    assert_eq!(codes(&result.decisions), ["hold-error", "hold-review"]);
}
