//! Mails whose structure, encodings and fields readers disagree about, in systematic combination: of the
//! file that one of them would offer, nothing crosses in any encoding; it is listed; the text is there.
//!
//! The families follow "Inbox Invasion: Exploiting MIME Ambiguities to Evade Email Attachment
//! Detectors" (CCS 2024) and what readers in use were seen to differ in. All mails are built here from
//! fixed sequences.
//!
//! Layout: `payload` makes files and looks for them; `mail` puts mails together and judges what they
//! become; the rest holds the families, and `honest` the text that only looks alike.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "a generator of tests fails by panicking"
)]

mod disguise;
mod encoding;
mod fields;
mod honest;
mod mail;
mod payload;
mod structure;
mod text;

use mail::Case;

/// Failures that are shown.
const SHOWN: usize = 40;

fn hold(cases: &[Case], least: usize) {
    assert!(cases.len() >= least, "only {} mails", cases.len());
    let count = cases.len();
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| case.fault().map(|fault| format!("{}: {fault}", case.name)))
        .collect();
    let shown = faults.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} of {count} mails fail:\n{shown}", faults.len());
}

#[test]
fn multiparts_that_readers_split_differently() {
    hold(&structure::cases(), 500);
}

#[test]
fn transfer_encodings_and_types_of_a_part_that_readers_disagree_about() {
    hold(&encoding::cases(), 500);
}

#[test]
fn fields_and_header_ends_that_readers_disagree_about() {
    hold(&fields::cases(), 100);
}

#[test]
fn files_in_the_clothes_of_text() {
    hold(&text::cases(), 1_000);
}

#[test]
fn files_in_odd_containers() {
    hold(&disguise::cases(), 40);
}
