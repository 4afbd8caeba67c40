//! MIME entities written out inside a text: what a bounce quotes, or what stands in a message that
//! one reader takes for plain text and another for a multipart. A file in one is cut out like any
//! other; text in one stays text.

use super::{Block, Found, decode, unquoted};

/// Header lines of an entity that are looked at.
const MAX_HEADER_LINES: usize = 30;

/// An entity that begins at its delimiter, `--` and the boundary (RFC 2046 section 5.1.1).
pub(super) fn find(lines: &[&str]) -> Option<Found> {
    let delimiter = unquoted(lines.first()?);
    if delimiter.len() < 3 {
        return None;
    }
    let mut header = header_lines(lines, 1);
    if header.iter().any(|line| line.to_ascii_lowercase().contains("message/")) {
        // A message inside is a file when its own header says so.
        header.extend(header_lines(lines, header.len() + 2));
    }
    let header = Header::read(&header)?;
    if !header.is_file() {
        return None;
    }
    let rest = lines.iter().skip(1).map(|line| unquoted(line));
    let length = rest.clone().position(|line| line.starts_with(delimiter)).map(|at| at + 1);
    let count = length.unwrap_or(lines.len());
    let body: Vec<&str> = rest.take(count - 1).skip_while(|line| !line.is_empty()).collect();
    let octets = if header.is_base64 {
        decode::base64(&body.concat())
    } else {
        body.join("\n").into_bytes()
    };
    Some(Found {
        lines: count,
        block: Block { name: header.name, form: "application/x-mime-entity", octets },
    })
}

/// The lines of a header that begins at a place, up to the blank line after it.
fn header_lines<'a>(lines: &[&'a str], start: usize) -> Vec<&'a str> {
    let lines = lines.iter().skip(start).take(MAX_HEADER_LINES).map(|line| unquoted(line));
    lines.take_while(|line| !line.is_empty() && !line.starts_with("--")).collect()
}

/// An entity without a delimiter before it: header lines that say that a file follows. With base64 it
/// is the lines of data, few or many; else it runs to the next delimiter or to the end.
pub(super) fn find_headed(lines: &[&str]) -> Option<Found> {
    let first = unquoted(lines.first()?).to_ascii_lowercase();
    let (field, value) = first.split_once(':')?;
    let is_first = field.trim_end().strip_prefix("content-").is_some_and(|field| {
        matches!(field, "type" | "transfer-encoding" | "disposition" | "id" | "description")
    }) || (field.trim_end() == "mime-version" && value.contains("1.0"));
    if !is_first {
        return None;
    }
    let header_lines = header_lines(lines, 0);
    let start = header_lines.len();
    let header = Header::read(&header_lines)?;
    let body = lines.iter().skip(start + 1).map(|line| unquoted(line));
    let octets_of = |body: &[&str]| {
        if header.is_base64 { decode::base64(&body.concat()) } else { body.join("\n").into_bytes() }
    };
    let is_data = |line: &&str| line.is_empty() || line.bytes().all(super::dense::is_symbol);
    let mut data: Vec<&str> = if header.is_base64 {
        body.take_while(is_data).collect()
    } else if header.is_attached || (!header.is_text && header.content_fields > 1) {
        body.take_while(|line| !line.starts_with("--")).collect()
    } else {
        return None;
    };
    while data.last().is_some_and(|line| line.is_empty()) {
        data.pop();
    }
    (!data.is_empty()).then(|| Found {
        lines: start + 1 + data.len(),
        block: Block {
            name: header.name.clone(),
            form: "application/x-mime-entity",
            octets: octets_of(&data),
        },
    })
}

/// What the header of an entity says.
#[derive(Default)]
struct Header {
    name: Option<String>,
    content_fields: usize,
    is_base64: bool,
    is_attached: bool,
    is_text: bool,
}

