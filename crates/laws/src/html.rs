//! What holds for every HTML body.

use sekimori_html::{HtmlError, Options, declared_charset, render};
use sekimori_policy::{Language, Limits, LinkMode, LinkPlacement};

/// Longest charset name worth declaring.
const MAX_DECLARED: usize = 4_096;

/// Any document is laid out, or refused for what it grew to; the text holds no control but LF and TAB,
/// the title is one line, each octet of the source is accounted for, and the same document gives the same
/// text. The length of the octets chooses
/// how links are written.
pub fn html_render(data: &[u8]) {
    if let Some(label) = declared_charset(data) {
        assert!(label.len() <= MAX_DECLARED);
    }
    let html = sekimori_charset::decode(data, Some("utf-8")).text;
    let links = match data.len() % 3 {
        0 => LinkMode::Text,
        1 => LinkMode::Defanged,
        _ => LinkMode::Removed,
    };
    let limits = Limits::default();
    let options = Options {
        max_depth: limits.html_depth,
        max_octets: limits.html_octets,
        links,
        link_placement: match data.len() % 2 {
            0 => LinkPlacement::Inline,
            _ => LinkPlacement::Numbered,
        },
        language: Language::Japanese,
    };
    let rendered = render(&html, &options);
    assert_eq!(rendered, render(&html, &options), "same input, same output");
    match rendered {
        Ok(rendered) => {
            let is_odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
            assert_eq!(rendered.text.chars().find(is_odd), None, "no control but LF and TAB");
            let title = rendered.title.unwrap_or_default();
            assert!(!title.contains(char::is_control), "{title:?} is one line");
            assert_eq!(
                rendered.octets.total(),
                html.len(),
                "each octet of the source is accounted for"
            );
        }
        Err(HtmlError::OutputTooLarge { .. }) => {}
        Err(error) => assert!(html.len() > limits.html_octets, "{error}"),
    }
}
