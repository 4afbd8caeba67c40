//! The grammar of the command line.

#[cfg(feature = "internet")]
mod quarantine;
#[cfg(feature = "internet")]
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

#[cfg(feature = "internet")]
pub(crate) use quarantine::{
    ApproveArgs, ExtendArgs, HandOverArgs, MessagesArgs, OneArgs, QuarantineCommand,
    QuarantineExportArgs, QuarantineListArgs, RequestArgs, RequestDecisionArgs, RequestsArgs,
    SearchArgs, WithdrawArgs,
};
#[cfg(feature = "internet")]
pub(crate) use user::{
    ReportArgs, ReportCommand, ReportFormat, TokenAddArgs, TokenCommand, UserAddArgs, UserCommand,
};

/// A mail gateway between the Internet segment and LGWAN: mail goes in as anything and comes out as
/// text, or is held.
#[derive(Debug, Parser)]
#[command(name = "sekimori", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "internet")]
    /// Run relay and review in one process
    Serve(ConfigArgs),
    #[cfg(feature = "internet")]
    /// Run the relay alone
    Relay(ConfigArgs),
    #[cfg(feature = "internet")]
    /// Serve the pages of quarantine review alone, beside a relay of its own
    Review(ConfigArgs),
    /// Run the gate: the half in the LGWAN segment, which takes text alone
    Gate(GateArgs),
    #[cfg(feature = "internet")]
    /// Show what sekimori does, with nothing installed and nothing configured
    Demo(DemoArgs),
    #[cfg(feature = "internet")]
    /// Turn one mail into text
    Sanitize(SanitizeArgs),
    #[cfg(feature = "internet")]
    /// Turn a corpus of mails into text and report on each
    Replay(ReplayArgs),
    /// Look after queued and held messages
    #[command(subcommand)]
    Queue(QueueCommand),
    #[cfg(feature = "internet")]
    /// Review mail that is held: find it, ask for it, decide on it
    #[command(subcommand)]
    Quarantine(Box<QuarantineCommand>),
    #[cfg(feature = "internet")]
    /// Keep accounts and tokens
    #[command(subcommand)]
    User(UserCommand),
    #[cfg(feature = "internet")]
    /// Draw up what is shown to those who audit
    #[command(subcommand)]
    Report(ReportCommand),
    /// Stop the crossing (非常停止): mail is kept and goes nowhere until another person resumes it
    StopCrossing(StopArgs),
    /// Resume the crossing; this takes another person than the one who stopped it
    ResumeCrossing(ResumeArgs),
    /// List the stops in force
    Crossing(CrossingArgs),
    /// Read, export and check the record of what was decided and done
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Back the journal up while it is in use, check a backup, put one back
    Backup(BackupArgs),
    /// Check, show or begin a configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Sanitize for a relay (not for people)
    #[cfg(feature = "internet")]
    #[command(hide = true)]
    SanitizeWorker,
    /// Start workers for a relay (not for people)
    #[cfg(feature = "internet")]
    #[command(hide = true)]
    SanitizeSpawner,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder
        folder: PathBuf,
    },
}

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct WhoArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// File with the token of whoever acts; without one the token of `SEKIMORI_TOKEN`
    #[cfg(feature = "internet")]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Why; goes on the audit record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Only mail of this organisation
    #[arg(long, value_name = "NAME", conflicts_with = "sender_domain")]
    pub(crate) organisation: Option<String>,
    /// Only mail whose envelope sender is of this domain
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) sender_domain: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    /// Why; goes on the audit record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Only this stop; every one that is in force by default
    #[arg(long, value_name = "NUMBER")]
    pub(crate) stop: Option<i64>,
    /// Print one JSON object a stop
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    pub(crate) command: Option<BackupCommand>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Folder of its own for the backup; one made there earlier is replaced once this one is whole
    #[arg(long, value_name = "FOLDER", required = true)]
    pub(crate) to: Option<PathBuf>,
    /// Put the audit key in as well: whoever gets at the backup can then write records that fit
    #[arg(long)]
    pub(crate) with_audit_key: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Read a backup whole and check everything in it
    Verify {
        /// The backup's folder
        folder: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Put a backup back as the journal of a configuration, whose folder has to be empty, and check it
    Restore {
        #[command(flatten)]
        config: ConfigArgs,
        /// The backup's folder
        folder: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CrossingArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print one JSON object a stop
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the package of this build has its configuration.
const CONFIGURATION: &str = if cfg!(feature = "internet") {
    "/etc/sekimori/sekimori.toml"
} else {
    "/etc/sekimori/gate.toml"
};

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file
    #[arg(long, short, value_name = "FILE", default_value = CONFIGURATION)]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    /// Configuration file
    #[arg(long, short, value_name = "FILE", default_value = "/etc/sekimori/gate.toml")]
    pub(crate) config: PathBuf,
}

#[cfg(feature = "internet")]
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// End after the mails were shown, instead of waiting for more
    #[arg(long)]
    pub(crate) once: bool,
}

