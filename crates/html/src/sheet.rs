//! The document's own style sheets, as far as mail hides text by them: which rules there are, and
//! what they say of an element (CSS Cascade 4).
//!
//! Rules are found by the id, class or name that the element itself must have. Looking is bounded
//! by the number of tags, however many rules there are: where the bound is met, rules do not count
//! and text is rather shown than hidden.

use std::collections::BTreeMap;

use crate::attributes::{Attribute, Attributes};
use crate::colour::Colour;
use crate::declarations::plain;
use crate::identity::{Identity, Symbol};
use crate::media::{media_holds, supports_holds};
use crate::rule::{Check, Rule, Step};
use crate::selector::{self, Comparison, Compound, Question, Selector};
use crate::stack::Name;
use crate::style::Style;

/// Octets of style sheets read; what comes after has no effect.
const MAX_OCTETS: usize = 512 * 1024;
/// Rules kept, each with one selector; later ones have no effect.
const MAX_RULES: usize = 10_000;
/// Blocks with conditions inside of each other; what is deeper has no effect.
const MAX_CONDITIONS: u32 = 4;
/// Questions about attributes that the rules may ask, as many as a number has bits.
const MAX_QUESTIONS: usize = 64;
/// Octets of an attribute's value that such a question is about.
const MAX_VALUE: usize = 1_024;
/// Classes of one element that are looked up.
const MAX_CLASSES_LOOKED_UP: usize = 32;
/// Elements that may be looked at for the rules of one tag, on the average of all tags so far.
const WORK_A_TAG: u64 = 128;
/// What taking on one rule's declarations counts for.
const WORK_A_MATCH: u64 = 8;
/// The same for the first tags, of which there are not many yet.
const WORK_AT_FIRST: u64 = 50_000;

/// A question about an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AttributeQuestion {
    name: Attribute,
    comparison: Comparison,
    value: String,
}

/// The rules read so far.
#[derive(Debug)]
pub(crate) struct Sheet {
    rules: Vec<Rule>,
    /// Usual and important declarations of each rule, in the order of the document.
    bodies: Vec<(Style, Style)>,
    symbols: BTreeMap<String, Symbol>,
    /// Rules by what the element itself must have, in the order of the document.
    of_class: BTreeMap<Symbol, Vec<usize>>,
    of_id: BTreeMap<Symbol, Vec<usize>>,
    of_element: BTreeMap<Name, Vec<usize>>,
    of_any: Vec<usize>,
    questions: Vec<AttributeQuestion>,
    octets: usize,
    work: u64,
    matched: Vec<(u32, usize)>,
    /// Some rule that is not followed here paints a background.
    pub(crate) backgrounds_unsure: bool,
    /// Some rule that is not followed here colours text.
    pub(crate) colours_unsure: bool,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            bodies: Vec::new(),
            symbols: BTreeMap::new(),
            of_class: BTreeMap::new(),
            of_id: BTreeMap::new(),
            of_element: BTreeMap::new(),
            of_any: Vec::new(),
            questions: Vec::new(),
            octets: 0,
            work: WORK_AT_FIRST,
            matched: Vec::new(),
            backgrounds_unsure: false,
            colours_unsure: false,
        }
    }
}

