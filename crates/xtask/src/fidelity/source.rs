//! The HTML that is measured: files of it, and the HTML parts of mails.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sekimori_mime::PartKind;
use sekimori_policy::Limits;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, and which part of it if it has several.
    pub name: String,
    /// The document.
    pub html: String,
}

/// The documents of all `.eml`, `.html` and `.htm` files at or below `paths`, in the order of their
/// names.
///
/// # Errors
/// If a file cannot be read.
pub fn sources(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for path in paths {
        let mut files = files(path)?;
        files.sort();
        for file in files {
            let name = file.strip_prefix(path).unwrap_or(&file).display().to_string();
            let name = if name.is_empty() { file.display().to_string() } else { name };
            let octets = fs::read(&file).with_context(|| file.display().to_string())?;
            if has_extension(&file, &["eml"]) {
                found.extend(of_mail(&name, &octets));
            } else {
                found.push(Source { name, html: decoded(&octets, None) });
            }
        }
    }
    Ok(found)
}

/// The HTML parts of a mail; none where it is not read at all.
fn of_mail(name: &str, octets: &[u8]) -> Vec<Source> {
    let Ok(message) = sekimori_mime::scan(octets, &Limits::default()) else {
        return Vec::new();
    };
    let parts = message
        .parts()
        .filter(|part| part.kind == PartKind::Leaf && part.content_type.is("text", "html"));
    let documents =
        parts.map(|part| decoded(&part.decoded_body().0, part.content_type.charset().as_deref()));
    documents
        .enumerate()
        .map(|(at, html)| {
            let name = if at == 0 { name.to_owned() } else { format!("{name} ({})", at + 1) };
            Source { name, html }
        })
        .collect()
}

fn decoded(octets: &[u8], charset: Option<&str>) -> String {
    let declared = charset.map(str::to_owned).or_else(|| sekimori_html::declared_charset(octets));
    sekimori_charset::decode(octets, declared.as_deref()).text
}

/// The files at or below a path, however deep.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(next) = open.pop() {
        if next.is_dir() {
            for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
                open.push(entry?.path());
            }
        } else if next == path || has_extension(&next, &["eml", "html", "htm"]) {
            found.push(next);
        }
    }
    Ok(found)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_html_part_of_a_mail_is_a_document_of_its_own() {
        let mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n\
                    --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>一\r\n\
                    --b\r\nContent-Type: text/plain\r\n\r\nno\r\n\
                    --b\r\nContent-Type: text/html\r\n\r\n<p>two\r\n--b--\r\n";
        let found = of_mail("a.eml", mail.as_bytes());
        let names: Vec<&str> = found.iter().map(|source| source.name.as_str()).collect();
        assert_eq!(names, ["a.eml", "a.eml (2)"]);
        assert!(found.iter().any(|source| source.html.contains("<p>一")));
    }

    #[test]
    fn folders_are_searched_for_mails_and_pages() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/a.html"), "<p>a").unwrap();
        fs::write(folder.path().join("b.txt"), "b").unwrap();
        let found = sources(&[folder.path().to_path_buf()]).unwrap();
        assert_eq!(found, [Source { name: "sub/a.html".to_owned(), html: "<p>a".to_owned() }]);
    }
}
