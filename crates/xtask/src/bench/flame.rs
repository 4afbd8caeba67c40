//! `cargo xtask bench-flame`: a flame graph of the relay under load.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::load::{self, Amount};
use sekimori_xtask::mail::{Kind, Template};
use sekimori_xtask::sink::{self, Sink};
use sekimori_xtask::{flame, workspace};

use super::subject;

/// Samples a second.
const FREQUENCY: &str = "1500";

/// How long nothing may arrive at the sink before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Profile the relay under load and draw where its CPU time goes. Needs perf (Debian package
/// linux-perf).
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Kind of mail.
    #[arg(long, value_enum, default_value = "newsletter")]
    kind: Kind,
    /// Sessions at once.
    #[arg(long, default_value_t = 50)]
    sessions: usize,
    /// Seconds to look at.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Where to draw it.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Profile this binary instead of building one with frame pointers.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Builds, profiles, draws.
pub(crate) fn run(options: &Options) -> Result<()> {
    let binary = match &options.binary {
        Some(binary) => fs::canonicalize(binary).context("--binary")?,
        None => build()?,
    };
    let profile = tempfile::NamedTempFile::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sink = Sink::start(sink::Settings::default()).await?;
        let mut relay = subject::start(&binary, "relay", &std::env::temp_dir(), sink.address())?;
        let mut perf = Command::new("perf")
            .args(["record", "--event", "cpu-clock", "--freq", FREQUENCY, "--call-graph", "fp"])
            .args(["--pid", &relay.pid().context("sekimori has ended")?.to_string()])
            .arg("--output")
            .arg(profile.path())
            .args(["--", "sleep", &options.seconds.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting perf (Debian package linux-perf)")?;
        let outcome = load::run(load::Settings {
            sessions: options.sessions,
            amount: Amount::Time(Duration::from_secs(options.seconds)),
            ..load::Settings::new(relay.address(), Arc::new(Template::of(options.kind)), 1)
        })
        .await;
        ensure!(sink.wait_for(outcome.accepted.len(), PATIENCE).await, "mail was lost");
        ensure!(perf.wait()?.success() && !outcome.accepted.is_empty(), "nothing was profiled");
        relay.stop()
    })?;
    let script = Command::new("perf")
        .arg("script")
        .arg("--input")
        .arg(profile.path())
        .stderr(Stdio::null())
        .output()?;
    let kind = options.kind;
    let title = format!("sekimori relay, {kind}, {} sessions: CPU time", options.sessions);
    fs::write(&options.output, flame::draw(str::from_utf8(&script.stdout)?, &title))
        .with_context(|| options.output.display().to_string())
}

/// A build that differs from the one shipped by frame pointers and names alone.
fn build() -> Result<PathBuf> {
    let target = workspace::root().join("target/flame");
    let status = workspace::cargo()
        .args(["build", "--release", "--package", "sekimori", "--bin", "sekimori"])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
        .env("RUSTFLAGS", "-C force-frame-pointers=yes")
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "sekimori did not build");
    Ok(target.join("release/sekimori"))
}
