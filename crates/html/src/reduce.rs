//! The first pass: which text a person would see, in which blocks, and what is dropped.
//!
//! It follows the tags of the tokenizer with a bounded stack of open elements, works out for each
//! place whether text is seen there, and writes what is left into a [`Document`]. Nothing of the
//! markup itself lives on in it.

use sekimori_policy::{Code, Decisions};

use crate::attributes::{Attribute, Attributes};
use crate::bracket::Bracket;
use crate::doctype::Doctype;
use crate::document::{Block, Document, TableFacts, Writer};
use crate::identity::Identity;
use crate::inline_styles::InlineStyles;
use crate::link::Target;
use crate::numbered::Numbered;
use crate::overflow::Overflow;
use crate::sheet::Sheet;
use crate::source_octets::SourceOctets;
use crate::stack::{Frame, Name, Stack};
use crate::style::{Display, Style};
use crate::tag::Tag;
use crate::words::Words;
use crate::{HtmlError, MAX_TAGS, Options};

/// What the first pass leaves.
#[derive(Debug)]
pub(crate) struct Reduced {
    pub(crate) document: Document,
    pub(crate) decisions: Decisions,
    pub(crate) title: Option<String>,
    pub(crate) octets: SourceOctets,
}

/// Reads the events of the tokenizer one by one.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent findings, not states")]
pub(crate) struct Reducer<'o> {
    pub(crate) options: &'o Options,
    pub(crate) words: Words,
    pub(crate) writer: Writer,
    pub(crate) decisions: Decisions,
    pub(crate) stack: Stack,
    pub(crate) links: Vec<crate::anchor::Anchor>,
    /// The places of those whose end has not come yet, outermost first.
    pub(crate) open_links: Vec<usize>,
    pub(crate) numbered: Numbered,
    pub(crate) base: Option<Target>,
    /// Tables that are open in the document, outermost first.
    pub(crate) tables: Vec<usize>,
    /// Outlook does not see what comes now, other programs do.
    pub(crate) hidden_from_word_alone: bool,
    pub(crate) brackets: Vec<Bracket>,
    /// So many of them are written or will never be.
    pub(crate) brackets_begun: usize,
    max_depth: usize,
    pub(crate) overflow: Overflow,
    pub(crate) sheet: Sheet,
    /// What tags of `html` and of `body` declare.
    pub(crate) page: [Style; 2],
    /// All style sheets of the document are in `sheet` from the beginning, and the page is declared.
    pub(crate) has_all_declarations: bool,
    /// The style sheet that is being read has an effect.
    sheet_counts: bool,
    /// Something came before a style sheet or a tag of the page that says something about it.
    pub(crate) has_late_declarations: bool,
    /// Some element came that style sheets may be about.
    pub(crate) has_elements: bool,
    pub(crate) inline_styles: InlineStyles,
    pub(crate) css: String,
    pub(crate) title: Option<String>,
    pub(crate) tags: usize,
    /// Hidden text was the last text met, and is counted.
    pub(crate) in_hidden_text: bool,
    /// What became of the source so far.
    pub(crate) octets: SourceOctets,
}

impl<'o> Reducer<'o> {
    pub(crate) fn new(options: &'o Options, max_depth: usize) -> Self {
        Self::with(options, max_depth, Sheet::default())
    }

    /// To read a document again whose style sheets came after what they are about, if they did: all
    /// of them are known from the beginning then.
    pub(crate) fn again(&mut self) -> Option<Self> {
        if !self.has_late_declarations || self.tags > MAX_TAGS {
            return None;
        }
        let mut again = Self::with(
            self.options,
            self.max_depth,
            std::mem::take(&mut self.sheet).for_another_reading(),
        );
        again.has_all_declarations = true;
        again.page = self.page;
        again.declare_page();
        Some(again)
    }

    fn with(options: &'o Options, max_depth: usize, sheet: Sheet) -> Self {
        Self {
            options,
            words: Words::of(options.language),
            writer: Writer::default(),
            decisions: Decisions::new(),
            stack: Stack::new(),
            links: Vec::new(),
            open_links: Vec::new(),
            numbered: Numbered::default(),
            base: None,
            tables: Vec::new(),
            hidden_from_word_alone: false,
            brackets: Vec::new(),
            brackets_begun: 0,
            max_depth,
            overflow: Overflow::default(),
            sheet,
            page: [Style::default(); 2],
            has_all_declarations: false,
            sheet_counts: false,
            has_late_declarations: false,
            has_elements: false,
            inline_styles: InlineStyles::default(),
            css: String::new(),
            title: None,
            tags: 0,
            in_hidden_text: false,
            octets: SourceOctets::default(),
        }
    }

