//! `quarantine`: what reviewers do on the pages, from the command line, with the same checks.
//!
//! Layout: `choosing` which messages are meant; `listing` lists, one message, its text, exports; `acting`
//! what is done to messages; `requests` requests and what is decided on them; `handing_over` originals.

mod acting;
mod choosing;
mod handing_over;
mod listing;
mod requests;

pub(super) use choosing::{addresses, moment};

use crate::cli::QuarantineCommand;
use crate::exit::Failure;

/// Runs a `quarantine` command.
pub(crate) fn run(command: QuarantineCommand) -> Result<(), Failure> {
    match command {
        QuarantineCommand::List(args) => listing::list(&args),
        QuarantineCommand::Show(args) => listing::show(&args),
        QuarantineCommand::Cat(args) => listing::cat(&args),
        QuarantineCommand::Export(args) => listing::export(&args),
        QuarantineCommand::Request(args) => requests::file(&args),
        QuarantineCommand::Requests(args) => requests::list(&args),
        QuarantineCommand::Approve(args) => acting::approve(&args),
        QuarantineCommand::Reject(args) => acting::reject(&args.messages),
        QuarantineCommand::SendBack(args) => requests::send_back(&args),
        QuarantineCommand::Withdraw(args) => requests::withdraw(&args),
        QuarantineCommand::HandOver(args) => handing_over::hand_over(&args),
        QuarantineCommand::Delete(args) => acting::delete(&args),
        QuarantineCommand::Restore(args) => acting::restore(&args),
        QuarantineCommand::Extend(args) => acting::extend(&args),
    }
}
