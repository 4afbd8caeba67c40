//! The open elements, bounded in number, and which of them an end tag or an implied end reaches.
//!
//! Follows the tree construction of the WHATWG HTML standard (section 13.2.4.2 for scopes, 13.2.6
//! for the rules) as far as it decides what is inside of what.

use crate::colour::Colour;
use crate::document::Block;
use crate::identity::Identity;
use crate::seen::{Page, Seen};
use crate::style::Style;
use crate::tag::Tag;

/// An element's name: its meaning, and for strangers a number that tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) tag: Tag,
    pub(crate) stranger: u32,
}

impl Name {
    pub(crate) fn of(tag: Tag) -> Self {
        Self { tag, stranger: 0 }
    }

    /// Reads a name in lower case.
    pub(crate) fn read(name: &[u8]) -> Self {
        let tag = Tag::from_name(name);
        let stranger = if tag == Tag::Other { Self::hash(name) } else { 0 };
        Self { tag, stranger }
    }

    /// The number of a stranger (FNV-1a): names that collide only end each other.
    pub(crate) const fn hash(name: &[u8]) -> u32 {
        let mut hash = 0x811c_9dc5_u32;
        let mut rest = name;
        while let Some((byte, after)) = rest.split_first() {
            hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
            rest = after;
        }
        hash
    }
}

/// An open element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) name: Name,
    /// What selectors can ask of it.
    pub(crate) identity: Identity,
    pub(crate) style: Style,
    /// Its content is never text.
    pub(crate) dropped: bool,
    /// What its own text looks like.
    pub(crate) seen: Seen,
    /// The block that it opened in the document.
    pub(crate) block: Option<Block>,
    /// The link that it opened.
    pub(crate) link: Option<usize>,
    /// The bracket that it opened.
    pub(crate) bracket: Option<usize>,
    /// Text in here stands where a table has its text: in a cell or caption, or in no table.
    pub(crate) in_cell: bool,
    /// Formatting that lives on after its block has ended, but that nothing stands in yet: it takes
    /// effect with the next text or inline element, and a table that comes before is not in it.
    pub(crate) dormant: bool,
}

/// The open elements, outermost first.
#[derive(Debug)]
pub(crate) struct Stack {
    frames: Vec<Frame>,
    /// How many of each element are open.
    open: [u32; Tag::COUNT],
    page: Seen,
    /// The colour of text right inside of `body`.
    page_colour: Colour,
    /// `html` and `body`, which are open from the beginning to the end.
    outermost: [Identity; 2],
    quirks: bool,
}

