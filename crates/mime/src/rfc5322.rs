//! Dates and mailboxes as mail-parser reads them: the only file that names mail-parser, so that
//! another version is a change here alone.

use mail_parser::DateTime;

/// A date and time as mail-parser 0.11 reads RFC 5322 section 3.3 and its obsolete forms.
pub(crate) fn date_time(value: &str) -> Option<DateTime> {
    DateTime::parse_rfc822(value)
}
