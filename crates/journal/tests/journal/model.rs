//! Random sequences of calls, compared with a model that keeps everything in one map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sekimori_journal::{
    Action, ActionOutcome, AttemptResult, Filter, Journal, Order, RecipientState, Retention, State,
};
use sekimori_policy::{Outcome, QueueId};

use crate::embedded::open;
use crate::fixtures::{
    actor, address, at, attempt, due, folder, listed, message, original_of, record, stored,
    submission, submit, text_of,
};

/// One call. Messages are chosen by a number taken modulo those that there are.
#[derive(Debug, Clone)]
enum Call {
    Submit { messages: usize, recipients: usize, hold: bool },
    Record { message: usize, recipient: u32, result: Answer },
    Act { message: usize, action: Action },
    Wait { seconds: i64 },
    Expire,
    ExpireToSize { octets: u64 },
    Compact,
    Reopen,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Delivered,
    Deferred(i64),
    Failed,
    Held,
}

fn call() -> impl Strategy<Value = Call> {
    let result = prop_oneof![
        3 => Just(Answer::Delivered),
        2 => (1_i64..2_000).prop_map(Answer::Deferred),
        1 => Just(Answer::Failed),
        1 => Just(Answer::Held),
    ];
    let action = prop_oneof![
        Just(Action::Hold),
        Just(Action::Restore),
        Just(Action::Release { recipients: None }),
        Just(Action::Delete),
        Just(Action::Flush),
    ];
    prop_oneof![
        5 => (1_usize..4, 1_usize..4, prop::bool::weighted(0.2)).prop_map(
            |(messages, recipients, hold)| Call::Submit { messages, recipients, hold }
        ),
        8 => (any::<usize>(), 0_u32..3, result).prop_map(
            |(message, recipient, result)| Call::Record { message, recipient, result }
        ),
        3 => (any::<usize>(), action).prop_map(|(message, action)| Call::Act { message, action }),
        2 => (1_i64..40_000).prop_map(|seconds| Call::Wait { seconds }),
        1 => Just(Call::Expire),
        1 => (0_u64..20_000).prop_map(|octets| Call::ExpireToSize { octets }),
        1 => Just(Call::Compact),
        1 => Just(Call::Reopen),
    ]
}

#[derive(Debug)]
struct Modelled {
    state: State,
    recipients: Vec<(RecipientState, i64)>,
    original: QueueId,
    received: i64,
    decided: usize,
}

#[derive(Default)]
struct Model {
    now: i64,
    messages: BTreeMap<QueueId, Modelled>,
    /// Every id ever given out, those of removed messages too.
    ids: Vec<QueueId>,
}

impl Model {
    fn apply(&mut self, journal: &dyn Journal, call: &Call) {
        match call {
            &Call::Submit { messages, recipients, hold } => {
                self.submit(journal, messages, recipients, hold);
            }
            &Call::Record { message, recipient, result } => {
                self.record(journal, message, recipient, result);
            }
            Call::Act { message, action } => self.act(journal, *message, action),
            &Call::Wait { seconds } => self.now += seconds,
            Call::Expire => {
                let before = self.messages.len();
                let now = self.now;
                self.messages.retain(|_, m| !m.state.is_done() || m.received + 86_400 > now);
                let gone = (before - self.messages.len()) as u64;
                let expired = journal.expire(at(now), &Retention::default()).unwrap();
                assert_eq!((expired.by_age, expired.by_size), (gone, 0));
            }
            &Call::ExpireToSize { octets } => self.expire_to_size(journal, octets),
            Call::Compact => {
                let before = journal.statistics().unwrap();
                journal.compact(u64::MAX).unwrap();
                let after = journal.statistics().unwrap();
                assert_eq!(after.live_octets, before.live_octets);
                assert!(after.segment_octets <= before.segment_octets);
            }
            Call::Reopen => {}
        }
    }

    fn submit(&mut self, journal: &dyn Journal, messages: usize, recipients: usize, hold: bool) {
        let new: Vec<_> = (0..messages)
            .map(|_| {
                let mut message = message(journal);
                message.envelope.recipients =
                    (0..recipients).map(|n| address(&format!("r{n}@town.example.lg.jp"))).collect();
                message.received_at = at(self.now);
                message.keep_until = at(self.now + 86_400);
                if hold {
                    message.outcome = Outcome::Hold;
                }
                message
            })
            .collect();
        for message in &new {
            self.ids.push(message.queue_id);
            self.messages.insert(
                message.queue_id,
                Modelled {
                    state: if hold { State::Held } else { State::Queued },
                    recipients: vec![(RecipientState::Waiting, self.now); recipients],
                    original: new[0].queue_id,
                    received: self.now,
                    decided: 1,
                },
            );
        }
        submit(journal, submission(new)).unwrap();
    }

    fn pick(&self, message: usize) -> Option<QueueId> {
        let place = message.checked_rem(self.ids.len())?;
        Some(self.ids[place])
    }

