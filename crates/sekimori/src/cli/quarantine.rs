//! The grammar of `quarantine`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::WhoArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// List messages, the newest first
    List(QuarantineListArgs),
    /// Show one message: envelope, recipients, decisions, removed parts, requests
    Show(OneArgs),
    /// Print the text that would cross
    Cat(OneArgs),
    /// Ask another person for a text, an original or removed parts (申請)
    Request(RequestArgs),
    /// List requests, the newest first
    Requests(RequestsArgs),
    /// Let texts cross, or approve requests (承認)
    Approve(ApproveArgs),
    /// Reject held messages, or requests (却下)
    Reject(DecideArgs),
    /// Send requests back to be amended (差し戻し)
    SendBack(RequestDecisionArgs),
    /// Take requests of one's own back (取り下げ)
    Withdraw(WithdrawArgs),
    /// Write an approved original or removed part to a file, on the Internet side
    HandOver(HandOverArgs),
    /// Delete messages; this can be undone for some days
    Delete(MessagesArgs),
    /// Undo the delete of messages
    Restore(MessagesArgs),
    /// Have messages kept for longer
    Extend(ExtendArgs),
    /// Write a list of messages to standard output; it goes on the audit record
    Export(QuarantineExportArgs),
}

/// Which messages.
#[derive(Debug, Default, Args)]
pub(crate) struct SearchArgs {
    /// Only messages in this state: queued, held, delivered, failed or deleted (may be repeated)
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Vec<String>,
    /// Only messages of this organisation (may be repeated)
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Vec<String>,
    /// With these words anywhere
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,
    /// With this in From or the envelope sender
    #[arg(long, value_name = "TEXT")]
    pub(crate) from: Option<String>,
    /// With this in an envelope recipient
    #[arg(long, value_name = "TEXT")]
    pub(crate) to: Option<String>,
    /// With this in the subject
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// With this in the name of a removed part
    #[arg(long, value_name = "TEXT")]
    pub(crate) part: Option<String>,
    /// With this decision (may be repeated)
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Vec<String>,
    /// Received on this day or time, or later
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Received before this day or time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// With an open request
    #[arg(long)]
    pub(crate) requested: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QuarantineListArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    /// The oldest first
    #[arg(long)]
    pub(crate) oldest: bool,
    /// Most messages to list
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) limit: usize,
    /// Print one JSON object a line, with postqueue's member names where they fit
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QuarantineExportArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    /// For spreadsheets, instead of JSON Lines
    #[arg(long)]
    pub(crate) csv: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Queue id, or reference number (受付番号) as in 7F3K-9Q2M
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Ask for the original
    #[arg(long, conflicts_with = "part")]
    pub(crate) original: bool,
    /// Ask for the removed part of this section, as `show` lists it (may be repeated)
    #[arg(long, value_name = "SECTION")]
    pub(crate) part: Vec<String>,
    /// Of a text: for this recipient only (may be repeated). Of an original: have it sent to this mailbox of the
    /// Internet side
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) recipient: Vec<String>,
    /// Have the original sent to mailboxes of the Internet side instead of downloading it
    #[arg(long)]
    pub(crate) mail: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Queue id, or reference number (受付番号)
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct RequestsArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Only requests in this state: open, returned, approved, rejected, withdrawn or lapsed (may be repeated)
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Vec<String>,
    /// Most requests to list
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) limit: usize,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which messages something is done to.
#[derive(Debug, Args)]
pub(crate) struct MessagesArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    /// Why; goes on the audit record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object a message
    #[arg(long)]
    pub(crate) json: bool,
    /// Every message that the conditions match
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    /// Queue ids or reference numbers; - reads them from standard input
    #[arg(value_name = "ID", required_unless_present_any = ["all", "request"])]
    pub(crate) ids: Vec<String>,
    /// Instead of messages: the request of this number (may be repeated)
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["ids", "all"])]
    pub(crate) request: Vec<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    #[command(flatten)]
    pub(crate) messages: MessagesArgs,
    /// Only for this recipient (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) recipient: Vec<String>,
    /// Of a request for removed parts: only the part of this section (may be repeated)
    #[arg(long, value_name = "SECTION")]
    pub(crate) section: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DecideArgs {
    #[command(flatten)]
    pub(crate) messages: MessagesArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RequestDecisionArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Print one JSON object a request
    #[arg(long)]
    pub(crate) json: bool,
    /// Numbers of requests
    #[arg(value_name = "NUMBER", required = true)]
    pub(crate) requests: Vec<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Print one JSON object a request
    #[arg(long)]
    pub(crate) json: bool,
    /// Numbers of requests
    #[arg(value_name = "NUMBER", required = true)]
    pub(crate) requests: Vec<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct HandOverArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// The removed part of this section, instead of the whole original
    #[arg(long, value_name = "SECTION")]
    pub(crate) part: Option<String>,
    /// The file to write, which must not exist; - for standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Queue id, or reference number (受付番号)
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct ExtendArgs {
    #[command(flatten)]
    pub(crate) messages: MessagesArgs,
    /// For so many days from now
    #[arg(long, value_name = "N")]
    pub(crate) days: u32,
}