    /// Ends the document.
    pub(crate) fn finish(mut self) -> Result<Reduced, HtmlError> {
        if self.tags > MAX_TAGS {
            return Err(HtmlError::TooManyTags { limit: MAX_TAGS });
        }
        self.pop_all(0);
        self.numbered.write(self.words.targets, &mut self.writer);
        self.decisions.add_counted(Code::CharactersRemoved, self.writer.removed);
        let title = self.title.as_deref().and_then(one_line);
        Ok(Reduced {
            document: self.writer.document,
            decisions: self.decisions,
            title,
            octets: self.octets,
        })
    }

    /// A comment, of which `head` is the beginning.
    pub(crate) fn comment(&mut self, head: &[u8]) {
        self.decisions.add(Code::HtmlCommentDropped);
        let contains =
            |words: &[u8]| head.windows(words.len()).any(|w| w.eq_ignore_ascii_case(words));
        if contains(b"[if !mso") {
            self.hidden_from_word_alone = true;
        } else if contains(b"[endif]") {
            self.hidden_from_word_alone = false;
        }
    }

    /// A document type declaration.
    pub(crate) fn doctype(&mut self, doctype: &Doctype) {
        if doctype.is_standard() && self.stack.len() == 0 && self.writer.document.ops.is_empty() {
            self.stack.declare_standards_mode();
        }
    }

    /// A start tag.
    pub(crate) fn start(&mut self, name: Name, attributes: &Attributes, self_closing: bool) {
        self.tags += 1;
        if self.tags > MAX_TAGS {
            return;
        }
        if self.is_in_drawing() {
            if !name.tag.ends_foreign_content() {
                if !self_closing {
                    self.start_in_drawing(name, attributes);
                }
                return;
            }
            self.end_drawing();
        }
        if matches!(name.tag, Tag::Html | Tag::Body | Tag::Head) {
            if name.tag != Tag::Head {
                let identity = self.sheet.identify(name, attributes);
                self.stack.identify_page(identity);
                let style = self.style(&identity, attributes);
                self.start_page(name.tag, style);
            }
            return;
        }
        if self.overflow.is_active() || self.stack.len() >= self.max_depth {
            self.start_in_overflow(name, attributes);
            return;
        }
        if !self.make_room_for(name.tag) {
            return;
        }
        self.has_elements |= !name.tag.is_metadata();
        let identity = self.sheet.identify(name, attributes);
        let style = self.style(&identity, attributes);
        if name.tag.is_void() {
            self.void(name.tag, attributes, &style);
            return;
        }
        if name.tag == Tag::Style {
            self.sheet_counts = self.counts(attributes);
        }
        let dropped = self.is_dropped(name.tag, attributes);
        // Section 13.2.6.4.9: a form between cells has no content.
        if name.tag == Tag::Form && !self.stack.in_cell() {
            return;
        }
        if self_closing && matches!(name.tag, Tag::Svg | Tag::Math) {
            return;
        }
        let block = self.block_of(name.tag, attributes, &style);
        let in_flex = self.stack.top().is_some_and(|f| f.style.display == Some(Display::Flex));
        let block = block.or_else(|| (in_flex && !dropped).then_some(Block::Division));
        let href = (name.tag == Tag::A).then(|| attributes.get(Attribute::Href)).flatten();
        self.push(identity, style, dropped, block, href);
    }

    /// An end tag.
    pub(crate) fn end(&mut self, name: Name) {
        self.tags += 1;
        if self.tags > MAX_TAGS {
            return;
        }
        if self.is_in_drawing() && self.end_in_drawing(name) {
            return;
        }
        if self.overflow.is_active() {
            self.overflow.end(name);
            return;
        }
        self.end_element(name);
    }

    /// Opens an element.
    pub(crate) fn push(
        &mut self,
        identity: Identity,
        style: Style,
        dropped: bool,
        block: Option<Block>,
        href: Option<&str>,
    ) {
        let name = identity.name;
        if self.stack.len() >= self.max_depth {
            return;
        }
        // What is neither in a cell nor a part of the table stands before the table.
        let is_misplaced = !self.stack.in_cell() && !is_table_part(name.tag);
        let parent = if is_misplaced { self.stack.seen_before_table() } else { self.stack.seen() };
        let mut seen = parent.inside(name.tag, &style, dropped, self.stack.page());
        if block == Some(Block::Division) && self.stack.is_open(Tag::Svg) {
            seen = seen.painted();
        }
        let block = block.filter(|_| !seen.is_gone());
        if let Some(block) = block {
            self.open_block(block);
        }
        let link = href.filter(|_| !seen.is_gone()).map(|href| self.open_link(href));
        let bracket = if seen.is_shown() { self.open_bracket(name.tag, &style) } else { None };
        if is_misplaced && !seen.is_gone() {
            self.mark_table(|facts| facts.complex = true);
        }
        let in_cell = match name.tag {
            Tag::Table => false,
            Tag::Td | Tag::Th | Tag::Caption => true,
            _ => is_misplaced || self.stack.in_cell(),
        };
        if block.is_none() {
            self.stack.wake();
        }
        self.stack.push(Frame {
            name,
            identity,
            style,
            dropped,
            seen,
            block,
            link,
            bracket,
            in_cell,
            dormant: false,
        });
    }

