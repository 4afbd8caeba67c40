//! A report as data: sections of tables, in one language.

use sekimori_policy::{Language, Timestamp};
use serde::Serialize;

use super::period::Period;
use crate::words::ReportWords;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 月次報告: counts, causes, times, exceptions, changes, the check of the record.
    Monthly,
    /// 自己点検: requirement by requirement.
    SelfCheck,
    /// 取り出し申請一覧: every request.
    Requests,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Monthly, Self::SelfCheck, Self::Requests];

    /// The name in commands, addresses and output for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::SelfCheck => "self-check",
            Self::Requests => "requests",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The title for people.
    pub fn title(self, language: Language) -> &'static str {
        let w = ReportWords::of(language);
        match self {
            Self::Monthly => w.monthly,
            Self::SelfCheck => w.self_check,
            Self::Requests => w.requests,
        }
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub kind: Kind,
    /// Whose.
    pub organisation: String,
    /// Of when.
    pub period: Period,
    /// In which language.
    pub language: Language,
    /// When it was drawn up.
    pub drawn_up_at: Timestamp,
    /// By whom.
    pub drawn_up_by: String,
    /// What it says.
    pub sections: Vec<Section>,
}

/// A table with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name for machines.
    pub id: &'static str,
    /// Its title for people.
    pub title: &'static str,
    /// The requirements it answers, as `R6, R11`.
    pub requirements: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// What else is to be known.
    pub note: Option<String>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name for machines.
    pub id: &'static str,
    /// Its label for people.
    pub label: &'static str,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number.
    Number(u64),
    /// A moment, or none.
    Moment(Option<Timestamp>),
    /// A length of time in seconds, or none.
    Seconds(Option<u64>),
    /// Whether a check is met.
    Result(Finding),
}

/// Whether a check is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// It is.
    Good,
    /// Somebody should look.
    Attention,
    /// It is not.
    Bad,
}

impl Section {
    pub(super) fn new(
        id: &'static str,
        title: &'static str,
        requirements: &'static str,
        columns: &[(&'static str, &'static str)],
    ) -> Self {
        let columns = columns.iter().map(|&(id, label)| Column { id, label }).collect();
        Self { id, title, requirements, columns, rows: Vec::new(), note: None }
    }

    /// Adds a row, which has a cell for each column.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.columns.len(), "{}", self.id);
        self.rows.push(cells);
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Milliseconds as a length of time.
    pub(super) fn millis(millis: Option<i64>) -> Self {
        Self::Seconds(millis.and_then(|millis| u64::try_from(millis / 1_000).ok()))
    }

    /// As people of a language read it.
    pub fn shown(&self, language: Language) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => grouped(*number),
            Self::Moment(None) | Self::Seconds(None) => String::new(),
            Self::Moment(Some(moment)) => match language {
                Language::Japanese => moment.japanese(),
                Language::English => moment.english(),
            },
            Self::Seconds(Some(seconds)) => length(*seconds, language),
            Self::Result(finding) => finding.shown(language).to_owned(),
        }
    }

    /// Whether it is a number, which stands at the right of its column.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// The finding, where it is one.
    pub fn finding(&self) -> Option<Finding> {
        match self {
            Self::Result(finding) => Some(*finding),
            _ => None,
        }
    }
}

impl Finding {
    /// Met, or else to be looked at.
    pub(super) fn good_or_attention(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::Attention }
    }

    /// Met, or else not met.
    pub(super) fn good_or_bad(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::Bad }
    }

    /// As people of a language read it.
    pub fn shown(self, language: Language) -> &'static str {
        let w = ReportWords::of(language);
        match self {
            Self::Good => w.good,
            Self::Attention => w.attention,
            Self::Bad => w.bad,
        }
    }

    /// The name for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Attention => "attention",
            Self::Bad => "bad",
        }
    }

    /// A sign beside the words, so that colour is never all there is.
    pub fn shape(self) -> &'static str {
        match self {
            Self::Good => "✔",
            Self::Attention => "◆",
            Self::Bad => "▲",
        }
    }
}

fn grouped(number: u64) -> String {
    crate::pages::shell::grouped(number)
}

/// A length of time in its two largest units.
fn length(seconds: u64, language: Language) -> String {
    let units = [
        (seconds / 86_400, "日", "d"),
        (seconds / 3_600 % 24, "時間", "h"),
        (seconds / 60 % 60, "分", "min"),
        (seconds % 60, "秒", "s"),
    ];
    let begin = units.iter().position(|(number, ..)| *number > 0).unwrap_or(units.len() - 1);
    let shown = units.iter().skip(begin).take(2).filter(|(number, ..)| *number > 0 || seconds == 0);
    match language {
        Language::Japanese => shown.map(|(number, unit, _)| format!("{number}{unit}")).collect(),
        Language::English => {
            let parts: Vec<String> =
                shown.map(|(number, _, unit)| format!("{number} {unit}")).collect();
            parts.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_in_two_units() {
        let shown = |seconds| length(seconds, Language::Japanese);
        assert_eq!(
            [0, 59, 61, 3_600, 90_061].map(shown),
            ["0秒", "59秒", "1分1秒", "1時間", "1日1時間"]
        );
        assert_eq!(length(90_061, Language::English), "1 d 1 h");
    }

    #[test]
    fn kinds_are_named_by_what_commands_call_them() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::from_name("yearly"), None);
    }
}
