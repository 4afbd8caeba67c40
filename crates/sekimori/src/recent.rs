//! What went wrong lately, for the page of the machine's state: the sentences of warnings and errors,
//! without their fields, so that no address and no subject is among them.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use sekimori_policy::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Most that are remembered; the oldest is forgotten first.
pub(crate) const MAX_RECENT: usize = 50;
/// Characters of a sentence that are kept.
const MAX_CHARS: usize = 200;

/// A warning or an error.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// When.
    pub(crate) at: Timestamp,
    /// The sentence.
    pub(crate) what: String,
}

/// What is remembered. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<VecDeque<Remembered>>>);

impl Recent {
    /// What went wrong, the newest first.
    pub(crate) fn errors(&self) -> Vec<Remembered> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }

    fn remember(&self, what: &str) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Timestamp::japanese_time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        let what = what.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= MAX_RECENT {
            kept.pop_front();
        }
        kept.push_back(Remembered { at, what });
    }
}

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() > Level::WARN {
            return;
        }
        let mut sentence = Sentence(String::new());
        event.record(&mut sentence);
        if !sentence.0.is_empty() {
            self.remember(&sentence.0);
        }
    }
}

/// The sentence of an event.
struct Sentence(String);

impl Visit for Sentence {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn the_last_sentences_are_kept_without_their_fields() {
        let recent = Recent::default();
        let subscriber = tracing_subscriber::registry().with(recent.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("all is well");
            for number in 0..=MAX_RECENT {
                tracing::warn!(sender = "a@example.jp", number, "the hop is down");
            }
            tracing::error!("the disk is full\n");
        });
        let errors = recent.errors();
        assert_eq!(errors.len(), MAX_RECENT);
        assert_eq!(errors[0].what, "the disk is full");
        assert!(errors[1..].iter().all(|error| error.what == "the hop is down"));
    }
}
