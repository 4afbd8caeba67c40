//! `cargo xtask bench-report`: the figures of a run as the tables and the plot of the documentation.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use sekimori_xtask::plot::{self, Group};
use serde_json::Value;

/// Print what `bench-relay --json` has written as tables in Markdown, and draw its CPU times.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file that `bench-relay --json` has written.
    figures: PathBuf,
    /// Where to draw the CPU times at the most sessions.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

/// Prints and draws.
pub(crate) fn run(options: &Options) -> Result<()> {
    let name = || options.figures.display().to_string();
    let report: Value = serde_json::from_slice(&fs::read(&options.figures).with_context(name)?)
        .with_context(name)?;
    println!("{}\n\n{}", figures(&report), ratios(&report));
    if let Some(file) = &options.plot {
        fs::write(file, cpu(&report)).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn rows<'r>(report: &'r Value, name: &str) -> &'r [Value] {
    report.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'r>(row: &'r Value, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(row: &Value, name: &str) -> f64 {
    row.get(name).and_then(Value::as_f64).unwrap_or_default()
}

fn figures(report: &Value) -> String {
    let head = "| kind | sessions | server | accepted/s | delivered/s | p50 ms | p99 ms | CPU ms | peak MiB |\n\
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |";
    let lines = rows(report, "results").iter().map(|row| {
        let figure = |name| number(row, name);
        format!(
            "| {} | {} | {} | {:.0} | {:.0} | {:.2} | {:.2} | {:.3} | {:.0} |",
            text(row, "kind"),
            figure("sessions"),
            text(row, "peer"),
            figure("accepted_per_second"),
            figure("delivered_per_second"),
            figure("latency_p50_ms"),
            figure("latency_p99_ms"),
            figure("cpu_ms_per_message"),
            figure("peak_memory_mib"),
        )
    });
    [head.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

fn ratios(report: &Value) -> String {
    let head = "| kind | sessions | against | accepted | delivered | p50 | p99 | p99 to their p50 | CPU | memory |\n\
                | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";
    let lines = rows(report, "ratios").iter().map(|row| {
        let figure = |name| number(row, name);
        format!(
            "| {} | {} | {} | {:.2}× | {:.2}× | {:.2} | {:.2} | {:.2} | 1/{:.1} | 1/{:.0} |",
            text(row, "kind"),
            figure("sessions"),
            text(row, "to"),
            figure("accepted_per_second"),
            figure("delivered_per_second"),
            figure("latency_p50"),
            figure("latency_p99"),
            figure("latency_p99_to_p50"),
            1.0 / figure("cpu_per_message"),
            1.0 / figure("peak_memory"),
        )
    });
    [head.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// CPU time of each message for every kind and server, at the most sessions that were measured.
fn cpu(report: &Value) -> String {
    let results = rows(report, "results");
    let most = results.iter().map(|row| number(row, "sessions")).fold(0.0, f64::max);
    let at_most: Vec<&Value> =
        results.iter().filter(|row| number(row, "sessions") >= most).collect();
    let (mut servers, mut kinds) = (Vec::new(), Vec::new());
    for row in &at_most {
        for (names, name) in [(&mut servers, text(row, "peer")), (&mut kinds, text(row, "kind"))] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let of = |kind: &str, server: &str| {
        let row = at_most.iter().find(|r| text(r, "kind") == kind && text(r, "peer") == server);
        row.map_or(0.0, |row| number(row, "cpu_ms_per_message"))
    };
    let groups: Vec<Group> = kinds
        .iter()
        .map(|kind| Group {
            name: (*kind).to_owned(),
            values: servers.iter().map(|server| of(kind, server)).collect(),
        })
        .collect();
    let title = format!("CPU time of each message, whole server, {most} sessions");
    plot::bars(&title, "milliseconds", &servers, &groups)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_becomes_tables_and_a_plot_of_its_most_sessions() {
        let figure = |sessions: u64, peer: &str, cpu: f64| json!({"kind": "text", "sessions": sessions, "peer": peer, "cpu_ms_per_message": cpu});
        let report = json!({
            "results": [figure(1, "sekimori", 0.9), figure(50, "sekimori", 0.25), figure(50, "postfix", 2.0)],
            "ratios": [{"kind": "text", "sessions": 50, "to": "postfix", "cpu_per_message": 0.125}],
        });
        assert_eq!(figures(&report).lines().count(), 5);
        assert!(ratios(&report).contains("| text | 50 | postfix |"));
        assert!(ratios(&report).contains("| 1/8.0 |"));
        let svg = cpu(&report);
        assert!(
            svg.contains(">0.25<") && svg.contains(">2.00<") && !svg.contains(">0.90<"),
            "{svg}"
        );
    }
}