impl Header {
    /// Reads header lines. `None` when they are not those of an entity.
    fn read(lines: &[&str]) -> Option<Self> {
        let mut header = Self { is_text: true, ..Self::default() };
        for line in lines {
            let lower = line.to_ascii_lowercase();
            let (field, value) = lower.split_once(':').unwrap_or(("", &lower));
            match field.trim_end() {
                "content-type" => {
                    header.content_fields += 1;
                    let kind = value.trim_start();
                    let is_text = ["text/plain", "multipart/", "message/"]
                        .iter()
                        .any(|text| kind.starts_with(text));
                    header.is_text &= is_text;
                }
                "content-transfer-encoding" => {
                    header.content_fields += 1;
                    header.is_base64 |= value.contains("base64");
                    header.is_attached |= value.contains("uu");
                }
                "content-disposition" => {
                    header.content_fields += 1;
                    header.is_attached |= value.contains("attach");
                }
                _ => {}
            }
            // Names stand in folded lines too.
            if let Some(at) = lower.find("name") {
                let given = line.get(at..).and_then(|rest| rest.split_once('='));
                if let Some((_, name)) = given {
                    header.is_attached = true;
                    header.name.get_or_insert_with(|| file_name(name));
                }
            }
        }
        (header.content_fields > 0).then_some(header)
    }

    fn is_file(&self) -> bool {
        self.is_base64 || self.is_attached || !self.is_text
    }
}

fn file_name(value: &str) -> String {
    let value = value.trim().trim_start_matches('"');
    value.split(['"', ';']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(usize, Option<String>, Vec<u8>)> {
        let lines: Vec<&str> = text.split('\n').collect();
        find(&lines).map(|found| (found.lines, found.block.name, found.block.octets))
    }

    #[test]
    fn a_file_in_a_quoted_entity_is_found_up_to_the_next_delimiter() {
        let text = "> --b1\n> Content-Type: application/zip;\n>  name=\"a.zip\"\n\
                    > content-transfer-encoding: base64\n>\n> UEsDBA==\n> --b1--\n以上";
        assert_eq!(found(text), Some((6, Some("a.zip".to_owned()), b"PK\x03\x04".to_vec())));
    }

    #[test]
    fn a_message_inside_that_is_a_file_is_found() {
        let text = "--b\nContent-Type: message/rfc822\n\nSubject: x\nContent-Type: application/zip\n\nPK\n--b--";
        assert_eq!(found(text).map(|(lines, ..)| lines), Some(7));
        let text = "--b\nContent-Type: message/rfc822\n\nSubject: x\n\n本文\n--b--";
        assert_eq!(found(text), None);
    }

    #[test]
    fn without_a_further_delimiter_it_runs_to_the_end() {
        let text = "--b\nContent-Disposition : attachment\n\nMZ\nmore\nlines";
        assert_eq!(found(text).map(|(lines, ..)| lines), Some(6));
    }

    #[test]
    fn encoded_data_after_a_header_without_delimiter_is_found() {
        let text =
            "Content-Transfer-Encoding : base64 (x)\nContent-Type: text/plain\n\nUEsDBA==\n\n以上";
        let lines: Vec<&str> = text.split('\n').collect();
        let found = find_headed(&lines).map(|found| (found.lines, found.block.octets));
        assert_eq!(found, Some((4, b"PK\x03\x04".to_vec())));
        for text in [
            "Content-Transfer-Encoding: base64\n\n本文です",
            "Content-Transfer-Encoding: 7bit\n\nUEsDBA==",
        ] {
            assert!(find_headed(&text.split('\n').collect::<Vec<_>>()).is_none(), "{text}");
        }
    }

    #[test]
    fn text_in_an_entity_and_what_only_looks_alike_stays() {
        for text in [
            "--b\nContent-Type: text/plain; charset=utf-8\n\n本文",
            "-- \n山田太郎\n総務課",
            "--\nContent-Type: application/zip\n\nx",
            "--------\n件名: 会議\n\n本文",
            "--b\n\nContent-Type: application/zip",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
