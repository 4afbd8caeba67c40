//! The vocabulary that every crate of sekimori shares.
//!
//! Organisations and what they ask for, mail addresses, the numbers a message is known by, limits,
//! network segments, and the catalogue of decision codes with a sentence in Japanese and in English
//! for each. Nothing here has a clock, randomness, a file or a socket.
//!
//! Layout: [`address`] domains and addresses; [`id`] queue ids and 受付番号; [`catalogue`] and
//! [`decision`] what is decided about a message; [`envelope`] who it is from and for;
//! [`removed`] and [`timestamp`]; [`csv`] how tables are written for spreadsheets; [`organisation`]
//! what a municipality configures, with its [`rule`]s and their [`condition`]s; [`limits`] bounds of
//! sanitizing; [`segment`] the separated networks.
#![forbid(unsafe_code)]

pub mod address;
pub mod catalogue;
pub mod condition;
pub mod csv;
pub mod decision;
pub mod envelope;
pub mod id;
pub mod limits;
pub mod organisation;
pub mod removed;
pub mod rule;
pub mod segment;
pub mod timestamp;

pub use address::{Address, AddressError, Domain};
pub use catalogue::{Code, Effect};
pub use condition::{Authentication, AuthenticationResult, Conditions, Weekday};
pub use csv::{CsvLine, csv_row};
pub use decision::{Decision, Decisions, Outcome};
pub use envelope::{Envelope, ReversePath};
pub use id::{QueueId, ReferenceNumber};
pub use limits::Limits;
pub use organisation::{
    EncryptedParts, Language, LinkMode, LinkPlacement, Mode, NoticePosition, Organisation,
};
pub use removed::RemovedPart;
pub use rule::{Action, Exception, Rule};
pub use segment::{Segment, SegmentMap};
pub use timestamp::Timestamp;
