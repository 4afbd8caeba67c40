//! What was decided about one message, and how often.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Code, Effect};

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The text crosses.
    Deliver,
    /// The text is kept for a person to decide.
    Hold,
    /// The sender is told no in the SMTP dialogue, and nothing is kept.
    Reject,
}

/// Longest detail kept with a decision, in characters.
pub const MAX_DETAIL: usize = 200;

/// One decision: its code, how often it applied, and what a person needs to understand it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The code of the catalogue.
    pub code: Code,
    /// How often it applied. At least 1.
    pub count: u64,
    /// A short detail (a charset's name, a field's name, a limit), never text of the body, an
    /// address or a subject. At most [`MAX_DETAIL`] characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// The decisions on one message: each code once, in the order first taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decisions(Vec<Decision>);

impl Decisions {
    /// No decisions yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that `code` applied once.
    pub fn add(&mut self, code: Code) {
        self.add_counted(code, 1);
    }

    /// Records that `code` applied `count` times. Nothing is recorded for zero.
    pub fn add_counted(&mut self, code: Code, count: u64) {
        self.record(code, count, None);
    }

    /// Records that `code` applied once, with a detail. Further details of the same code are joined
    /// by a comma, each once, as far as [`MAX_DETAIL`] allows.
    pub fn add_detailed(&mut self, code: Code, detail: &str) {
        self.record(code, 1, Some(detail));
    }

    fn record(&mut self, code: Code, count: u64, detail: Option<&str>) {
        if count == 0 {
            return;
        }
        let detail = detail.map(|d| d.chars().filter(|c| !c.is_control()).collect::<String>());
        if let Some(known) = self.0.iter_mut().find(|d| d.code == code) {
            known.count = known.count.saturating_add(count);
            if let Some(detail) = detail {
                join_detail(&mut known.detail, &detail);
            }
        } else {
            let mut kept = None;
            if let Some(detail) = detail {
                join_detail(&mut kept, &detail);
            }
            self.0.push(Decision { code, count, detail: kept });
        }
    }

    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: Self) {
        for decision in other.0 {
            self.record(decision.code, decision.count, decision.detail.as_deref());
        }
    }

    /// How often `code` applied.
    pub fn count(&self, code: Code) -> u64 {
        self.0.iter().find(|d| d.code == code).map_or(0, |d| d.count)
    }

    /// Whether `code` applied.
    pub fn contains(&self, code: Code) -> bool {
        self.count(code) > 0
    }

    /// The decisions in the order taken.
    pub fn iter(&self) -> std::slice::Iter<'_, Decision> {
        self.0.iter()
    }

    /// The outcome that the decisions ask for: the gravest effect among them.
    pub fn outcome(&self) -> Outcome {
        self.0
            .iter()
            .map(|d| match d.code.effect() {
                Effect::Note | Effect::Change | Effect::Drop => Outcome::Deliver,
                Effect::Hold => Outcome::Hold,
                Effect::Reject => Outcome::Reject,
            })
            .max()
            .unwrap_or(Outcome::Deliver)
    }
}

fn join_detail(kept: &mut Option<String>, detail: &str) {
    let known = kept.get_or_insert_default();
    if known.split(", ").any(|d| d == detail) {
        return;
    }
    let separator = if known.is_empty() { "" } else { ", " };
    if known.chars().count() + separator.len() + detail.chars().count() <= MAX_DETAIL {
        known.push_str(separator);
        known.push_str(detail);
    } else if known.is_empty() {
        known.extend(detail.chars().take(MAX_DETAIL));
    }
}

impl<'a> IntoIterator for &'a Decisions {
    type Item = &'a Decision;
    type IntoIter = std::slice::Iter<'a, Decision>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_taken_twice_is_one_decision_with_both_details() {
        let mut decisions = Decisions::new();
        decisions.add_detailed(Code::CharsetGuessed, "shift_jis");
        decisions.add_detailed(Code::CharsetGuessed, "euc-jp");
        decisions.add_detailed(Code::CharsetGuessed, "shift_jis");
        let all: Vec<_> = decisions.iter().collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].count, 3);
        assert_eq!(all[0].detail.as_deref(), Some("shift_jis, euc-jp"));
    }

    #[test]
    fn details_stay_short_and_without_controls() {
        let mut decisions = Decisions::new();
        decisions.add_detailed(Code::CharsetGuessed, &"x".repeat(1_000));
        decisions.add_detailed(Code::CharsetGuessed, "y\r\nz");
        let detail = decisions.iter().next().and_then(|d| d.detail.clone()).unwrap();
        assert_eq!(detail.chars().count(), MAX_DETAIL);
    }

    #[test]
    fn the_gravest_decision_settles_the_outcome() {
        let mut decisions = Decisions::new();
        assert_eq!(decisions.outcome(), Outcome::Deliver);
        decisions.add(Code::HtmlToText);
        assert_eq!(decisions.outcome(), Outcome::Deliver);
        decisions.add(Code::HoldDepth);
        assert_eq!(decisions.outcome(), Outcome::Hold);
        decisions.add_counted(Code::RejectLoop, 0);
        assert_eq!(decisions.outcome(), Outcome::Hold);
        decisions.add(Code::RejectLoop);
        assert_eq!(decisions.outcome(), Outcome::Reject);
    }
}
