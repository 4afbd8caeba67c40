//! The grammar of `user` and `report`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::WhoArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List accounts
    List {
        #[command(flatten)]
        who: WhoArgs,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Make an account, and print a password for its first sign-in
    Add(UserAddArgs),
    /// Close an account, or open a closed one again
    Disable {
        #[command(flatten)]
        who: WhoArgs,
        /// Open it again
        #[arg(long)]
        undo: bool,
        /// Why; goes on the audit record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The login
        login: String,
    },
    /// Give an account a password for its next sign-in, and print it
    SetPassword {
        #[command(flatten)]
        who: WhoArgs,
        /// The login
        login: String,
    },
    /// Take an account's second factor away, so that it is set up anew
    ResetSecondFactor {
        #[command(flatten)]
        who: WhoArgs,
        /// Why; goes on the audit record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The login
        login: String,
    },
    /// Make and change accounts as a CSV file says
    Import {
        #[command(flatten)]
        who: WhoArgs,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Write accounts as CSV to standard output
    Export {
        #[command(flatten)]
        who: WhoArgs,
    },
    /// Tokens of one's own, for the command line and the HTTP API
    #[command(subcommand)]
    Token(TokenCommand),
}

#[derive(Debug, Args)]
pub(crate) struct UserAddArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// The organisation; without one only the machine's operator makes an account
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// A role in it: requester, approver, auditor or administrator (may be repeated)
    #[arg(long, value_name = "ROLE", requires = "organisation")]
    pub(crate) role: Vec<String>,
    /// The person's name; the login by default
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A mail address of the person's own (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Vec<String>,
    /// Sees how the machine is (queue, disk, hops), and no mail
    #[arg(long)]
    pub(crate) operator: bool,
    /// From this day on
    #[arg(long, value_name = "DAY")]
    pub(crate) valid_from: Option<String>,
    /// Until this day
    #[arg(long, value_name = "DAY")]
    pub(crate) valid_until: Option<String>,
    /// The login
    pub(crate) login: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token, by signing in, and print it this once
    Add(TokenAddArgs),
    /// List the tokens of an account
    List {
        #[command(flatten)]
        who: WhoArgs,
        /// The login
        login: String,
    },
    /// Revoke a token
    Revoke {
        #[command(flatten)]
        who: WhoArgs,
        /// The login
        login: String,
        /// The token's number
        token: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenAddArgs {
    #[command(flatten)]
    pub(crate) config: super::ConfigArgs,
    /// What it is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// What it may do: read, content, request, decide, audit or people (may be repeated)
    #[arg(long, value_name = "SCOPE", required = true)]
    pub(crate) scope: Vec<String>,
    /// How many days it works
    #[arg(long, value_name = "N", default_value_t = 90)]
    pub(crate) days: u32,
    /// File with the password on its first line, and the code of the second factor, where there is one, on the next; -
    /// for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: PathBuf,
    /// The login
    pub(crate) login: String,
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A page to print on A4
    Html,
    /// For spreadsheets
    Csv,
    /// JSON Lines
    Jsonl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Counts, causes, times to decisions, exceptions, changes, the check of the record (月次報告)
    Monthly(ReportArgs),
    /// Requirement by requirement, what the period shows (自己点検)
    SelfCheck(ReportArgs),
    /// Every request and what was decided (取り出し申請一覧)
    Requests(ReportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// The organisation; the person's own by default
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// A month (2026-11), a fiscal year (FY2026), or days (2026-11-01..2026-11-15); the last month by default
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: Option<String>,
    /// The form
    #[arg(long, value_name = "FORMAT", default_value = "html")]
    pub(crate) format: ReportFormat,
}
