//! `cargo xtask package`: the Debian packages `sekimori` and `sekimori-gate`.
//!
//! Both have a binary of the same name, which cargo builds to the same place. So each is built, then put
//! with its man pages and completions into `target/package/<package>`, from where cargo-deb takes it by
//! `[package.metadata.deb]` of `crates/sekimori/Cargo.toml`. Maintainer scripts, units and documents are
//! in `deploy/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sekimori_xtask::workspace::{self, Build, Profile};

use crate::tools;

/// Build the Debian packages into target/debian.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// From quickly built binaries: to try packaging, not to ship
    #[arg(long)]
    debug: bool,
}

/// The packages that there are.
pub(crate) const PACKAGES: [Package; 2] = [
    Package { name: "sekimori", build: Build::Full },
    Package { name: "sekimori-gate", build: Build::Gate },
];

/// A Debian package.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    build: Build,
}

/// Shells, and what the file of their completions is named.
const SHELLS: [(&str, &str); 3] =
    [("bash", "sekimori.bash"), ("zsh", "_sekimori"), ("fish", "sekimori.fish")];

/// Builds both packages and says where they are.
pub(crate) fn run(options: &Options) -> Result<()> {
    let profile = if options.debug { Profile::Debug } else { Profile::Release };
    let cargo_deb = tools::cargo_deb(true)?;
    for package in PACKAGES {
        println!("{}", build(package, profile, &cargo_deb)?.display());
    }
    Ok(())
}

/// Builds one package and tells where it is.
pub(crate) fn build(package: Package, profile: Profile, cargo_deb: &Path) -> Result<PathBuf> {
    stage(package, profile)?;
    let mut command = Command::new(cargo_deb);
    command
        .args(["deb", "--package", "sekimori", "--no-build", "--quiet"])
        .current_dir(workspace::root());
    if package.build == Build::Gate {
        command.args(["--variant", "gate"]);
    }
    if profile == Profile::Debug {
        command.arg("--fast");
    }
    let output = command.output().with_context(|| cargo_deb.display().to_string())?;
    let talk = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "cargo-deb failed for {}: {talk}", package.name);
    let path = PathBuf::from(str::from_utf8(&output.stdout)?.trim());
    ensure!(path.is_file(), "cargo-deb named no package: {}", path.display());
    Ok(path)
}

/// Where what goes into a package is put together.
fn place(package: Package) -> PathBuf {
    workspace::root().join("target/package").join(package.name)
}

/// Builds the binary, and has it write its man pages and completions.
fn stage(package: Package, profile: Profile) -> Result<()> {
    let folder = place(package);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    let binary = folder.join("sekimori");
    fs::copy(workspace::build(profile, package.build)?, &binary)?;
    let man = folder.join("man");
    let man = man.to_str().context("a path that is no text")?;
    ask(&binary, &["man", man])?;
    for (shell, file) in SHELLS {
        fs::write(completions.join(file), ask(&binary, &["completions", shell])?)?;
    }
    Ok(())
}

/// What the binary prints.
fn ask(binary: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new(binary).args(arguments).output()?;
    let talk = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "sekimori {}: {talk}", arguments.join(" "));
    Ok(output.stdout)
}
