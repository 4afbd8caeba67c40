//! Selectors of style sheets, as far as mail uses them (Selectors 4): compounds of an element's name,
//! classes, ids, attributes and their negations, joined by descendant and child combinators.
//!
//! What stands for a state that a mail is never in, such as `:hover`, matches nothing. What is known
//! to CSS but not followed here, such as siblings, matches nothing either, so that text is rather
//! shown than hidden; its rule is told apart, since it may paint a background.

/// Compounds of one selector. Longer ones are not followed.
pub(crate) const MAX_COMPOUNDS: usize = 8;
/// Tests of one compound. Longer ones are not followed.
pub(crate) const MAX_TESTS: usize = 8;
/// Octets of one selector. Longer ones are not followed.
pub(crate) const MAX_OCTETS: usize = 512;

/// How an attribute's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Present,
    Equal,
    Word,
    Prefix,
    Suffix,
    Contains,
    /// The value or the value and a hyphen.
    Language,
}

/// What one simple selector asks of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question<'a> {
    Element(&'a str),
    Class(&'a str),
    Id(&'a str),
    Attribute {
        name: &'a str,
        comparison: Comparison,
        value: &'a str,
    },
    /// The outermost element.
    Root,
}

/// A question, and whether its answer must be no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Test<'a> {
    pub(crate) negated: bool,
    pub(crate) question: Question<'a>,
}

/// What joins a compound to the one to its left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combinator {
    Descendant,
    Child,
}

/// The simple selectors for one element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Compound<'a> {
    pub(crate) tests: Vec<Test<'a>>,
    /// What stands to its left.
    pub(crate) combinator: Option<Combinator>,
}

/// What one selector of a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector<'a> {
    /// Compounds from the right to the left, and the specificity.
    Followed(Vec<Compound<'a>>, u32),
    /// Known, and matches nothing of a mail at rest.
    Never,
    /// Known or too long, and not followed.
    Unfollowed,
    /// Not a selector: its whole rule does not count.
    Broken,
}

/// The selectors of a list, in lower case. Commas within brackets and quotes part nothing.
pub(crate) fn list(selectors: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(selectors);
    std::iter::from_fn(move || {
        let whole = rest?;
        let end = end_of(whole, |b| b == b',');
        let (one, after) = whole.split_at_checked(end).unwrap_or((whole, ""));
        rest = after.strip_prefix(',');
        Some(one.trim())
    })
}

/// Where the first octet outside of brackets and quotes lies for which `is_end` holds.
fn end_of(text: &str, is_end: impl Fn(u8) -> bool) -> usize {
    let (mut quote, mut open) = (None, 0_u32);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(begun), b) if b == begun => quote = None,
            (None, b) if open == 0 && is_end(b) => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[') => open = open.saturating_add(1),
            (None, b')' | b']') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// What stands before `close` and what after, the bracket being open.
fn bracketed(text: &str, close: char) -> Option<(&str, &str)> {
    let end = end_of(text, |b| char::from(b) == close);
    let (inside, rest) = text.split_at_checked(end)?;
    Some((inside, rest.strip_prefix(close)?))
}

/// Reads one selector.
pub(crate) fn read(selector: &str) -> Selector<'_> {
    if selector.len() > MAX_OCTETS {
        return Selector::Unfollowed;
    }
    let mut reader = Reader { rest: selector.trim(), specificity: 0, ending: None };
    let mut compounds = Vec::new();
    let mut combinator = None;
    loop {
        let Some(mut compound) = reader.compound() else {
            return Selector::Broken;
        };
        compound.combinator = combinator;
        let too_long = compounds.len() >= MAX_COMPOUNDS || compound.tests.len() > MAX_TESTS;
        compounds.push(compound);
        if too_long {
            return Selector::Unfollowed;
        }
        let joined = reader.rest.trim_start();
        let spaced = joined.len() < reader.rest.len();
        reader.rest = joined;
        combinator = match joined.bytes().next() {
            None => break,
            Some(b'>') => {
                reader.rest = joined.get(1..).unwrap_or_default().trim_start();
                Some(Combinator::Child)
            }
            Some(b'+' | b'~' | b'|') => return Selector::Unfollowed,
            Some(_) if spaced => Some(Combinator::Descendant),
            Some(_) => return Selector::Broken,
        };
    }
    compounds.reverse();
    match reader.ending {
        Some(ending) => ending,
        None => Selector::Followed(compounds, reader.specificity),
    }
}

