//! The document's own style sheets, as far as mail hides text by them.
//!
//! Rules with one element, class or id (or an element with one of them) count; conditional blocks
//! (`@media` with conditions and its like) and every other selector are passed over, since what they
//! apply to is not known here. Rules apply to the elements after the sheet.

use std::collections::BTreeMap;

use crate::colour::Colour;
use crate::declarations::plain;
use crate::style::Style;
use crate::tag::Tag;

/// Octets of style sheets read; what comes after has no effect.
const MAX_OCTETS: usize = 512 * 1024;
/// Rules kept; later ones have no effect.
const MAX_RULES: usize = 10_000;
/// Classes of one element that are looked up.
const MAX_CLASSES: usize = 32;
/// Elements that one class or id has rules of their own for.
const MAX_ELEMENTS_A_NAME: usize = 16;

/// What all rules of one selector declare.
#[derive(Debug, Clone, Copy, Default)]
struct Rule {
    usual: Style,
    important: Style,
}

impl Rule {
    fn overridden_by(self, stronger: Self) -> Self {
        Self {
            usual: self.usual.overridden_by(stronger.usual),
            important: self.important.overridden_by(stronger.important),
        }
    }
}

/// The rules of one class or id.
#[derive(Debug, Clone, Default)]
struct Rules {
    any: Rule,
    /// Of one element only, with its name.
    of: Vec<(Tag, Rule)>,
}

impl Rules {
    fn for_element(&self, tag: Tag) -> Rule {
        let own = self.of.iter().find(|(of, _)| *of == tag);
        own.map_or(self.any, |(_, rule)| self.any.overridden_by(*rule))
    }

    /// Adds a later rule; false if there are too many.
    fn add(&mut self, only: Option<Tag>, rule: Rule) -> bool {
        let Some(only) = only else {
            self.any = self.any.overridden_by(rule);
            return true;
        };
        if let Some((_, known)) = self.of.iter_mut().find(|(of, _)| *of == only) {
            *known = known.overridden_by(rule);
        } else if self.of.len() < MAX_ELEMENTS_A_NAME {
            self.of.push((only, rule));
        } else {
            return false;
        }
        true
    }
}

/// The rules read so far.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    classes: BTreeMap<String, Rules>,
    ids: BTreeMap<String, Rules>,
    elements: Vec<(Tag, Rule)>,
    octets: usize,
    rules: usize,
    /// Some rule that is not followed here paints a background.
    pub(crate) backgrounds_unsure: bool,
}

impl Sheet {
    /// Reads the text of one `style` element.
    pub(crate) fn read(&mut self, css: &str) {
        self.octets = self.octets.saturating_add(css.len());
        if self.octets > MAX_OCTETS {
            return;
        }
        self.read_rules(&plain_sheet(css), true);
    }

    fn read_rules(&mut self, css: &str, outermost: bool) {
        let mut rest = css;
        while let Some(open) = rest.find(['{', ';']) {
            let Some((prelude, block)) = rest.split_at_checked(open) else {
                return;
            };
            let prelude = prelude.trim();
            if let Some(after) = block.strip_prefix(';') {
                rest = after;
                continue;
            }
            let block = block.strip_prefix('{').unwrap_or_default();
            let close = block_end(block);
            let (body, after) = block.split_at_checked(close).unwrap_or((block, ""));
            rest = after.strip_prefix('}').unwrap_or(after);
            match prelude.strip_prefix('@') {
                None => self.add_rule(prelude, body),
                Some(at_rule) if outermost && holds_on_any_screen(at_rule) => {
                    self.read_rules(body, false);
                }
                Some(_) => {}
            }
        }
    }

    /// What the rules say of an element: (usual, important) declarations.
    pub(crate) fn style_of(&self, tag: Tag, id: &str, class: &str) -> (Style, Style) {
        let mut declared = Rule::default();
        if self.rules == 0 {
            return (declared.usual, declared.important);
        }
        if let Some((_, rule)) = self.elements.iter().find(|(of, _)| *of == tag) {
            declared = *rule;
        }
        for name in class.split_ascii_whitespace().take(MAX_CLASSES) {
            declared = declared.overridden_by(rule_of(&self.classes, name, tag));
        }
        if !id.is_empty() {
            declared = declared.overridden_by(rule_of(&self.ids, id, tag));
        }
        (declared.usual, declared.important)
    }

    fn add_rule(&mut self, selectors: &str, body: &str) {
        let (usual, important) = Style::parse_by_weight(body);
        if usual == Style::default() && important == Style::default() {
            return;
        }
        for selector in selectors.split(',') {
            if self.rules >= MAX_RULES {
                return;
            }
            let Some((element, kind, name)) = simple_selector(selector.trim()) else {
                self.backgrounds_unsure |= paints(usual) || paints(important);
                continue;
            };
            let only = match element {
                "" | "*" => None,
                element => match Tag::from_name(element.as_bytes()) {
                    // What is not told apart by name cannot be selected by it.
                    Tag::Other => continue,
                    tag => Some(tag),
                },
            };
            let rule = Rule { usual, important };
            let rules = match kind {
                Some('.') => self.classes.entry(name.to_owned()).or_default(),
                Some(_) => self.ids.entry(name.to_owned()).or_default(),
                None => {
                    self.add_element_rule(only, rule);
                    continue;
                }
            };
            self.rules += usize::from(rules.add(only, rule));
        }
    }

