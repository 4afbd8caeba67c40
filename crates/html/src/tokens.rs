//! The tokenizer's events, handed on to the first pass without a copy where that can be.

use std::convert::Infallible;

use html5gum::{Emitter, Error, State, Tokenizer};
use sekimori_policy::Code;

use crate::attributes::Attributes;
use crate::doctype::Doctype;
use crate::reduce::Reducer;
use crate::stack::Name;
use crate::tag::Tag;

/// Octets at the start of a comment that are looked at, for what Outlook takes from them.
const COMMENT_HEAD: usize = 64;

/// Runs the tokenizer over a whole document.
pub(crate) fn run(html: &str, reducer: &mut Reducer<'_>) {
    let tokenizer = Tokenizer::new_with_emitter(html, Events::new(reducer, html));
    // Neither tokens nor errors come of it: what there is to do is done on the way.
    let Ok(()) = tokenizer.finish();
    let rest = html.len().saturating_sub(reducer.octets.total());
    reducer.octets.add(rest, Some(Code::HtmlToText));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    End,
}

struct Events<'r, 'o> {
    source: &'r str,
    reducer: &'r mut Reducer<'o>,
    kind: Kind,
    name: Vec<u8>,
    last_start: Vec<u8>,
    attributes: Attributes,
    self_closing: bool,
    comment: Vec<u8>,
    doctype: Doctype,
    /// Text that ended inside of a character: in some states the tokenizer hands the first octet
    /// on by itself.
    partial: Vec<u8>,
    /// Octets of the source that the tokenizer has read, and those of them that are accounted for.
    position: usize,
    accounted: usize,
}

impl<'r, 'o> Events<'r, 'o> {
    fn new(reducer: &'r mut Reducer<'o>, source: &'r str) -> Self {
        Self {
            source,
            reducer,
            kind: Kind::Start,
            name: Vec::new(),
            last_start: Vec::new(),
            attributes: Attributes::default(),
            self_closing: false,
            comment: Vec::new(),
            doctype: Doctype::default(),
            partial: Vec::new(),
            position: 0,
            accounted: 0,
        }
    }

    /// Accounts for what was read since the last time: text that is seen, or left out by a decision.
    fn account(&mut self, dropped: Option<Code>) {
        let end = self.position.clamp(self.accounted, self.source.len());
        self.reducer.octets.add(end - self.accounted, dropped);
        self.accounted = end;
    }

    /// Hands on the whole characters of what has come in pieces.
    fn text_so_far(&mut self) {
        let whole = match std::str::from_utf8(&self.partial) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        if let Some(Ok(text)) = self.partial.get(..whole).map(std::str::from_utf8) {
            let dropped = self.reducer.text(text);
            self.account(dropped);
        }
        self.partial.drain(..whole);
    }
}

/// Octets that lie in `source` as its text, which need no look to see that they are UTF-8.
fn part_of<'s>(source: &'s str, octets: &[u8]) -> Option<&'s str> {
    let start = octets.as_ptr().addr().checked_sub(source.as_ptr().addr())?;
    source.get(start..start.checked_add(octets.len())?)
}

/// How the tokenizer reads what follows a start tag.
fn state_after(tag: Tag) -> Option<State> {
    match tag {
        Tag::Title | Tag::Textarea => Some(State::RcData),
        Tag::Style | Tag::Xmp | Tag::Iframe | Tag::Noembed | Tag::Noframes => Some(State::RawText),
        Tag::Script => Some(State::ScriptData),
        Tag::Plaintext => Some(State::PlainText),
        _ => None,
    }
}

impl Emitter for Events<'_, '_> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start.clear();
        self.last_start.extend(last_start_tag.unwrap_or_default());
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    #[inline]
    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, octets: &[u8]) {
        if self.partial.is_empty()
            && let Some(text) = part_of(self.source, octets).or_else(|| str::from_utf8(octets).ok())
        {
            let dropped = self.reducer.text(text);
            self.account(dropped);
            return;
        }
        self.partial.extend(octets);
        self.text_so_far();
    }

    fn init_start_tag(&mut self) {
        self.kind = Kind::Start;
        self.name.clear();
        self.attributes.clear();
        self.self_closing = false;
    }

    fn init_end_tag(&mut self) {
        self.kind = Kind::End;
        self.name.clear();
        self.attributes.clear();
    }

    fn init_comment(&mut self) {
        self.comment.clear();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.account(Some(Code::HtmlToText));
        let name = Name::read(&self.name);
        match self.kind {
            Kind::End => {
                self.reducer.end(name);
                None
            }
            Kind::Start => {
                self.attributes.finish();
                let in_drawing = self.reducer.is_in_drawing();
                self.reducer.start(name, &self.attributes, self.self_closing);
                std::mem::swap(&mut self.last_start, &mut self.name);
                // A tag that ended the drawing is read as any other.
                let in_drawing = in_drawing && self.reducer.is_in_drawing();
                if in_drawing { None } else { state_after(name.tag) }
            }
        }
    }

    fn emit_current_comment(&mut self) {
        self.account(Some(Code::HtmlCommentDropped));
        self.reducer.comment(&self.comment);
    }

    fn emit_current_doctype(&mut self) {
        self.account(Some(Code::HtmlToText));
        self.reducer.doctype(&self.doctype);
    }

    fn set_self_closing(&mut self) {
        self.self_closing = true;
    }

    fn set_force_quirks(&mut self) {
        self.doctype.is_broken = true;
    }

    fn push_tag_name(&mut self, octets: &[u8]) {
        self.name.extend(octets);
    }

    fn push_comment(&mut self, octets: &[u8]) {
        let room = COMMENT_HEAD.saturating_sub(self.comment.len());
        self.comment.extend_from_slice(octets.get(..room).unwrap_or(octets));
    }

    fn push_doctype_name(&mut self, octets: &[u8]) {
        Doctype::add(&mut self.doctype.name, octets);
    }

    fn init_doctype(&mut self) {
        self.doctype = Doctype::default();
    }

    fn init_attribute(&mut self) {
        self.attributes.begin();
    }

    fn push_attribute_name(&mut self, octets: &[u8]) {
        self.attributes.push_name(octets);
    }

    fn push_attribute_value(&mut self, octets: &[u8]) {
        self.attributes.push_value(octets);
    }

    fn set_doctype_public_identifier(&mut self, octets: &[u8]) {
        self.doctype.public.clear();
        Doctype::add(&mut self.doctype.public, octets);
    }

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {
        self.doctype.has_system = true;
    }

    fn push_doctype_public_identifier(&mut self, octets: &[u8]) {
        Doctype::add(&mut self.doctype.public, octets);
    }

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.kind == Kind::End && !self.name.is_empty() && self.name == self.last_start
    }

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.reducer.is_in_drawing()
    }
}
