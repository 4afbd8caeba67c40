//! Tags that rules write before a subject, each once however often the mail comes by.

use sekimori_policy::rule::SubjectTag;
use sekimori_profile::SafeLine;

/// What mail programs write before the subject of an answer or a forward, in lower case.
const ANSWERS: [&str; 5] = ["re", "fwd", "fw", "返信", "転送"];

/// A subject with those tags before it that do not stand at its beginning yet, after whatever marks
/// of answers. Gives the whole line and the places of the tags that were added; `None` when none was.
pub(crate) fn tagged(subject: &str, tags: &[&SubjectTag]) -> Option<(String, Vec<usize>)> {
    let tags: Vec<String> =
        tags.iter().map(|tag| SafeLine::clean(tag.as_str()).0.to_string()).collect();
    let present = present(subject, &tags);
    let mut added: Vec<usize> = Vec::new();
    for (at, tag) in tags.iter().enumerate() {
        let is_known = present.contains(&tag.as_str())
            || added.iter().any(|&earlier| tags.get(earlier) == Some(tag));
        if !tag.is_empty() && !is_known {
            added.push(at);
        }
    }
    if added.is_empty() {
        return None;
    }
    let words = added.iter().filter_map(|&at| tags.get(at).map(String::as_str));
    let line: Vec<&str> = words.chain([subject]).collect();
    Some((line.join(" "), added))
}

/// The tags that stand at the beginning of a subject.
fn present<'t>(subject: &str, tags: &'t [String]) -> Vec<&'t str> {
    let mut present = Vec::new();
    let mut rest = subject.trim_start();
    loop {
        if let Some(after) = without_answer(rest) {
            rest = after.trim_start();
            continue;
        }
        // The longest: one tag may begin like another.
        let starts = tags.iter().filter(|tag| !tag.is_empty() && rest.starts_with(tag.as_str()));
        let Some(tag) = starts.max_by_key(|tag| tag.len()) else { return present };
        present.push(tag.as_str());
        rest = rest.strip_prefix(tag.as_str()).unwrap_or_default().trim_start();
    }
}

/// What stands after a mark of an answer.
fn without_answer(subject: &str) -> Option<&str> {
    ANSWERS.iter().find_map(|mark| {
        let is_mark = subject.get(..mark.len())?.to_lowercase() == *mark;
        let after = subject.get(mark.len()..).filter(|_| is_mark)?.trim_start();
        after.strip_prefix([':', '：'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(subject: &str, tags: &[&str]) -> Option<String> {
        let tags: Vec<SubjectTag> =
            tags.iter().map(|tag| SubjectTag::parse(tag).unwrap()).collect();
        tagged(subject, &tags.iter().collect::<Vec<_>>()).map(|(line, _)| line)
    }

    #[test]
    fn a_tag_stands_once_however_often_the_mail_comes_by() {
        for (subject, tags, becomes) in [
            ("件名", &["[外部]"][..], Some("[外部] 件名")),
            ("[外部] 件名", &["[外部]"], None),
            ("Re: [外部] 件名", &["[外部]"], None),
            ("RE： 転送: Fwd : [外部]件名", &["[外部]"], None),
            ("Report [外部]", &["[外部]"], Some("[外部] Report [外部]")),
            ("件名", &["[甲]", "[乙]", "[甲]"], Some("[甲] [乙] 件名")),
            ("[甲] [乙] 件名", &["[甲]", "[乙]"], None),
            ("[乙] 件名", &["[甲]", "[乙]"], Some("[甲] [乙] 件名")),
            ("外部委託 件名", &["外部", "外部委託"], Some("外部 外部委託 件名")),
            ("か\u{3099} 件名", &["か\u{3099}"], Some("が か\u{3099} 件名")),
        ] {
            assert_eq!(line(subject, tags).as_deref(), becomes, "{subject}");
        }
        assert_eq!(
            line("", &["[外部]"]).map(|line| line.trim().to_owned()).as_deref(),
            Some("[外部]")
        );
    }
}