impl Sheet {
    /// Whether no rule says anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && !self.backgrounds_unsure && !self.colours_unsure
    }

    /// As it is before the first element.
    pub(crate) fn for_another_reading(self) -> Self {
        Self { work: WORK_AT_FIRST, ..self }
    }

    /// Reads the text of one `style` element.
    pub(crate) fn read(&mut self, css: &str) {
        self.octets = self.octets.saturating_add(css.len());
        if self.octets > MAX_OCTETS {
            return;
        }
        self.read_rules(&plain_sheet(css), 0);
    }

    fn read_rules(&mut self, css: &str, conditions: u32) {
        let mut rest = css.trim_start();
        while !rest.is_empty() {
            let is_at_rule = rest.starts_with('@');
            let end = rest.find(|c| c == '{' || (is_at_rule && c == ';'));
            let Some((prelude, block)) = end.and_then(|end| rest.split_at_checked(end)) else {
                return;
            };
            if let Some(after) = block.strip_prefix(';') {
                rest = after.trim_start();
                continue;
            }
            let block = block.strip_prefix('{').unwrap_or_default();
            let (body, after) = block.split_at_checked(block_end(block)).unwrap_or((block, ""));
            rest = after.strip_prefix('}').unwrap_or(after).trim_start();
            match prelude.trim().strip_prefix('@') {
                None => self.add_rule(prelude.trim(), body),
                Some(at_rule) if conditions < MAX_CONDITIONS && holds(at_rule) => {
                    self.read_rules(body, conditions + 1);
                }
                Some(_) => {}
            }
        }
    }

    fn add_rule(&mut self, selectors: &str, body: &str) {
        let (usual, important) = Style::parse_by_weight(body);
        if usual == Style::default() && important == Style::default() {
            return;
        }
        let selectors: Vec<Selector<'_>> =
            selector::list(selectors).take(MAX_RULES).map(selector::read).collect();
        if selectors.contains(&Selector::Broken) {
            return;
        }
        self.bodies.push((usual, important));
        for selector in selectors {
            match selector {
                Selector::Followed(compounds, specificity) => self.add(&compounds, specificity),
                Selector::Unfollowed => {
                    self.backgrounds_unsure |= paints(usual) || paints(important);
                    self.colours_unsure |= usual.colour.or(important.colour).is_some();
                }
                Selector::Never | Selector::Broken => {}
            }
        }
    }

    fn add(&mut self, compounds: &[Compound<'_>], specificity: u32) {
        if self.rules.len() >= MAX_RULES {
            return;
        }
        let mut steps = Vec::with_capacity(compounds.len());
        for compound in compounds {
            let mut checks = Vec::with_capacity(compound.tests.len());
            for test in &compound.tests {
                match self.check(test.question) {
                    Some(check) => checks.push((test.negated, check)),
                    // No element has what cannot be told here.
                    None if test.negated => {}
                    None => return,
                }
            }
            steps.push(Step { checks, combinator: compound.combinator });
        }
        let rule = self.rules.len();
        let own = steps.first().map(|step| step.checks.as_slice()).unwrap_or_default();
        let own = own.iter().filter(|(negated, _)| !negated).map(|(_, check)| *check);
        let weight = |check: &Check| match check {
            Check::Id(_) => 3,
            Check::Class(_) => 2,
            Check::Element(_) => 1,
            Check::Attribute(_) | Check::Root => 0,
        };
        match own.max_by_key(weight) {
            Some(Check::Id(id)) => self.of_id.entry(id).or_default().push(rule),
            Some(Check::Class(class)) => self.of_class.entry(class).or_default().push(rule),
            Some(Check::Element(name)) => self.of_element.entry(name).or_default().push(rule),
            _ => self.of_any.push(rule),
        }
        self.rules.push(Rule { steps, specificity, body: self.bodies.len() - 1 });
    }

    fn check(&mut self, question: Question<'_>) -> Option<Check> {
        Some(match question {
            Question::Element(name) => Check::Element(Name::read(name.as_bytes())),
            Question::Class(name) => Check::Class(self.symbol(name)?),
            Question::Id(name) => Check::Id(self.symbol(name)?),
            Question::Attribute { name, comparison, value } => {
                let name = Attribute::from_name(name.as_bytes())?;
                let question = AttributeQuestion { name, comparison, value: value.to_owned() };
                let known = self.questions.iter().position(|known| *known == question);
                let at = known.unwrap_or(self.questions.len());
                if at >= MAX_QUESTIONS {
                    return None;
                }
                if known.is_none() {
                    self.questions.push(question);
                }
                Check::Attribute(1 << at)
            }
            Question::Root => Check::Root,
        })
    }

    fn symbol(&mut self, name: &str) -> Option<Symbol> {
        if let Some(known) = self.symbols.get(name) {
            return Some(*known);
        }
        let new = Symbol(u16::try_from(self.symbols.len()).ok()?);
        self.symbols.insert(name.to_owned(), new);
        Some(new)
    }

    /// What the rules can ask of an element.
    pub(crate) fn identify(&self, name: Name, attributes: &Attributes) -> Identity {
        let mut identity = Identity::of(name);
        if self.rules.is_empty() {
            return identity;
        }
        if let Some(id) = attributes.get(Attribute::Id) {
            identity.id = self.known(id);
        }
        let class = attributes.get(Attribute::Class).unwrap_or_default();
        for name in class.split_ascii_whitespace().take(MAX_CLASSES_LOOKED_UP) {
            if let Some(class) = self.known(name) {
                identity.add_class(class);
            }
        }
        for (at, question) in self.questions.iter().enumerate() {
            if question.holds(attributes) {
                identity.attributes |= 1 << at;
            }
        }
        identity
    }

    fn known(&self, name: &str) -> Option<Symbol> {
        if name.bytes().any(|b| b.is_ascii_uppercase()) {
            return self.symbols.get(&name.to_ascii_lowercase()).copied();
        }
        self.symbols.get(name).copied()
    }

    /// What the rules say of an element: (usual, important) declarations. `around(0)` is its parent,
    /// and so on outwards.
    pub(crate) fn style_of<'e>(
        &mut self,
        element: &Identity,
        around: impl Fn(usize) -> Option<&'e Identity>,
    ) -> Option<(Style, Style)> {
        if self.rules.is_empty() {
            return None;
        }
        self.work = self.work.saturating_add(WORK_A_TAG);
        let mut matched = std::mem::take(&mut self.matched);
        matched.clear();
        let of_classes =
            element.classes.iter().flatten().filter_map(|class| self.of_class.get(class));
        let found = of_classes
            .chain(element.id.and_then(|id| self.of_id.get(&id)))
            .chain(self.of_element.get(&element.name))
            .chain([&self.of_any])
            .flatten();
        for rule in found.filter_map(|&rule| self.rules.get(rule)) {
            self.work = self.work.saturating_sub(1);
            if rule.matches(element, &around, &mut self.work) {
                matched.push((rule.specificity, rule.body));
                self.work = self.work.saturating_sub(WORK_A_MATCH);
            }
            if self.work == 0 {
                break;
            }
        }
        matched.sort_unstable();
        let bodies = matched.iter().filter_map(|(_, body)| self.bodies.get(*body).copied());
        let style = bodies.reduce(|(usual, important), (own, own_important)| {
            (usual.overridden_by(own), important.overridden_by(own_important))
        });
        self.matched = matched;
        style
    }
}

