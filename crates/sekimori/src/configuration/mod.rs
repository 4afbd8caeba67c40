//! From a TOML file and the environment to settings that can be run.

mod check;
mod settings;
mod source;
mod starter;

use std::path::Path;

pub(crate) use check::Checked;
use check::check;
#[cfg(feature = "internet")]
pub(crate) use settings::RunIn;
pub(crate) use settings::{ConfinementMode, LogFormat};
pub(crate) use source::Source;
use source::load;
pub(crate) use starter::STARTER;

use crate::exit::{Exit, Failure};

/// Reads and checks a configuration; the failure names every mistake.
pub(crate) fn read(path: Option<&Path>) -> Result<(Source, Checked), Failure> {
    let environment = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    let source =
        load(path, environment).map_err(|mistake| Failure::new(Exit::Configuration, mistake))?;
    let checked = checked(&source)?;
    Ok((source, checked))
}

#[cfg(feature = "internet")]
/// Reads and checks a configuration that the program itself has, under given variables.
pub(crate) fn built_in(
    text: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Checked, Failure> {
    let source = source::parse("built-in configuration", text, variables)
        .map_err(|mistake| Failure::new(Exit::Configuration, mistake))?;
    checked(&source)
}

fn checked(source: &Source) -> Result<Checked, Failure> {
    check(source).map_err(|mistakes| Failure {
        exit: Exit::Configuration,
        lines: mistakes.iter().map(ToString::to_string).collect(),
    })
}