    fn add_element_rule(&mut self, only: Option<Tag>, rule: Rule) {
        let Some(only) = only else {
            return;
        };
        self.rules += 1;
        match self.elements.iter_mut().find(|(of, _)| *of == only) {
            Some((_, known)) => *known = known.overridden_by(rule),
            None => self.elements.push((only, rule)),
        }
    }
}

/// Whether a conditional block is one for screens without further conditions.
fn holds_on_any_screen(at_rule: &str) -> bool {
    at_rule.strip_prefix("media").is_some_and(|media| {
        media.split(',').any(|one| matches!(one.trim(), "" | "all" | "screen" | "only screen"))
    })
}

fn paints(style: Style) -> bool {
    style.background.is_some_and(|b| b != Colour::Transparent)
}

fn rule_of(rules: &BTreeMap<String, Rules>, name: &str, tag: Tag) -> Rule {
    let found = if name.bytes().any(|b| b.is_ascii_uppercase()) {
        rules.get(&name.to_ascii_lowercase())
    } else {
        rules.get(name)
    };
    found.map_or_else(Rule::default, |rules| rules.for_element(tag))
}

/// `element`, `.class`, `element.class` and the same with `#id`; nothing else.
fn simple_selector(selector: &str) -> Option<(&str, Option<char>, &str)> {
    let is_name = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || b >= 0x80)
    };
    let (element, kind, name) = match selector.find(['.', '#']) {
        Some(at) => {
            let (element, rest) = selector.split_at_checked(at)?;
            let mut rest = rest.chars();
            (element, rest.next(), rest.as_str())
        }
        None => (selector, None, ""),
    };
    let element_is_name = element == "*" || is_name(element);
    let complete = kind.is_some() != name.is_empty() && !selector.is_empty();
    (element_is_name && is_name(name) && complete && !(kind.is_none() && element == "*"))
        .then_some((element, kind, name))
}

/// In lower case, without comments, escapes decoded, and without the marks of SGML comments.
/// Names of classes lose their case with it, as they do in documents without a doctype.
fn plain_sheet(css: &str) -> String {
    plain(css).replace("<!--", " ").replace("-->", " ")
}

/// Where the block ends that has just been opened, nested blocks and quoted text passed over.
fn block_end(css: &str) -> usize {
    let mut depth = 0_u32;
    let mut quote = None;
    for (at, byte) in css.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), b) if b == open || b == b'\n' => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{') => depth = depth.saturating_add(1),
            (None, b'}') if depth == 0 => return at,
            (None, b'}') => depth -= 1,
            _ => {}
        }
    }
    css.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(css: &str, tag: Tag, id: &str, class: &str) -> bool {
        let mut sheet = Sheet::default();
        sheet.read(css);
        let (usual, important) = sheet.style_of(tag, id, class);
        usual.overridden_by(important).removes()
    }

    #[test]
    fn the_selectors_that_mail_uses_are_followed() {
        assert!(hides(".x{display:none}", Tag::Div, "", "a x b"));
        assert!(hides("p , .x , a { display : none }", Tag::P, "", ""));
        assert!(hides("#pre{opacity:0}", Tag::Div, "pre", ""));
        assert!(hides("div.x{display:none}", Tag::Div, "", "x"));
        assert!(hides("<!-- .X{DISPLAY:NONE} -->", Tag::Td, "", "X"));
        assert!(hides("@import 'x'; .x{display:none", Tag::Td, "", "x"));
        assert!(hides("a{content:'}'} .x{display:none}", Tag::Td, "", "x"));
        assert!(hides("@media screen{.x{display:none}} .y{}", Tag::Td, "", "x"));
        assert!(hides(".x{display:none!important}.x{display:block}", Tag::Td, "", "x"));
    }

    #[test]
    fn what_applies_elsewhere_or_is_taken_back_hides_nothing() {
        assert!(!hides("div.x{display:none}", Tag::P, "", "x"));
        assert!(!hides(".y{display:none}", Tag::P, "", "x"));
        assert!(!hides("@media print{.x{display:none}}", Tag::P, "", "x"));
        assert!(!hides(".a .x{display:none}", Tag::P, "", "x"));
        assert!(!hides(".x:hover{display:none}", Tag::P, "", "x"));
        assert!(!hides(".x{display:none}.x{display:block}", Tag::P, "", "x"));
    }

    #[test]
    fn broken_and_huge_sheets_end_somewhere() {
        for css in ["{", "}", "{{{{", ".x{", "@", ";", "a{b", "\"", ",,,{}", "/*"] {
            let _ = hides(css, Tag::P, "", "x");
        }
        let rules = ".x{display:none}".repeat(50_000);
        assert!(!hides(&rules, Tag::P, "", "x"), "over the bound nothing is read");
        let many: String = (0..20_000).map(|i| format!(".c{i}{{opacity:0}}")).collect();
        assert!(hides(&many, Tag::P, "", "c1"));
        assert!(!hides(&many, Tag::P, "", "c19999"));
    }
}