/// What the parts of a selector weigh (section 17); more of one kind than fit never carry over.
const ID: u32 = 1 << 20;
const CLASS: u32 = 1 << 10;
const ELEMENT: u32 = 1;

struct Reader<'a> {
    rest: &'a str,
    specificity: u32,
    /// Set by a part for which the selector is not followed.
    ending: Option<Selector<'a>>,
}

/// What comes next in a compound.
enum Next<'a> {
    /// Nothing more of it.
    End,
    /// Something without a test.
    Untested,
    Test(Test<'a>),
}

/// A question whose answer must be yes.
fn ask(question: Question<'_>) -> Next<'_> {
    Next::Test(Test { negated: false, question })
}

impl<'a> Reader<'a> {
    /// One compound; none where there is none.
    fn compound(&mut self) -> Option<Compound<'a>> {
        let mut compound = Compound::default();
        let mut any = self.eat('*');
        if !any && let Some(name) = self.name() {
            self.specificity += ELEMENT;
            compound.tests.push(Test { negated: false, question: Question::Element(name) });
            any = true;
        }
        loop {
            match self.next()? {
                Next::End => return any.then_some(compound),
                Next::Untested => {}
                Next::Test(test) => compound.tests.push(test),
            }
            any = true;
        }
    }

    fn eat(&mut self, c: char) -> bool {
        let after = self.rest.strip_prefix(c);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn name(&mut self) -> Option<&'a str> {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || b >= 0x80;
        let end = self.rest.bytes().position(|b| !is_name(b)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    /// The next simple selector; none where no browser knows it.
    fn next(&mut self) -> Option<Next<'a>> {
        if self.eat('.') {
            self.specificity += CLASS;
            return Some(ask(Question::Class(self.name()?)));
        }
        if self.eat('#') {
            self.specificity += ID;
            return Some(ask(Question::Id(self.name()?)));
        }
        if self.eat('[') {
            self.specificity += CLASS;
            return self.attribute().map(ask);
        }
        if self.eat(':') {
            return self.pseudo();
        }
        Some(Next::End)
    }

    /// After `[`, up to and with `]`.
    fn attribute(&mut self) -> Option<Question<'a>> {
        let (inside, rest) = bracketed(self.rest, ']')?;
        self.rest = rest;
        let Some((before, value)) = inside.split_once('=') else {
            let name = inside.trim();
            let comparison = Comparison::Present;
            return (!name.is_empty()).then_some(Question::Attribute {
                name,
                comparison,
                value: "",
            });
        };
        let (name, comparison) = match before.as_bytes().last() {
            Some(b'~') => (before.strip_suffix('~')?, Comparison::Word),
            Some(b'^') => (before.strip_suffix('^')?, Comparison::Prefix),
            Some(b'$') => (before.strip_suffix('$')?, Comparison::Suffix),
            Some(b'*') => (before.strip_suffix('*')?, Comparison::Contains),
            Some(b'|') => (before.strip_suffix('|')?, Comparison::Language),
            _ => (before, Comparison::Equal),
        };
        let value = value.trim();
        let value = match value.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split(['"', '\'']).next().unwrap_or_default(),
            None => value.strip_suffix(" i").unwrap_or(value).trim(),
        };
        Some(Question::Attribute { name: name.trim(), comparison, value })
    }

    /// After `:`, a pseudo-class or pseudo-element; none where no browser knows it.
    fn pseudo(&mut self) -> Option<Next<'a>> {
        let is_element = self.eat(':');
        let name = self.name()?;
        let mut argument = None;
        if let Some(inside) = self.rest.strip_prefix('(') {
            let (inside, rest) = bracketed(inside, ')')?;
            self.rest = rest;
            argument = Some(inside.trim());
        }
        self.specificity += if is_element { ELEMENT } else { CLASS };
        let ending = match name {
            "root" => return Some(ask(Question::Root)),
            "link" | "any-link" => {
                let comparison = Comparison::Present;
                return Some(ask(Question::Attribute { name: "href", comparison, value: "" }));
            }
            "not" => {
                self.specificity -= CLASS;
                return self.negation(argument?);
            }
            // States that a mail at rest is not in, and text that is none of the document's.
            "hover" | "visited" | "active" | "focus" | "focus-within" | "focus-visible"
            | "target" | "before" | "after" | "first-line" | "first-letter" | "placeholder"
            | "selection" | "marker" | "backdrop" => Selector::Never,
            name if is_element && name.starts_with("-webkit-") => Selector::Never,
            "first-child" | "last-child" | "only-child" | "nth-child" | "nth-last-child"
            | "nth-of-type" | "first-of-type" | "last-of-type" | "only-of-type" | "empty"
            | "checked" | "disabled" | "enabled" | "is" | "where" | "has" | "lang" | "dir"
            | "read-only" | "read-write" | "required" | "optional" | "default" => {
                Selector::Unfollowed
            }
            _ => return None,
        };
        // Once it matches nothing, what else it asks does not matter.
        if self.ending != Some(Selector::Never) {
            self.ending = Some(ending);
        }
        Some(Next::Untested)
    }

    /// `:not()` of one simple selector.
    fn negation(&mut self, inner: &'a str) -> Option<Next<'a>> {
        let mut reader = Reader { rest: inner, specificity: 0, ending: None };
        let compound = reader.compound()?;
        self.specificity += reader.specificity;
        match compound.tests.as_slice() {
            &[only] if reader.rest.is_empty() && reader.ending.is_none() && !only.negated => {
                Some(Next::Test(Test { negated: true, ..only }))
            }
            _ => {
                self.ending.get_or_insert(Selector::Unfollowed);
                Some(Next::Untested)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(selector: &str) -> u32 {
        match read(selector) {
            Selector::Followed(_, specificity) => specificity,
            other => panic!("{selector}: {other:?}"),
        }
    }

    #[test]
    fn selectors_weigh_what_the_standard_says() {
        assert!(weight("#a") > weight(".a.b.c td"));
        assert!(weight("td.a") > weight(".a"));
        assert!(weight(".a") > weight("table tbody tr td"));
        assert_eq!(weight("[class~=x]"), weight(".x"));
        assert_eq!(weight("a:link"), weight("a.x"));
        assert_eq!(weight("p:not(.x)"), weight("p.x"));
        assert_eq!(weight("*"), 0);
    }

    #[test]
    fn compounds_are_read_from_the_right() {
        let Selector::Followed(compounds, _) = read("table.w > tr  td#x[class*='a b']") else {
            panic!("not followed");
        };
        let tests: Vec<usize> = compounds.iter().map(|c| c.tests.len()).collect();
        assert_eq!(tests, [3, 1, 2]);
        let joins: Vec<_> = compounds.iter().map(|c| c.combinator).collect();
        assert_eq!(joins, [Some(Combinator::Descendant), Some(Combinator::Child), None]);
        let value =
            Question::Attribute { name: "class", comparison: Comparison::Contains, value: "a b" };
        assert!(compounds[0].tests.iter().any(|test| test.question == value));
    }

    #[test]
    fn what_matches_nothing_what_is_not_followed_and_what_is_none_are_told_apart() {
        for never in ["a:hover", ".x:hover td", "p::before", "::-webkit-scrollbar", "a:visited"] {
            assert_eq!(read(never), Selector::Never, "{never}");
        }
        for unfollowed in ["u + .x", "a ~ b", "td:first-child", ":not(.a .b)", "li:nth-child(2n+1)"]
        {
            assert_eq!(read(unfollowed), Selector::Unfollowed, "{unfollowed}");
        }
        for broken in
            ["", ".", "#", "a:no-such", "a,b", "[x", "..x", "a:not()", ">", "a >", "1%", "@x"]
        {
            assert_eq!(read(broken), Selector::Broken, "{broken}");
        }
    }

    #[test]
    fn lists_are_parted_outside_of_brackets() {
        let parted: Vec<&str> = list("a, [title='x,y'] ,:not(.a,.b),").collect();
        assert_eq!(parted, ["a", "[title='x,y']", ":not(.a,.b)", ""]);
    }

    #[test]
    fn over_its_bounds_a_selector_is_not_followed() {
        let fits = ["a"; MAX_COMPOUNDS].join(" ");
        assert!(matches!(read(&fits), Selector::Followed(..)));
        assert_eq!(read(&format!("{fits} a")), Selector::Unfollowed);
        let fits = ".a".repeat(MAX_TESTS);
        assert!(matches!(read(&fits), Selector::Followed(..)));
        assert_eq!(read(&format!("{fits}.a")), Selector::Unfollowed);
        assert_eq!(read(&format!(".{}", "a".repeat(MAX_OCTETS))), Selector::Unfollowed);
        assert_eq!(read(&"(".repeat(MAX_OCTETS)), Selector::Broken);
    }
}