impl AttributeQuestion {
    fn holds(&self, attributes: &Attributes) -> bool {
        let Some(value) = attributes.get(self.name) else {
            return false;
        };
        let value = crate::host::first_octets(value, MAX_VALUE).to_ascii_lowercase();
        let asked = self.value.as_str();
        match self.comparison {
            Comparison::Present => true,
            Comparison::Equal => value == asked,
            Comparison::Word => value.split_ascii_whitespace().any(|word| word == asked),
            Comparison::Prefix => !asked.is_empty() && value.starts_with(asked),
            Comparison::Suffix => !asked.is_empty() && value.ends_with(asked),
            Comparison::Contains => !asked.is_empty() && value.contains(asked),
            Comparison::Language => value
                .strip_prefix(asked)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        }
    }
}

/// Whether what is inside of an at-rule with a block counts.
fn holds(at_rule: &str) -> bool {
    let end = at_rule.find(|c: char| !(c.is_ascii_alphabetic() || c == '-'));
    let (name, condition) =
        at_rule.split_at_checked(end.unwrap_or(at_rule.len())).unwrap_or(("", ""));
    match name {
        "media" => media_holds(condition.trim()),
        "supports" => supports_holds(condition),
        "layer" => true,
        _ => false,
    }
}

fn paints(style: Style) -> bool {
    style.background.is_some_and(|b| b != Colour::Transparent)
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
mod tests;
