//! The file name of a part, from whichever parameters hold one.

use crate::content_type::ContentType;
use crate::disposition::Disposition;
use crate::fault::{Fault, Faults};
use crate::parameter::Parameter;

/// The file name of a part: `filename*`, `filename`, `name*`, `name`, the first there is; some senders
/// and readers take either name in either field. Where they differ, the one with the most suspicious extension.
pub(crate) fn file_name<'a>(
    disposition: Option<&'a Disposition>,
    content_types: impl Iterator<Item = &'a ContentType>,
    faults: &mut Faults,
) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    if let Some(disposition) = disposition {
        push_names(&mut names, &disposition.parameters, "filename");
        push_names(&mut names, &disposition.parameters, "name");
    }
    for content_type in content_types {
        push_names(&mut names, &content_type.parameters, "name");
        push_names(&mut names, &content_type.parameters, "filename");
    }
    if names.len() > 1 {
        faults.insert(Fault::FileNamesDiffer);
    }
    // `max_by_key` takes the last of equals; the first is asked for.
    names.into_iter().rev().max_by_key(|name| suspicion(name))
}

/// Longest Content-Location that is taken for a name, in octets.
const MAX_LOCATION: usize = 255;

/// The name that a Content-Location is (RFC 2557 section 4.2), which some readers save the part under:
/// a name with an extension, without a path. Those of pages and texts say nothing of a file.
pub(crate) fn located_name(value: &[u8]) -> Option<String> {
    let name = str::from_utf8(value.trim_ascii()).ok()?.trim_matches('"');
    let (stem, extension) = name.rsplit_once('.')?;
    let is_path = |c: char| c.is_whitespace() || c.is_control() || "/\\:?#<>@".contains(c);
    let is_page =
        ["txt", "htm", "html", "xhtml"].iter().any(|of| extension.eq_ignore_ascii_case(of));
    let is_extension = (1..=5).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic());
    let is_name = !stem.is_empty() && name.len() <= MAX_LOCATION && !name.contains(is_path);
    (is_name && is_extension && !is_page).then(|| name.to_owned())
}

/// Adds the names in order of preference, each once.
fn push_names(names: &mut Vec<String>, parameters: &[Parameter], named: &str) {
    for extended in [true, false] {
        let matching = parameters.iter().filter(|p| p.name == named && p.extended == extended);
        for name in matching.map(Parameter::value) {
            let name = name.trim();
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
}

/// How much harm the extension promises: programs, then documents that hold programs and containers
/// that hold anything, then what is unknown, then what no program lives in.
fn suspicion(name: &str) -> u8 {
    // Systems drop trailing dots and spaces, so that `a.exe. ` is a program.
    let name = name.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let Some((_, extension)) = name.rsplit_once('.') else {
        return 1;
    };
    match extension.trim().to_ascii_lowercase().as_str() {
        "exe" | "com" | "scr" | "pif" | "bat" | "cmd" | "msi" | "msp" | "dll" | "cpl" | "js"
        | "jse" | "vbs" | "vbe" | "wsf" | "wsh" | "hta" | "ps1" | "psm1" | "lnk" | "url"
        | "scf" | "reg" | "inf" | "jar" | "chm" | "hlp" | "application" | "gadget" | "sct"
        | "settingcontent-ms" | "library-ms" | "search-ms" | "appref-ms" | "sh" | "py" | "apk" => 4,
        "docm" | "dotm" | "xlsm" | "xltm" | "xlam" | "xll" | "pptm" | "potm" | "ppsm" | "one"
        | "iso" | "img" | "vhd" | "vhdx" | "zip" | "7z" | "rar" | "lzh" | "cab" | "gz" | "tar"
        | "tgz" | "bz2" | "xz" | "ace" | "arj" | "html" | "htm" | "xhtml" | "shtml" | "svg"
        | "mht" | "mhtml" | "slk" | "iqy" | "rtf" | "doc" | "xls" | "ppt" | "eml" | "msg" => 3,
        "txt" | "csv" | "jpg" | "jpeg" | "png" | "gif" | "bmp" | "ics" | "vcf" => 0,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(disposition: &str, content_type: &str) -> (Option<String>, bool) {
        let (disposition, _) = Disposition::parse(disposition.as_bytes());
        let (content_type, _) = ContentType::parse(content_type.as_bytes());
        let mut faults = Faults::NONE;
        let name = file_name(Some(&disposition), std::iter::once(&content_type), &mut faults);
        (name, faults.contains(Fault::FileNamesDiffer))
    }

    #[test]
    fn a_location_names_a_file_when_it_is_a_name_alone() {
        assert_eq!(located_name(b" minutes.exe").as_deref(), Some("minutes.exe"));
        for location in
            ["http://example.jp/a.exe", "index.html", "a/b.exe", "cid.1@example.jp", "x", "1.2"]
        {
            assert_eq!(located_name(location.as_bytes()), None, "{location}");
        }
    }

    #[test]
    fn the_first_name_in_the_order_of_preference_is_taken() {
        for (disposition, content_type, name, differ) in [
            ("attachment", "a/b", None, false),
            ("attachment; filename=\"\"", "a/b", None, false),
            ("attachment", "a/b; name=n.pdf", Some("n.pdf"), false),
            ("attachment; filename=f.pdf", "a/b; name=f.pdf", Some("f.pdf"), false),
            ("attachment; filename=f.pdf", "a/b; name=n.pdf", Some("f.pdf"), true),
            (
                "attachment; filename=f.pdf; filename*=utf-8''%E5%B1%B1.pdf",
                "a/b",
                Some("山.pdf"),
                true,
            ),
            ("attachment; filename==?utf-8?b?5bGx?=", "a/b", Some("山"), false),
        ] {
            assert_eq!(
                named(disposition, content_type),
                (name.map(str::to_owned), differ),
                "{disposition}"
            );
        }
    }

    #[test]
    fn of_names_that_differ_the_most_suspicious_is_taken() {
        for (disposition, name) in [
            ("attachment; filename=a.pdf; filename=a.exe", "a.exe"),
            ("attachment; filename=a.pdf; filename*=utf-8''a.txt", "a.pdf"),
            ("attachment; filename=\"a.exe. \"; filename*=utf-8''a.zip", "a.exe."),
            ("attachment; filename=a.xlsm; filename*0=a; filename*1=.png", "a.xlsm"),
        ] {
            assert_eq!(
                named(disposition, "a/b; name=a.gif"),
                (Some(name.to_owned()), true),
                "{disposition}"
            );
        }
    }
}
