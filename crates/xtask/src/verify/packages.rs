//! The Debian packages that tests need.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

/// A package and a program or other file of it, by whose presence it counts as installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Package {
    name: &'static str,
    program: &'static str,
}

const NEEDED: [Package; 8] = [
    Package { name: "postfix", program: "/usr/lib/postfix/sbin/master" },
    Package { name: "swaks", program: "swaks" },
    Package { name: "python3", program: "python3" },
    Package { name: "strace", program: "strace" },
    Package { name: "nftables", program: "/usr/sbin/nft" },
    Package { name: "iproute2", program: "ip" },
    // Checks the units.
    Package { name: "systemd", program: "systemd-analyze" },
    // Fetches axe-core for the tests of pages.
    Package { name: "curl", program: "curl" },
];

/// Programs of those that the checks of `deploy/` run.
const CHECKERS: [&str; 3] = ["strace", "/usr/sbin/nft", "systemd-analyze"];

/// What a browser needs that shows Japanese, alike on every machine.
const BROWSER: [Package; 2] = [
    Package { name: "chromium", program: "chromium" },
    Package {
        name: "fonts-noto-cjk",
        program: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    },
];

/// Keeps Debian's Postfix from asking questions and from starting an instance of the system.
const ANSWERS: &str = "postfix postfix/main_mailer_type select No configuration\n";

/// Installs what is missing, having said so, unless that is refused.
pub(super) fn ensure(no_install: bool) -> Result<()> {
    install(&missing(&[&NEEDED[..], &BROWSER].concat(), is_present), no_install)
}

/// Installs what the checks of `deploy/` run.
pub(crate) fn ensure_for_deployment(no_install: bool) -> Result<()> {
    install(
        &missing(&NEEDED, |program| !CHECKERS.contains(&program) || is_present(program)),
        no_install,
    )
}

/// Installs a browser where there is none.
pub(crate) fn ensure_browser(no_install: bool) -> Result<()> {
    install(&missing(&BROWSER, is_present), no_install)
}

fn install(missing: &[&str], no_install: bool) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    ensure!(!no_install, "the tests need these Debian packages, which are missing: {names}");
    ensure!(
        is_present("apt-get"),
        "the tests need these packages, and there is no apt-get to install them: {names}"
    );
    let as_root: &[&str] = if rustix::process::geteuid().is_root() {
        &[]
    } else if is_present("sudo") {
        &["sudo"]
    } else {
        bail!("the tests need these Debian packages; only root can install them: {names}");
    };
    let with_sudo = if as_root.is_empty() { "" } else { " with sudo" };
    println!("Installing Debian packages that the tests need{with_sudo}: {names}");
    call(as_root, &["debconf-set-selections"], ANSWERS)?;
    let apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"];
    call(as_root, &[&apt[..], &["update"]].concat(), "")?;
    let install = ["install", "--yes", "--no-install-recommends"];
    call(as_root, &[&apt[..], &install, missing].concat(), "")
}

fn missing(needed: &[Package], is_present: impl Fn(&str) -> bool) -> Vec<&'static str> {
    needed
        .iter()
        .filter(|package| !is_present(package.program))
        .map(|package| package.name)
        .collect()
}

/// Whether a program is there: at its path, or by its name in a folder of `PATH`.
fn is_present(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    Path::new(program).is_absolute() && Path::new(program).exists()
        || std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn call(as_root: &[&str], command: &[&str], input: &str) -> Result<()> {
    let words = [as_root, command].concat();
    let (program, arguments) = words.split_first().context("no command")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let status = child.wait()?;
    ensure!(status.success(), "{} failed ({status})", words.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_named() {
        assert_eq!(missing(&NEEDED, |program| program != "swaks"), ["swaks"]);
        assert!(missing(&NEEDED, |_| true).is_empty());
        assert_eq!(
            missing(&NEEDED, |_| false),
            ["postfix", "swaks", "python3", "strace", "nftables", "iproute2", "systemd", "curl"]
        );
    }

    #[test]
    fn programs_are_found_by_name_and_by_path() {
        assert!(is_present("sh"));
        assert!(is_present("/bin/sh"));
        assert!(!is_present("/bin/no-such-program"));
        assert!(!is_present("no-such-program"));
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let error = call(&[], &["sh", "-c", "exit 3"], "").unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3 failed"), "{error}");
    }
}
