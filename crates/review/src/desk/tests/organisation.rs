//! What an organisation's settings allow, and the exceptions that are filed for it.

use sekimori_journal::{ExceptionState, NewException, NewRequest, State, Wanted, Way};

use super::*;

const CLERK: &str = "tanaka@town.yamakita.example.jp";

impl Town {
    /// Configures the one organisation anew, as a reload does.
    fn configure(&self, change: impl Fn(&mut Organisation)) {
        let mut all = self.desk.0.organisations.write().unwrap();
        for organisation in all.iter_mut().filter(|o| o.name == MINE) {
            let mut changed = Organisation::clone(organisation);
            change(&mut changed);
            *organisation = Arc::new(changed);
        }
    }
}

fn approver(town: &Town) -> Person {
    town.person("sato", MINE, &[Role::Approver])
}

#[test]
fn a_text_needs_two_people_where_the_organisation_wants_it() {
    let town = Town::new();
    let approver = approver(&town);
    let clerk = town.person("tanaka", MINE, &[Role::Requester]);
    let id = town.message(MINE, &[CLERK]);
    assert!(town.desk.item(&approver, id).unwrap().can(Possible::Release));
    town.configure(|organisation| organisation.two_person_text = true);
    assert!(!town.desk.item(&approver, id).unwrap().can(Possible::Release));
    let alone = town.desk.release(&approver, &[id], None, "確認済み");
    assert_eq!(alone, [(id, Err(Refusal::NotPermitted(Why::SecondPerson)))]);
    let asked = NewRequest {
        queue_id: id,
        wanted: Wanted::Text,
        recipients: Vec::new(),
        way: Way::Download,
        reason: "業務で必要".to_owned(),
    };
    town.desk.request(&clerk, &asked).unwrap();
    assert_eq!(town.desk.release(&approver, &[id], None, "確認済み"), [(id, Ok(()))]);
    assert_eq!(town.desk.item(&approver, id).unwrap().message.state, State::Queued);
}

#[test]
fn an_original_needs_two_people_unless_the_organisation_wants_one() {
    let town = Town::new();
    let approver = approver(&town);
    let id = town.message(MINE, &[CLERK]);
    let alone = || town.desk.download_original(&approver, Source::Message(id));
    assert_eq!(alone().err(), Some(Refusal::NotPermitted(Why::NotApproved)));
    town.configure(|organisation| organisation.two_person_original = false);
    assert_eq!(alone().unwrap().bytes, MAIL.as_bytes());
    // What is not configured any more needs two.
    town.desk.0.organisations.write().unwrap().clear();
    assert!(alone().is_err());
}

#[test]
fn a_delete_is_undone_for_as_many_days_as_the_organisation_says() {
    let town = Town::new();
    let approver = approver(&town);
    town.configure(|organisation| organisation.undo_days = 2);
    let ids = [town.message(MINE, &[CLERK]), town.message(MINE, &[CLERK])];
    town.desk.delete(&approver, &ids, "迷惑メール");
    wait(2 * 86_400 - 1);
    assert_eq!(town.desk.restore(&approver, &ids[..1], "誤り"), [(ids[0], Ok(()))]);
    wait(1);
    let late = town.desk.restore(&approver, &ids[1..], "誤り");
    assert_eq!(late, [(ids[1], Err(Refusal::WrongState(Stands::UndoOver)))]);
}

#[test]
fn an_exception_has_conditions_that_a_rule_could_have() {
    let town = Town::new();
    let approver = approver(&town);
    let file = |conditions: &str| {
        let exception = NewException {
            organisation: MINE.to_owned(),
            conditions: serde_json::from_str(conditions).unwrap(),
            reason: "県の調査".to_owned(),
            begins_at: clock(),
            ends_at: clock().plus_days(7),
        };
        town.desk.add_exception(&approver, &exception)
    };
    for (conditions, fault) in [
        ("{}", Fault::Missing),
        ("[]", Fault::Missing),
        ("null", Fault::Missing),
        (r#"{"sender":[],"recipient":[]}"#, Fault::Missing),
        (r#"{"subject":["x"]}"#, Fault::Form),
        (r#"{"sender":["a b"]}"#, Fault::Form),
        (r#"{"sender":"pref.example.jp"}"#, Fault::Form),
        (r#"{"decisions":["hold-review"]}"#, Fault::NotAllowed),
    ] {
        assert_eq!(file(conditions), Err(Refusal::invalid("conditions", fault)), "{conditions}");
    }
    let id = file(r#"{"sender":["pref.example.jp"],"recipient":[]}"#).unwrap();
    let other = town.person("ito", MINE, &[Role::Approver]);
    town.desk.decide_exception(&other, id, ExceptionState::Approved, "").unwrap();
    let kept = town.desk.exceptions(&approver).unwrap();
    assert_eq!(kept[0].state, ExceptionState::Approved);
}