impl Stack {
    pub(crate) fn new() -> Self {
        let outermost = [Tag::Html, Tag::Body].map(|tag| Identity::of(Name::of(tag)));
        let frames = Vec::new();
        Self {
            frames,
            open: [0; Tag::COUNT],
            page: Seen::PAGE,
            page_colour: Colour::BLACK,
            outermost,
            quirks: true,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    pub(crate) fn top(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// The outermost element around this place whose content is never text.
    pub(crate) fn dropping(&self) -> Option<Tag> {
        self.frames.iter().find(|frame| frame.dropped).map(|frame| frame.name.tag)
    }

    /// What text at this place looks like.
    pub(crate) fn seen(&self) -> Seen {
        self.frames.last().map_or(self.page, |frame| frame.seen)
    }

    /// Whether this place is in a cell, a caption, or in no table.
    pub(crate) fn in_cell(&self) -> bool {
        self.frames.last().is_none_or(|frame| frame.in_cell)
    }

    /// What content between a table's cells looks like: a browser puts it before the table.
    pub(crate) fn seen_before_table(&self) -> Seen {
        let table = self.frames.iter().rposition(|f| f.name.tag == Tag::Table);
        let before = table.and_then(|at| at.checked_sub(1));
        before.and_then(|at| self.frames.get(at)).map_or(self.page, |frame| frame.seen)
    }

    /// The open elements from the innermost outwards, `body` and `html` at last.
    pub(crate) fn around(&self, at: usize) -> Option<&Identity> {
        match self.frames.len().checked_sub(at + 1) {
            Some(inner) => self.frames.get(inner).map(|frame| &frame.identity),
            None => self.outermost.iter().rev().nth(at - self.frames.len()),
        }
    }

    /// `html` or `body`, and what is around it.
    pub(crate) fn outermost(&self, tag: Tag) -> (&Identity, Option<&Identity>) {
        let [html, body] = &self.outermost;
        if tag == Tag::Html { (html, None) } else { (body, Some(html)) }
    }

    /// Takes on what selectors can ask of `html` or `body`.
    pub(crate) fn identify_page(&mut self, identity: Identity) {
        let [html, body] = &mut self.outermost;
        *(if identity.name.tag == Tag::Html { html } else { body }) = identity;
    }

    /// Takes on what `html` or `body` declares for the page.
    pub(crate) fn declare_page(&mut self, tag: Tag, style: &Style) {
        self.page = self.page.inside(tag, style, false, self.page());
        self.page_colour = self.page.colour;
        self.recompute_from(0);
    }

    /// A doctype was seen before any content.
    pub(crate) fn declare_standards_mode(&mut self) {
        self.quirks = false;
    }

    pub(crate) fn is_quirks(&self) -> bool {
        self.quirks
    }

    /// What the document says about how an element looks.
    pub(crate) fn page(&self) -> Page {
        Page { quirks: self.quirks, colour: self.page_colour }
    }

    pub(crate) fn push(&mut self, frame: Frame) {
        self.count(frame.name.tag, true);
        self.frames.push(frame);
    }

    /// Takes the innermost element off if it lies at `depth` or deeper.
    pub(crate) fn pop_above(&mut self, depth: usize) -> Option<Frame> {
        if self.frames.len() <= depth {
            return None;
        }
        let frame = self.frames.pop()?;
        self.count(frame.name.tag, false);
        Some(frame)
    }

    /// Something stands in the formatting that lives on.
    pub(crate) fn wake(&mut self) {
        for frame in self.frames.iter_mut().rev().take_while(|frame| frame.dormant) {
            frame.dormant = false;
        }
    }

    /// Where the dormant formatting at the top begins.
    pub(crate) fn awake_depth(&self) -> usize {
        let dormant = self.frames.iter().rev().take_while(|frame| frame.dormant).count();
        self.frames.len() - dormant
    }

    /// Takes the element at `at` out of the middle; those inside stay open.
    pub(crate) fn remove(&mut self, at: usize) -> Option<Frame> {
        if at >= self.frames.len() {
            return None;
        }
        let frame = self.frames.remove(at);
        self.count(frame.name.tag, false);
        self.recompute_from(at);
        Some(frame)
    }

    /// Formatting in the range from `at` inwards that lives on when everything there ends.
    pub(crate) fn formatting_that_survives(&self, at: usize) -> Vec<Frame> {
        self.frames
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(|frame| !frame.name.tag.is_marker())
            .filter(|frame| frame.name.tag.is_formatting() && frame.style != Style::default())
            .copied()
            .collect()
    }

    pub(crate) fn is_open(&self, tag: Tag) -> bool {
        self.open.get(tag as usize).is_some_and(|&count| count > 0)
    }

    /// The innermost element for which `is_it` holds, none of `stops` between.
    pub(crate) fn find(
        &self,
        is_it: impl Fn(Name) -> bool,
        stops: impl Fn(Tag) -> bool,
    ) -> Option<usize> {
        for (at, frame) in self.frames.iter().enumerate().rev() {
            if is_it(frame.name) {
                return Some(at);
            }
            if stops(frame.name.tag) {
                return None;
            }
        }
        None
    }

    /// The innermost element of this name that an end tag reaches.
    pub(crate) fn in_scope(&self, tag: Tag) -> Option<usize> {
        if !self.is_open(tag) {
            return None;
        }
        self.find(|name| name.tag == tag, Tag::bounds_scope)
    }

    /// The innermost open table.
    pub(crate) fn table(&self) -> Option<usize> {
        if !self.is_open(Tag::Table) {
            return None;
        }
        self.find(|name| name.tag == Tag::Table, |_| false)
    }

    /// The outermost element inside of `table` for which `is_it` holds.
    pub(crate) fn outermost_in(&self, table: usize, is_it: impl Fn(Tag) -> bool) -> Option<usize> {
        let inside = self.frames.get(table + 1..)?;
        let at = inside.iter().position(|frame| is_it(frame.name.tag))?;
        Some(table + 1 + at)
    }

    /// Whether only formatting and ordinary elements lie inside of the one at `at`.
    pub(crate) fn only_inline_above(&self, at: usize) -> bool {
        self.frames
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .all(|f| f.name.tag.is_formatting() || f.name.tag.is_ordinary())
    }

    fn count(&mut self, tag: Tag, more: bool) {
        if let Some(count) = self.open.get_mut(tag as usize) {
            *count = if more { *count + 1 } else { count.saturating_sub(1) };
        }
    }

    fn recompute_from(&mut self, at: usize) {
        let before = at.checked_sub(1).and_then(|before| self.frames.get(before));
        let mut seen = before.map_or(self.page, |frame| frame.seen);
        let page = self.page();
        for frame in self.frames.iter_mut().skip(at) {
            seen = seen.inside(frame.name.tag, &frame.style, frame.dropped, page);
            frame.seen = seen;
        }
    }
}
