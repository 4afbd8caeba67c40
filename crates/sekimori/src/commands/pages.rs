//! The pages of quarantine review as a part of the running gateway.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use sekimori_journal::Register;
use sekimori_policy::Timestamp;
use sekimori_review::Review;
use sekimori_review::desk::{Desk, DeskSettings, Organisations};

use crate::configuration::Checked;

/// The organisations as the pages know them, for the next reload.
#[derive(Clone)]
pub(crate) struct Known(Organisations);

impl Known {
    /// The organisations of a configuration.
    pub(crate) fn new(checked: &Checked) -> Self {
        let organisations = checked.relay.organisations.iter().cloned().collect();
        Self(Arc::new(RwLock::new(organisations)))
    }

    /// Puts those of another configuration in their place.
    pub(crate) fn replace(&self, checked: &Checked) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            checked.relay.organisations.iter().cloned().collect();
    }
}

/// Quarantine review over a store.
pub(crate) fn review(register: Arc<dyn Register>, known: &Known, checked: &Checked) -> Review {
    let settings = desk_settings(checked);
    let desk = Desk::new(register, Arc::clone(&known.0), settings, now);
    Review { desk, pages: checked.pages.clone() }
}

/// What is configured for the desk.
pub(super) fn desk_settings(checked: &Checked) -> DeskSettings {
    DeskSettings {
        internet_hop: checked.relay.hand_over.is_some(),
        second_factor_required: checked.second_factor_required,
        limits: checked.relay.convert.limits.clone(),
        ..DeskSettings::default()
    }
}

/// The moment.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::japanese_time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
