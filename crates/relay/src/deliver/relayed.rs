//! Messages that a gate has taken and has yet to deliver: the gate is asked until it is settled.
//!
//! The first question follows [`FIRST`] after the gate took the message, later ones at a quarter of the
//! message's age, at most [`LONGEST`] apart. However long it takes, the message is not given up here:
//! the gate gives up by itself, and says so.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use sekimori_journal::Relayed;
use sekimori_policy::QueueId;
use sekimori_smtp::EnhancedCode;
use sekimori_smtp::client::PeerReply;
use sekimori_smtp::status::RecipientStatus;

use super::Office;
use super::connection::{Connection, Known};
use super::parcel::Parcel;
use super::results::{Attempt, Verdict, conclude};

/// When a gate is asked for the first time.
pub(super) const FIRST: Duration = Duration::from_secs(1);
/// Longest time between two questions.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait before a gate is asked again about a message of this age.
pub(super) fn pause(age: Duration) -> Duration {
    (age / 4).clamp(FIRST, LONGEST)
}

/// The queue id that a gate gave a message: `250 2.0.0 Ok: queued as 00000001A3`.
pub(super) fn queued_as(reply: &PeerReply) -> Option<QueueId> {
    reply.lines.last()?.rsplit_once("queued as ")?.1.parse().ok()
}

/// Asks what became of a parcel's recipients. `None` when the gate did not answer.
pub(super) async fn ask(
    connection: &mut Connection,
    parcel: &Parcel,
) -> Option<BTreeMap<QueueId, Known>> {
    let mut known = BTreeMap::new();
    for Relayed { id, .. } in parcel.recipients.iter().filter_map(|recipient| recipient.relayed) {
        if let Entry::Vacant(place) = known.entry(id) {
            place.insert(connection.ask(id).await?);
        }
    }
    Some(known)
}

/// Sees to what a gate knows.
pub(super) async fn settle(
    office: &Office,
    parcel: Parcel,
    known: &BTreeMap<QueueId, Known>,
    hop: &str,
) {
    let attempts = parcel
        .recipients
        .iter()
        .map(|recipient| {
            let (verdict, reply) = verdict(recipient.relayed, known);
            Attempt { recipient: recipient.clone(), verdict, reply }
        })
        .collect();
    conclude(office, &parcel, attempts, hop, None).await;
}

fn verdict(relayed: Option<Relayed>, known: &BTreeMap<QueueId, Known>) -> (Verdict, String) {
    let Some(Relayed { id, position }) = relayed else {
        return (Verdict::TryAgain, "not sent yet".to_owned());
    };
    let status = match known.get(&id) {
        None => return (Verdict::TryAgain, "the gate did not answer".to_owned()),
        Some(Known::Nothing) => None,
        Some(Known::Recipients(all)) => {
            usize::try_from(position).ok().and_then(|position| all.get(position))
        }
    };
    match status {
        Some(RecipientStatus::Delivered) => {
            (Verdict::Delivered, format!("250 2.0.0 delivered by the gate as {id}"))
        }
        Some(RecipientStatus::Waiting) => {
            (Verdict::TryAgain, format!("4.4.1 the gate has it as {id} and has yet to deliver it"))
        }
        Some(RecipientStatus::Failed(EnhancedCode { subject, detail })) => (
            Verdict::Failed,
            format!("5.{subject}.{detail} the gate could not deliver it ({id} there)"),
        ),
        None => (
            Verdict::Unknown,
            format!("the gate has no record of {id}: whether it was delivered is not known"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use sekimori_smtp::ReplyCode;

    use super::*;

    #[test]
    fn a_gate_is_asked_soon_at_first_and_then_less_often() {
        let seconds = |n| pause(Duration::from_secs(n)).as_secs();
        assert_eq!([seconds(0), seconds(3), seconds(40), seconds(100_000)], [1, 1, 10, 60]);
    }

    #[test]
    fn the_number_that_the_gate_gave_is_read_from_its_answer() {
        let reply = |line: &str| PeerReply { code: ReplyCode::OK, lines: vec![line.to_owned()] };
        assert_eq!(queued_as(&reply("2.0.0 Ok: queued as 00000001A3")), Some(QueueId(0x1A3)));
        assert_eq!(queued_as(&reply("2.0.0 Ok: queued as")), None);
        assert_eq!(queued_as(&reply("2.0.0 Ok: queued as 1A3 and 1A4")), None);
    }

    #[test]
    fn what_the_gate_knows_nothing_of_is_left_to_a_person() {
        let to = |position| Some(Relayed { id: QueueId(1), position });
        let all = vec![
            RecipientStatus::Waiting,
            RecipientStatus::Failed(EnhancedCode { subject: 1, detail: 1 }),
        ];
        let known = BTreeMap::from([(QueueId(1), Known::Recipients(all))]);
        assert_eq!(verdict(to(0), &known).0, Verdict::TryAgain);
        let (refused, reply) = verdict(to(1), &known);
        assert!(refused == Verdict::Failed && reply.starts_with("5.1.1 "), "{reply}");
        assert_eq!(verdict(to(2), &known).0, Verdict::Unknown);
        let nothing = BTreeMap::from([(QueueId(1), Known::Nothing)]);
        assert_eq!(verdict(to(0), &nothing).0, Verdict::Unknown);
        assert_eq!(verdict(to(0), &BTreeMap::new()).0, Verdict::TryAgain);
    }
}
