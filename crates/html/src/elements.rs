//! What each element does to the open elements and to the document.
//!
//! The rules are those of the WHATWG HTML standard, section 13.2.6.4, as far as they decide what
//! is inside of what; each place says which.

use sekimori_policy::Code;

use crate::attributes::{Attribute, Attributes};
use crate::document::{Block, Span, TableFacts};
use crate::host::first_octets;
use crate::identity::Identity;
use crate::link::Target;
use crate::reduce::{Reducer, is_table_part};
use crate::stack::Name;
use crate::style::{Display, Style};
use crate::tag::Tag;

/// Rows or columns that one cell may cover.
const MAX_SPAN: i64 = 64;
/// Longest label of a button kept, in octets.
const MAX_LABEL: usize = 1_024;

impl Reducer<'_> {
    /// Ends what the start of `tag` ends, and opens what it implies. False if the tag is to be
    /// ignored.
    pub(crate) fn make_room_for(&mut self, tag: Tag) -> bool {
        match tag {
            Tag::Li => self.end_sibling(&[Tag::Li], &[Tag::Ul, Tag::Ol, Tag::Menu, Tag::Dir]),
            Tag::Dd | Tag::Dt => self.end_sibling(&[Tag::Dd, Tag::Dt], &[Tag::Dl]),
            Tag::Option | Tag::Optgroup => self.end_sibling(&[Tag::Option], &[Tag::Select]),
            Tag::Rt | Tag::Rp => self.end_sibling(&[Tag::Rt, Tag::Rp], &[Tag::Ruby]),
            Tag::Input | Tag::Textarea | Tag::Keygen => {
                if let Some(at) = self.stack.in_scope(Tag::Select) {
                    self.pop_to(at);
                }
            }
            Tag::Select => {
                if let Some(at) = self.stack.in_scope(Tag::Select) {
                    // Section 13.2.6.4.16: a second start tag is an end tag.
                    self.pop_to(at);
                    return false;
                }
            }
            Tag::Button => {
                if let Some(at) = self.stack.in_scope(Tag::Button) {
                    self.pop_to(at);
                }
            }
            Tag::A | Tag::Nobr => {
                if let Some(at) = self.stack.in_scope(tag) {
                    self.end_formatting(at);
                }
            }
            Tag::Table => self.make_room_for_table(),
            _ if is_table_part(tag) => return self.make_room_in_table(tag),
            _ => {}
        }
        let in_paragraph = tag.closes_paragraph() || (tag == Tag::Table && !self.stack.is_quirks());
        if in_paragraph && self.stack.is_open(Tag::P) {
            let paragraph = self
                .stack
                .find(|name| name.tag == Tag::P, |tag| tag.bounds_scope() || tag == Tag::Button);
            if let Some(at) = paragraph {
                self.pop_to(at);
            }
        }
        if tag.heading_level().is_some()
            && let Some(top) = self.stack.top()
            && top.name.tag.heading_level().is_some()
        {
            self.pop_to(self.stack.len() - 1);
        }
        true
    }

    /// Ends the open sibling of an element whose end tag is often left out.
    fn end_sibling(&mut self, siblings: &[Tag], parents: &[Tag]) {
        if !siblings.iter().any(|&tag| self.stack.is_open(tag)) {
            return;
        }
        let found = self.stack.find(
            |name| siblings.contains(&name.tag),
            |tag| tag.bounds_scope() || parents.contains(&tag),
        );
        if let Some(at) = found {
            self.pop_to(at);
        }
    }

    /// A table right inside of a table, in no cell, ends it (section 13.2.6.4.9).
    fn make_room_for_table(&mut self) {
        self.pop_all(self.stack.awake_depth());
        if !self.stack.in_cell()
            && let Some(at) = self.stack.table()
        {
            self.pop_to(at);
        }
    }

    /// Sections 13.2.6.4.9 to 13.2.6.4.15. Parts of a table outside of one are ignored.
    fn make_room_in_table(&mut self, tag: Tag) -> bool {
        let Some(table) = self.stack.table() else {
            return false;
        };
        let ended: fn(Tag) -> bool = match tag {
            Tag::Td | Tag::Th => |t| {
                matches!(t, Tag::Td | Tag::Th | Tag::Caption | Tag::Colgroup | Tag::Select)
                    || !is_table_part(t)
            },
            Tag::Tr => |t| !matches!(t, Tag::Tbody | Tag::Thead | Tag::Tfoot),
            _ => |_| true,
        };
        if let Some(at) = self.stack.outermost_in(table, ended) {
            self.pop_all(at);
        }
        let needs_section = matches!(tag, Tag::Td | Tag::Th | Tag::Tr);
        if needs_section && self.stack.outermost_in(table, is_section).is_none() {
            self.imply(Tag::Tbody, None);
        }
        if matches!(tag, Tag::Td | Tag::Th) && self.stack.outermost_in(table, is_row).is_none() {
            self.imply(Tag::Tr, Some(Block::Row));
        }
        true
    }

    /// Opens an element that has no tag of its own.
    fn imply(&mut self, tag: Tag, block: Option<Block>) {
        let identity = Identity::of(Name::of(tag));
        let style = self.style(&identity, &Attributes::default());
        self.push(identity, style, false, block, None);
    }

    /// Counts an element whose content is never text, and says whether it is one.
    pub(crate) fn is_dropped(&mut self, tag: Tag, attributes: &Attributes) -> bool {
        match tag {
            // No program that shows mail runs scripts, so that what is said in place of them is seen.
            Tag::Noscript => self.decisions.add(Code::HtmlScriptDropped),
            // They go; what is said in place of them is seen, as are the labels of drawings.
            Tag::Object | Tag::Applet | Tag::Canvas | Tag::Svg | Tag::Math | Tag::Frameset => {
                self.decisions.add(Code::HtmlObjectDropped);
            }
            Tag::Title | Tag::Rp => return true,
            Tag::Dialog if attributes.has(Attribute::Open) => return false,
            Tag::Button | Tag::Form => self.decisions.add(Code::HtmlFormDropped),
            _ => {}
        }
        let code = dropped_by(tag);
        if let Some(code) = code {
            self.decisions.add(code);
        }
        code.is_some()
    }

    /// The block that an element opens.
    pub(crate) fn block_of(
        &mut self,
        tag: Tag,
        attributes: &Attributes,
        style: &Style,
    ) -> Option<Block> {
        let inline = style.display == Some(Display::Inline);
        let number = |name| attributes.number(name);
        Some(match tag {
            Tag::Table => {
                let seen = self.stack.seen().is_gone() || style.removes(tag);
                if seen {
                    return None;
                }
                Block::Table(self.new_table(attributes))
            }
            Tag::Tr => Block::Row,
            Tag::Td | Tag::Th => {
                let span = |name| {
                    let cells = attributes.number(name).unwrap_or(1).clamp(1, MAX_SPAN);
                    u16::try_from(cells).unwrap_or(1)
                };
                Block::Cell(Span {
                    header: tag == Tag::Th,
                    columns: span(Attribute::Colspan),
                    rows: span(Attribute::Rowspan),
                })
            }
            Tag::Caption => Block::Caption,
            _ if inline => return None,
            Tag::P if style.tight == Some(true) => Block::Division,
            Tag::P | Tag::Dl | Tag::Figure => Block::Paragraph,
            Tag::Blockquote => Block::Quote,
            Tag::Ul | Tag::Menu | Tag::Dir => Block::List(None),
            Tag::Ol => Block::List(Some(number(Attribute::Start).unwrap_or(1))),
            Tag::Li => Block::Item(number(Attribute::Value)),
            Tag::Dd => Block::Description,
            Tag::Pre | Tag::Listing | Tag::Xmp | Tag::Plaintext => Block::Preformatted,
            Tag::Dt | Tag::Legend | Tag::Optgroup => Block::Division,
            _ if tag.is_plain_block() => Block::Division,
            _ => match tag.heading_level() {
                Some(level) => Block::Heading(level),
                None if style.display == Some(Display::Block) => Block::Division,
                None => return None,
            },
        })
    }

    fn new_table(&mut self, attributes: &Attributes) -> usize {
        let role = attributes.get(Attribute::Role).unwrap_or_default().trim();
        let border = attributes.get(Attribute::Border);
        let tables = &mut self.writer.document.tables;
        tables.push(TableFacts {
            declared: border.is_some_and(|border| !border.trim_start().starts_with('0')),
            presentation: ["presentation", "none"]
                .iter()
                .any(|layout| role.eq_ignore_ascii_case(layout)),
            ..TableFacts::default()
        });
        tables.len() - 1
    }

    /// An element without content.
    pub(crate) fn void(&mut self, tag: Tag, attributes: &Attributes, style: &Style) {
        let seen = self.stack.seen().inside(tag, style, false, self.stack.page());
        match tag {
            Tag::Br if !seen.is_gone() => self.writer.line_break(),
            Tag::Hr if !seen.is_gone() => {
                self.mark_table(|facts| facts.complex = true);
                self.writer.rule();
            }
            Tag::Img => self.image(attributes, seen.is_shown()),
            Tag::Input => self.input(attributes, seen.is_shown()),
            Tag::Keygen => self.decisions.add(Code::HtmlFormDropped),
            Tag::Embed | Tag::Frame | Tag::Bgsound => self.decisions.add(Code::HtmlObjectDropped),
            Tag::Link => {
                let rel = attributes.get(Attribute::Rel).unwrap_or_default();
                if rel.to_ascii_lowercase().contains("stylesheet") {
                    self.decisions.add(Code::HtmlStyleDropped);
                }
            }
            Tag::Meta => {
                let kind = attributes.get(Attribute::HttpEquiv).unwrap_or_default();
                if kind.trim().eq_ignore_ascii_case("refresh") {
                    self.decisions.add(Code::LinkNeutralised);
                }
            }
            Tag::Base if self.base.is_none() => {
                let href = attributes.get(Attribute::Href).unwrap_or_default();
                self.base = Target::parse(href, None);
            }
            _ => {}
        }
    }

    /// A field of a form: what stands on a button is shown, and nothing else of it.
    fn input(&mut self, attributes: &Attributes, shown: bool) {
        self.decisions.add(Code::HtmlFormDropped);
        let kind = attributes.get(Attribute::Type).unwrap_or_default().trim();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        let value =
            first_octets(attributes.get(Attribute::Value).unwrap_or_default().trim(), MAX_LABEL);
        if is("image") {
            self.image(attributes, shown);
        } else if shown && !value.is_empty() && (is("submit") || is("button") || is("reset")) {
            self.text(&format!("[{value}]"));
        }
    }

    /// An end tag, within the bounds of the stack.
    pub(crate) fn end_element(&mut self, name: Name) {
        let tag = name.tag;
        match tag {
            Tag::Html | Tag::Body | Tag::Head => {}
            // Sections 13.2.6.4.7: these two end tags stand for elements of their own.
            Tag::Br => {
                if !self.stack.seen().is_gone() {
                    self.writer.line_break();
                }
            }
            Tag::P if self.stack.in_scope(Tag::P).is_none() => {
                if !self.stack.seen().is_gone() {
                    self.writer.open(Block::Paragraph);
                    self.writer.close(Block::Paragraph);
                }
            }
            Tag::Table => {
                if let Some(at) = self.stack.table() {
                    self.pop_to(at);
                }
            }
            _ if is_table_part(tag) => {
                if let Some(table) = self.stack.table()
                    && self.stack.is_open(tag)
                    && let Some(at) =
                        self.stack.find(|name| name.tag == tag, |stop| stop == Tag::Table)
                    && at > table
                {
                    self.pop_to(at);
                }
            }
            Tag::Li => {
                let item = self.stack.find(
                    |name| name.tag == Tag::Li,
                    |stop| stop.bounds_scope() || matches!(stop, Tag::Ul | Tag::Ol),
                );
                if let Some(at) = item {
                    self.pop_to(at);
                }
            }
            _ if tag.heading_level().is_some() => {
                let heading =
                    self.stack.find(|name| name.tag.heading_level().is_some(), Tag::bounds_scope);
                if let Some(at) = heading {
                    self.pop_to(at);
                }
            }
            _ if tag.is_formatting() => {
                if let Some(at) = self.stack.in_scope(tag) {
                    self.end_formatting(at);
                }
            }
            _ if tag.is_ordinary() => self.end_ordinary(name),
            _ => {
                if let Some(at) = self.stack.in_scope(tag) {
                    self.pop_to(at);
                }
            }
        }
    }

    /// Section 13.2.6.4.7, "any other end tag": not across a block.
    fn end_ordinary(&mut self, name: Name) {
        if !self.stack.is_open(name.tag) {
            return;
        }
        let found = self
            .stack
            .find(|open| open == name, |stop| !(stop.is_formatting() || stop.is_ordinary()));
        if let Some(at) = found {
            self.pop_to(at);
        }
    }

    /// The adoption agency (section 13.2.6.4.7) in outline: what began inside goes on, unless it is
    /// an ordinary element with no block around.
    fn end_formatting(&mut self, at: usize) {
        if self.stack.only_inline_above(at) {
            let surviving = self.stack.formatting_that_survives(at + 1);
            self.pop_all(at);
            self.reopen(surviving);
        } else if let Some(frame) = self.stack.remove(at) {
            self.closed(&frame);
        }
    }
}

/// The decision by which the content of an element is left out.
pub(crate) fn dropped_by(tag: Tag) -> Option<Code> {
    Some(match tag {
        Tag::Script | Tag::Template => Code::HtmlScriptDropped,
        Tag::Style => Code::HtmlStyleDropped,
        Tag::Iframe | Tag::Audio | Tag::Video | Tag::Noembed | Tag::Noframes => {
            Code::HtmlObjectDropped
        }
        Tag::Select | Tag::Textarea | Tag::Datalist | Tag::Meter | Tag::Progress => {
            Code::HtmlFormDropped
        }
        Tag::Dialog => Code::HtmlHiddenDropped,
        _ => return None,
    })
}

fn is_section(tag: Tag) -> bool {
    matches!(tag, Tag::Tbody | Tag::Thead | Tag::Tfoot)
}

fn is_row(tag: Tag) -> bool {
    tag == Tag::Tr
}
