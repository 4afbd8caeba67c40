//! A report as CSV, as JSON, and as a page to print.

use askama::Template;
use sekimori_policy::Language;
use sekimori_policy::csv::{BYTE_ORDER_MARK, CsvLine};
use serde_json::{Map, Value, json};

use super::document::{Cell, Report, Section};
use crate::words::ReportWords;

/// The style of a page to print, kept in the page itself so that the file can be passed on.
const STYLE: &str = include_str!("../../assets/report.css");

/// A report as a page of its own.
#[derive(Template)]
#[template(path = "report_print.html")]
struct Printed<'a> {
    report: &'a Report,
    w: &'static ReportWords,
    style: &'static str,
}

impl Printed<'_> {
    fn lang(&self) -> &'static str {
        match self.report.language {
            Language::Japanese => "ja",
            Language::English => "en",
        }
    }
}

impl Report {
    /// The report as CSV (RFC 4180) for spreadsheets: UTF-8 with a byte order mark. Each section
    /// begins with a line of its title and one of its columns, and an empty line parts sections.
    pub fn csv(&self) -> String {
        let w = ReportWords::of(self.language);
        let mut out = BYTE_ORDER_MARK.to_owned();
        for (label, value) in self.facts(w) {
            out.push_str(&CsvLine::new().cell(label).cell(&value).finish());
        }
        for section in &self.sections {
            out.push_str("\r\n");
            out.push_str(&CsvLine::new().cell(section.title).cell(section.requirements).finish());
            let heads = section.columns.iter().zip(of_moments(section));
            let head = heads.fold(CsvLine::new(), |line, (column, is_moment)| {
                let line = line.cell(column.label);
                if is_moment { line.cell(column.label) } else { line }
            });
            out.push_str(&head.finish());
            for row in &section.rows {
                let line = row.iter().fold(CsvLine::new(), |line, cell| match cell {
                    Cell::Number(number) => line.number(*number),
                    Cell::Moment(moment) => line.moment(*moment),
                    Cell::Text(_) | Cell::Seconds(_) | Cell::Result(_) => {
                        line.cell(&cell.shown(self.language))
                    }
                });
                out.push_str(&line.finish());
            }
            if let Some(note) = &section.note {
                out.push_str(&CsvLine::new().cell(note).finish());
            }
        }
        out
    }

    /// The report as lines of JSON: one object for the report, then one for each row of a section.
    /// Members are only ever added.
    pub fn json_lines(&self) -> String {
        let head = json!({
            "report": self.kind,
            "organisation": self.organisation,
            "since": self.period.since().rfc3339(),
            "until": self.period.until().rfc3339(),
            "drawn_up_at": self.drawn_up_at.rfc3339(),
            "drawn_up_by": self.drawn_up_by,
        });
        let mut out = format!("{head}\n");
        for section in &self.sections {
            for row in &section.rows {
                let mut members = Map::new();
                members.insert("section".to_owned(), json!(section.id));
                for (column, cell) in section.columns.iter().zip(row) {
                    members.insert(column.id.to_owned(), json_cell(cell));
                }
                out.push_str(&Value::Object(members).to_string());
                out.push('\n');
            }
        }
        out
    }

    /// The report as a page that stands alone: no script, no picture, nothing from elsewhere; it fits
    /// A4 upright when printed.
    pub fn html(&self) -> Result<String, askama::Error> {
        Printed { report: self, w: ReportWords::of(self.language), style: STYLE }.render()
    }

    /// Its title.
    pub fn title(&self) -> &'static str {
        self.kind.title(self.language)
    }

    /// A cell as its readers read it.
    pub fn shown(&self, cell: &Cell) -> String {
        cell.shown(self.language)
    }

    /// A file name for it, without its ending.
    pub fn file_name(&self) -> String {
        format!("{}-{}", self.kind.as_str(), self.period)
    }

    /// What stands above the sections: labels with values.
    pub(crate) fn facts(&self, w: &ReportWords) -> [(&'static str, String); 5] {
        [
            (w.kind, self.kind.title(self.language).to_owned()),
            (w.organisation, self.organisation.clone()),
            (w.period, self.period.shown(self.language)),
            (w.drawn_up_at, Cell::Moment(Some(self.drawn_up_at)).shown(self.language)),
            (w.drawn_up_by, self.drawn_up_by.clone()),
        ]
    }
}

/// Which columns have moments, which take two cells each.
fn of_moments(section: &Section) -> impl Iterator<Item = bool> {
    let first = section.rows.first();
    (0..section.columns.len())
        .map(move |place| matches!(first.and_then(|row| row.get(place)), Some(Cell::Moment(_))))
}

fn json_cell(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => json!(text),
        Cell::Number(number) => json!(number),
        Cell::Moment(moment) => json!(moment.map(sekimori_policy::Timestamp::rfc3339)),
        Cell::Seconds(seconds) => json!(seconds),
        Cell::Result(finding) => json!(finding.as_str()),
    }
}