    /// Ends every element from `depth` inwards; formatting that lives on is opened again.
    pub(crate) fn pop_to(&mut self, depth: usize) {
        let surviving = self.stack.formatting_that_survives(depth);
        self.pop_all(depth);
        self.reopen(surviving);
    }

    /// Opens formatting again that lives on.
    pub(crate) fn reopen(&mut self, surviving: Vec<Frame>) {
        for frame in surviving {
            let seen = self.stack.seen().inside(
                frame.name.tag,
                &frame.style,
                frame.dropped,
                self.stack.page(),
            );
            let in_cell = self.stack.in_cell();
            let (block, link, bracket) = (None, None, None);
            self.stack.push(Frame { seen, block, link, bracket, in_cell, dormant: true, ..frame });
        }
    }

    /// Ends every element from `depth` inwards.
    pub(crate) fn pop_all(&mut self, depth: usize) {
        while let Some(frame) = self.stack.pop_above(depth) {
            self.closed(&frame);
        }
    }

    /// Writes down the end of an element.
    pub(crate) fn closed(&mut self, frame: &Frame) {
        if let Some(link) = frame.link {
            self.close_link(link);
        }
        if let Some(bracket) = frame.bracket {
            self.close_bracket(bracket);
        }
        if frame.name.tag == Tag::Style {
            let css = std::mem::take(&mut self.css);
            if self.sheet_counts {
                self.sheet.read(&css);
                self.has_late_declarations |= self.has_elements && !self.sheet.is_empty();
                self.declare_page();
            }
        }
        let Some(block) = frame.block else {
            // A block that was hidden by what ended inside of it still ends a line.
            let is_line = frame.name.tag.closes_paragraph() && !frame.seen.is_gone();
            if is_line && frame.style.display != Some(Display::Inline) {
                self.writer.open(Block::Division);
                self.writer.close(Block::Division);
            }
            return;
        };
        self.writer.close(block);
        if let Block::Table(_) = block {
            let end = self.writer.document.ops.len();
            self.mark_table(|facts| facts.end = end);
            self.tables.pop();
        }
    }

    /// Notes something about the innermost open table.
    pub(crate) fn mark_table(&mut self, note: impl FnOnce(&mut TableFacts)) {
        if let Some(facts) =
            self.tables.last().and_then(|&table| self.writer.document.tables.get_mut(table))
        {
            note(facts);
        }
    }

    fn open_block(&mut self, block: Block) {
        match block {
            Block::Table(table) => {
                self.mark_table(|facts| facts.nested = true);
                self.tables.push(table);
            }
            Block::Cell(span) if span.header => self.mark_table(|facts| facts.declared = true),
            Block::Caption => self.mark_table(|facts| facts.declared = true),
            Block::Quote
            | Block::List(_)
            | Block::Item(_)
            | Block::Heading(_)
            | Block::Description
            | Block::Preformatted => self.mark_table(|facts| facts.complex = true),
            Block::Division | Block::Paragraph | Block::Row | Block::Cell(_) => {}
        }
        self.writer.open(block);
    }

    fn start_in_overflow(&mut self, name: Name, attributes: &Attributes) {
        if !self.decisions.contains(Code::HtmlFlattened) {
            self.decisions.add(Code::HtmlFlattened);
        }
        self.has_elements = true;
        let identity = self.sheet.identify(name, attributes);
        let style = self.style(&identity, attributes);
        if name.tag.is_void() {
            if !self.overflow.is_hiding() {
                self.void(name.tag, attributes, &style);
            }
            return;
        }
        let hides = self.is_dropped(name.tag, attributes) || style.removes(name.tag);
        self.overflow.start(name, hides);
        if !self.overflow.is_hiding() && (name.tag.closes_paragraph() || is_table_part(name.tag)) {
            self.writer.open(Block::Division);
            self.writer.close(Block::Division);
        }
    }
}

/// Elements that stand in a table but outside of its cells.
pub(crate) fn is_table_part(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Tr
            | Tag::Td
            | Tag::Th
            | Tag::Tbody
            | Tag::Thead
            | Tag::Tfoot
            | Tag::Caption
            | Tag::Colgroup
    )
}

/// The title as a line of text: blanks and line ends as in any text.
fn one_line(title: &str) -> Option<String> {
    let mut line = Writer::default();
    line.text(title, false);
    let text = line.document.text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