    fn record(&mut self, journal: &dyn Journal, message: usize, recipient: u32, result: Answer) {
        let Some(id) = self.pick(message) else { return };
        let given = match result {
            Answer::Delivered => AttemptResult::Delivered,
            Answer::Failed => AttemptResult::Failed,
            Answer::Held => AttemptResult::Held,
            Answer::Deferred(seconds) => {
                AttemptResult::Deferred { next_attempt: at(self.now + seconds) }
            }
        };
        record(journal, vec![attempt(id, recipient, self.now, given)]).unwrap();
        let Some(message) = self.messages.get_mut(&id) else {
            return;
        };
        if let Some((state, next)) = message.recipients.get_mut(recipient as usize) {
            match (*state, result) {
                (_, Answer::Delivered) => *state = RecipientState::Delivered,
                (RecipientState::Waiting, Answer::Failed) => *state = RecipientState::Failed,
                (RecipientState::Waiting, Answer::Deferred(seconds)) => *next = self.now + seconds,
                (RecipientState::Waiting, Answer::Held) => *next = self.now,
                _ => {}
            }
        }
        let is = |wanted| message.recipients.iter().any(|(state, _)| *state == wanted);
        if !is(RecipientState::Waiting) {
            message.state =
                if is(RecipientState::Failed) { State::Failed } else { State::Delivered };
        } else if matches!(result, Answer::Held) && message.state == State::Queued {
            message.state = State::Held;
            message.decided += 1;
        }
    }

    fn act(&mut self, journal: &dyn Journal, message: usize, action: &Action) {
        let Some(id) = self.pick(message) else { return };
        let results = journal.act(&[id], action.clone(), &actor(), at(self.now)).unwrap();
        let outcome = results[0].outcome;
        let Some(message) = self.messages.get_mut(&id) else {
            assert_eq!(outcome, ActionOutcome::Unknown);
            return;
        };
        let to = match (action, message.state) {
            (Action::Hold, State::Queued) | (Action::Restore, State::Deleted) => State::Held,
            (Action::Release { recipients: None }, State::Held)
            | (Action::Flush, State::Queued) => State::Queued,
            (Action::Delete, State::Queued | State::Held) => State::Deleted,
            (_, state) => {
                assert_eq!(outcome, ActionOutcome::WrongState(state));
                return;
            }
        };
        assert_eq!(outcome, ActionOutcome::Done);
        message.state = to;
        if to == State::Queued {
            for (_, next) in &mut message.recipients {
                *next = self.now;
            }
        }
        if *action == Action::Hold && message.decided < 3 {
            message.decided += 1;
        }
    }

    fn expire_to_size(&mut self, journal: &dyn Journal, octets: u64) {
        // What age alone removes is the other call's affair.
        let now = self.messages.values().map(|m| m.received).min();
        let retention = Retention { max_total_octets: Some(octets) };
        let done = |model: &Self| -> Vec<QueueId> {
            let done = model.messages.iter().filter(|(_, m)| m.state.is_done());
            done.map(|(id, _)| *id).collect()
        };
        let candidates = done(self);
        let expired = journal.expire(at(now.unwrap_or(0)), &retention).unwrap();
        assert_eq!(expired.by_age, 0);
        let (gone, kept) = candidates.split_at(usize::try_from(expired.by_size).unwrap());
        for id in gone {
            self.messages.remove(id);
        }
        let live = journal.statistics().unwrap().live_octets;
        assert!(live <= octets || kept.is_empty());
    }

    fn compare(&self, journal: &dyn Journal) {
        let ids: Vec<QueueId> = self.messages.keys().copied().collect();
        assert_eq!(listed(journal, &Filter::default()), ids);
        for state in State::ALL {
            let mut expected: Vec<QueueId> =
                self.messages.iter().filter(|(_, m)| m.state == state).map(|(id, _)| *id).collect();
            let tally = journal.statistics().unwrap().state(state);
            assert_eq!(tally.messages, expected.len() as u64);
            expected.reverse();
            let filter =
                Filter { states: vec![state], order: Order::NewestFirst, ..Filter::default() };
            assert_eq!(listed(journal, &filter), expected);
        }
        for (&id, message) in &self.messages {
            let kept = stored(journal, id);
            assert_eq!(kept.state, message.state, "{id}");
            assert_eq!(kept.done_at.is_some(), message.state.is_done());
            let recipients: Vec<_> = kept.recipients.iter().map(|r| r.state).collect();
            let expected: Vec<_> = message.recipients.iter().map(|(state, _)| *state).collect();
            assert_eq!(recipients, expected, "{id}");
            assert_eq!(journal.text(id).unwrap(), text_of(id));
            assert_eq!(journal.original(id).unwrap(), original_of(message.original));
        }
        self.compare_due(journal);
    }

    fn compare_due(&self, journal: &dyn Journal) {
        let mut expected = Vec::new();
        for (&id, message) in &self.messages {
            let waiting: Vec<(u32, i64)> = (0..)
                .zip(&message.recipients)
                .filter(|(_, (state, _))| *state == RecipientState::Waiting)
                .map(|(n, (_, next))| (n, *next))
                .collect();
            let first = waiting.iter().map(|(_, next)| *next).min();
            if message.state == State::Queued
                && let Some(first) = first
                && first <= self.now
            {
                let due = waiting.iter().filter(|(_, next)| *next <= self.now);
                expected.push((first, id, due.map(|(n, _)| *n).collect::<Vec<_>>()));
            }
        }
        expected.sort();
        let found: Vec<(QueueId, Vec<u32>)> = due(journal, self.now)
            .into_iter()
            .map(|m| (m.queue_id, m.recipients.iter().map(|r| r.index).collect()))
            .collect();
        let expected: Vec<_> = expected.into_iter().map(|(_, id, due)| (id, due)).collect();
        assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_calls_does_what_the_model_says(calls in prop::collection::vec(call(), 1..60)) {
        let folder = folder();
        let mut journal = Some(open(folder.path()));
        let mut model = Model::default();
        for call in &calls {
            if matches!(call, Call::Reopen) {
                journal = None;
            }
            let journal = journal.get_or_insert_with(|| open(folder.path()));
            model.apply(journal, call);
        }
        model.compare(journal.as_ref().unwrap());
    }
}
