//! Every law, held to every mail of the fixtures and to every input that once broke it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "fixtures that cannot be read are a failure"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sekimori_laws::{LAWS, Law};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files in a folder and in those below it, by name, or none when there is no such folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

fn mails() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut mails = files(&root().join("fixtures/mail"));
    mails.retain(|path, _| path.extension().is_some_and(|extension| extension == "eml"));
    assert!(mails.len() >= 60, "the fixtures are there");
    mails
}

#[expect(clippy::print_stdout, reason = "shown when the law is broken, which tells no input")]
fn hold(law: &Law, path: &Path, input: &[u8]) {
    println!("{} of {}", law.name, path.display());
    (law.check)(input);
}

fn law(name: &str) -> Law {
    LAWS.into_iter().find(|law| law.name == name).expect("a law")
}

/// Holds a law to each mail as it is and to what the law can be held to of it, then to each input
/// that was found to break it.
fn hold_everywhere(name: &str) {
    let law = law(name);
    for (path, mail) in mails() {
        hold(&law, &path, &mail);
        for input in (law.seeds)(&mail) {
            hold(&law, &path, &input);
        }
    }
    for (path, input) in files(&root().join("fixtures/found").join(name)) {
        hold(&law, &path, &input);
    }
}

macro_rules! laws_hold {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            hold_everywhere(stringify!($name));
        })*

        #[test]
        fn every_law_is_tested_and_has_a_fuzz_target() {
            let names: Vec<_> = LAWS.iter().map(|law| law.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            for name in names {
                let target = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
                assert!(target.is_file(), "{}", target.display());
            }
        }
    };
}

laws_hold! {
    sanitize
    plain_text
    mime_scan
    charset_decode
    charset_field
    html_render
    profile_write_verify
    profile_verify
    smtp_session
    proxy_header
    smtp_status
}

#[test]
fn what_was_found_is_filed_under_a_law() {
    for path in files(&root().join("fixtures/found")).into_keys() {
        let folder = path.parent().and_then(Path::file_name).unwrap().to_str().unwrap();
        assert!(LAWS.iter().any(|law| law.name == folder), "{}", path.display());
    }
}

#[test]
fn what_the_fixtures_become_is_taken_by_the_verifier() {
    let crossing = law("profile_verify").seeds;
    for (path, mail) in mails() {
        for message in crossing(&mail) {
            let verified = sekimori_profile::verify::verify(&message, 1 << 20);
            assert!(verified.is_ok(), "{}: {verified:?}", path.display());
        }
    }
}