#[cfg(feature = "internet")]
#[derive(Debug, Args)]
pub(crate) struct SanitizeArgs {
    /// Configuration file; without one the defaults are used
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Whose mail it is; the first organisation of the configuration by default
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// Print one JSON object with message, outcome, removed and decisions
    #[arg(long)]
    pub(crate) json: bool,
    /// The mail, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
}

#[cfg(feature = "internet")]
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Configuration file; without one the defaults are used
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Whose mail it is; the first organisation of the configuration by default
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// Folder for the texts and report.jsonl; without one the report goes to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Mails converted at once; the number of cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,
    /// Mails (.eml), mbox files, Maildirs, or folders of them
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check a configuration: each mistake is said with file, line and reason
    Check(ConfigArgs),
    /// Show the configuration in force, and where each value comes from
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// Print it as one JSON object
        #[arg(long)]
        json: bool,
        /// Print the connections that it needs, as a table and as nftables rules
        #[arg(long, conflicts_with = "json")]
        paths: bool,
    },
    /// Print a configuration to begin with, or write it to a new file
    Init {
        /// The file to write; it must not exist
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// List queued and held messages
    List(ListArgs),
    /// Show one message: envelope, recipients, decisions, removed parts
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// Print it as one JSON object
        #[arg(long)]
        json: bool,
        /// Queue id, or reference number (受付番号) as in 7F3K-9Q2M
        id: String,
    },
    /// Try queued messages again at once
    Flush(ActionArgs),
    /// Hold queued messages for a person
    Hold(ActionArgs),
    /// Let held messages go
    Release(ActionArgs),
    /// Take messages out of the queue; they stay findable until their time is over
    Delete(ActionArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List records, the newest first
    List(AuditListArgs),
    /// Write records to standard output
    Export(AuditExportArgs),
    /// Check that nothing was changed, removed or put in, and say where if so
    Verify(AuditVerifyArgs),
    /// Print the public key, by which exports and checkpoints can be checked elsewhere
    Key(ConfigArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AuditFilterArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Only records of this organisation
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// Only records of this kind, such as held or released (may be repeated)
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Only records about the message with this queue id
    #[arg(long, value_name = "ID", conflicts_with = "reference")]
    pub(crate) queue_id: Option<String>,
    /// Only records about the message with this reference number (受付番号)
    #[arg(long, value_name = "NUMBER")]
    pub(crate) reference: Option<String>,
    /// Only what this person did
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
    /// Only from this day or time on, as in 2026-09-21 or 2026-09-21T17:00:00+09:00
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this day or time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AuditListArgs {
    #[command(flatten)]
    pub(crate) filter: AuditFilterArgs,
    /// Most records to list
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// JSON Lines, with all that "audit verify" needs
    Jsonl,
    /// For spreadsheets
    Csv,
    /// Common Event Format, for security monitoring
    Cef,
}

#[derive(Debug, Args)]
pub(crate) struct AuditExportArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The form
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: ExportFormat,
    /// Only records of this organisation
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// Only from this day or time on
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this day or time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AuditVerifyArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Check signatures by this public key; needed for an export
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
    /// Check against these checkpoints too, such as those of `audit.checkpoint_file`
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoints: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// An export in JSON Lines, or - for standard input; without one the journal is checked
    #[arg(value_name = "EXPORT")]
    pub(crate) export: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print one JSON object a line, with postqueue's member names where they fit
    #[arg(long)]
    pub(crate) json: bool,
    /// Only messages in this state: queued, held, delivered, failed or deleted (may be repeated)
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Vec<String>,
    /// Only messages of this organisation
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// Only messages with this envelope sender
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) sender: Option<String>,
    /// Only messages with this envelope recipient
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) recipient: Option<String>,
    /// Most messages to list
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct ActionArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Why; goes on the audit record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object a message
    #[arg(long)]
    pub(crate) json: bool,
    /// Every message to which the action applies
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    /// Queue ids or reference numbers; - reads them from standard input
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub(crate) ids: Vec<String>,
}
