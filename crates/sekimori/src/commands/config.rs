//! `config check`, `config show`, `config init`.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::paths;
use crate::cli::ConfigCommand;
use crate::configuration::{self, STARTER, Source};
use crate::exit::{Exit, Failure};

/// Runs a `config` command.
pub(crate) fn run(command: ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check(args) => {
            configuration::read(Some(&args.config))?;
            eprintln!("sekimori: {}: the configuration is good", args.config.display());
            Ok(())
        }
        ConfigCommand::Show { config, json, paths } => {
            let (source, checked) = configuration::read(Some(&config.config))?;
            if paths {
                let described = paths::describe(&checked, paths::look_up);
                std::io::stdout().write_all(described.as_bytes())?;
                return Ok(());
            }
            show(&source, json)
        }
        ConfigCommand::Init { file } => init(file.as_deref()),
    }
}

fn show(source: &Source, json: bool) -> Result<(), Failure> {
    let value = serde_json::to_value(&source.settings)
        .map_err(|error| Failure::new(Exit::Software, error))?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{value}")?;
        return Ok(());
    }
    let mut rows = Vec::new();
    flatten("", &value, &mut rows);
    for (key, value) in rows {
        writeln!(out, "{key} = {value}  # {}", source.origin(&key))?;
    }
    Ok(())
}

/// One row for each key.
fn flatten(path: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, member, rows);
            }
        }
        Value::Array(elements) if elements.iter().any(Value::is_object) => {
            for (index, element) in elements.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), element, rows);
            }
        }
        other => rows.push((path.to_owned(), other.to_string())),
    }
}

fn init(file: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = file else {
        std::io::stdout().write_all(STARTER.as_bytes())?;
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| Failure::new(Exit::Io, format!("{}: {error}", path.display())))?;
    file.write_all(STARTER.as_bytes())?;
    eprintln!(
        "sekimori: wrote {0}; change the organisation, then: sekimori config check --config {0}",
        path.display()
    );
    Ok(())
}
