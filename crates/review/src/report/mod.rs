//! Reports (月次報告, 自己点検, 取り出し申請): what an organisation shows to those who audit it.
//!
//! Everything in a report comes from the audit record, the register of requests, exceptions and
//! accounts, and a check of the record made while it is drawn up. It names neither addresses nor
//! subjects of mail: a report is passed on.
//!
//! # Bounds
//! [`MAX_DAYS`] of a period, [`MAX_LISTED`] requests, [`MAX_CHANGES`] changes, [`MAX_FOLLOWED`] held
//! messages followed and [`MAX_TYPES`] media types; what is beyond is counted. One report is drawn up
//! at a time, since each reads the whole record of its period and checks all chains.
//!
//! Layout: `period` of when; `figures` one pass over what is on record; `document` sections and cells;
//! `monthly`, `self_check`, `requests` the reports; `write` CSV, JSON and the page to print.

mod document;
mod figures;
mod monthly;
mod period;
mod requests;
mod self_check;
mod write;

use std::sync::{Mutex, PoisonError};

use sekimori_policy::Language;

pub use document::{Cell, Column, Finding, Kind, Report, Section};
pub use figures::{MAX_CHANGES, MAX_FOLLOWED, MAX_LISTED, MAX_TYPES};
pub use period::{MAX_DAYS, Period, PeriodError};

use crate::desk::{Desk, Person, Refusal, Right};
use figures::Figures;

/// Held while a report is drawn up.
static DRAWING_UP: Mutex<()> = Mutex::new(());

impl Desk {
    /// Draws up a report of an organisation. It is on record that somebody did.
    ///
    /// Reads every record of the period and checks all audit chains: some seconds for each million
    /// records.
    pub fn report(
        &self,
        person: &Person,
        kind: Kind,
        organisation: &str,
        period: Period,
        language: Language,
    ) -> Result<Report, Refusal> {
        self.note_export(person, Right::Report, organisation, kind.as_str())?;
        let _one = DRAWING_UP.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let figures = Figures::gather(self.register().as_ref(), organisation, &period)?;
        let sections = match kind {
            Kind::Monthly => monthly::sections(&figures, organisation, language),
            Kind::SelfCheck => self_check::sections(&figures, organisation, now, language),
            Kind::Requests => requests::sections(&figures, language),
        };
        Ok(Report {
            kind,
            organisation: organisation.to_owned(),
            period,
            language,
            drawn_up_at: now,
            drawn_up_by: person.account.name.clone(),
            sections,
        })
    }
}
