//! Text of RTF: the HTML or plain text that Outlook wrapped in it ([MS-OXRTFEX]), else what a reader
//! would see of it.
//!
//! Groups are on a stack of our own. Of a document that is RTF itself, pictures, objects, tables of
//! fonts and the like are passed over, hidden text too; the target of a link stands after its text.
//!
//! Layout: `tokens` takes the octets apart, `output` puts characters of several code pages together,
//! this file follows groups and control words.

mod output;
mod tokens;

use std::collections::BTreeMap;

use super::{Body, code_page};
use output::Output;
use tokens::{Token, Tokens};

/// Groups inside one another that are followed; what is deeper is passed over.
pub(super) const MAX_GROUPS: usize = 500;
/// Fonts of one document.
const MAX_FONTS: usize = 2_000;
/// Octets of a field's instruction that are kept.
const MAX_INSTRUCTION: usize = 2_000;
/// Text that is made, in octets.
pub(super) const MAX_OUTPUT: usize = 4 * 1024 * 1024;

/// Destinations that hold no text of the document.
const PASSED_OVER: [&str; 22] = [
    "annotation",
    "bkmkend",
    "bkmkstart",
    "colortbl",
    "datastore",
    "filetbl",
    "footer",
    "footerf",
    "footerl",
    "footerr",
    "header",
    "headerf",
    "headerl",
    "headerr",
    "info",
    "nonshppict",
    "object",
    "pict",
    "revtbl",
    "stylesheet",
    "themedata",
    "xmlnstbl",
];

/// Makes text of RTF, and tells whether some of it was hidden; `None` when the octets are none.
/// `code_page`: what a document is in that does not say so itself.
pub(super) fn read(rtf: &[u8], code_page: u32) -> Option<(Body, bool)> {
    if !rtf.trim_ascii_start().starts_with(b"{\\rtf") {
        return None;
    }
    let mut reader = Reader { code_page, ..Reader::default() };
    for token in Tokens::new(rtf) {
        reader.token(&token);
        if reader.output.is_full() {
            break;
        }
    }
    let decoded = reader.output.finish();
    let is_html = reader.form == Form::Html;
    let body = if is_html { Body::Html(decoded) } else { Body::Plain(decoded) };
    Some((body, reader.has_hidden))
}

/// What the document says that it was made from.
#[derive(Default, PartialEq, Eq)]
enum Form {
    #[default]
    Rtf,
    Plain,
    Html,
}

/// What the text of a group is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Destination {
    #[default]
    Document,
    /// Markup of the HTML that was wrapped.
    HtmlTag,
    Fonts,
    /// What a field is made of, such as a link's target.
    Instruction,
    /// What is shown of a field.
    FieldResult,
    PassedOver,
}

/// What holds until a group ends.
#[derive(Clone, Copy)]
struct Group {
    destination: Destination,
    /// Whether the destination was named in this very group.
    is_first: bool,
    /// Characters that stand for one of Unicode where that is not known.
    stand_ins: u32,
    /// Within what only readers of RTF are to see of wrapped HTML.
    is_rtf_only: bool,
    is_hidden: bool,
    font: Option<i32>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            destination: Destination::Document,
            is_first: false,
            stand_ins: 1,
            is_rtf_only: false,
            is_hidden: false,
            font: None,
        }
    }
}

#[derive(Default)]
struct Reader {
    form: Form,
    group: Group,
    open: Vec<Group>,
    /// Groups over the bound that are open.
    too_deep: usize,
    /// Whether `\*` stood before: an unknown destination is to be passed over.
    is_optional: bool,
    /// Stand-ins that are still to be passed over.
    to_skip: u32,
    code_page: u32,
    default_font: Option<i32>,
    /// The code page of each font, and the font that is being described.
    fonts: BTreeMap<i32, u32>,
    described: i32,
    instruction: Vec<u8>,
    has_hidden: bool,
    output: Output,
}

impl Reader {
    fn token(&mut self, token: &Token<'_>) {
        match token {
            Token::Open => {
                self.to_skip = 0;
                if self.open.len() >= MAX_GROUPS {
                    self.too_deep += 1;
                } else {
                    self.open.push(self.group);
                    self.group.is_first = false;
                }
                self.is_optional = false;
            }
            Token::Close => self.close(),
            _ if self.too_deep > 0 => {}
            Token::Word { name, number } => {
                self.to_skip = 0;
                let is_optional = std::mem::take(&mut self.is_optional);
                self.word(name, *number, is_optional);
            }
            Token::Optional => self.is_optional = true,
            Token::Nothing => {}
            Token::Octet(octet) => {
                if self.to_skip > 0 {
                    self.to_skip -= 1;
                } else {
                    self.octet(*octet);
                }
            }
            Token::Character(c) => {
                if self.to_skip > 0 {
                    self.to_skip -= 1;
                } else {
                    self.character(*c);
                }
            }
        }
    }

    fn close(&mut self) {
        self.to_skip = 0;
        self.is_optional = false;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        if self.group.destination == Destination::FieldResult && self.group.is_first {
            let instruction = std::mem::take(&mut self.instruction);
            if let Some(target) = target(&instruction) {
                self.output.text(&format!(" <{target}>"));
            }
        }
        self.group = self.open.pop().unwrap_or_default();
    }

    fn enter(&mut self, destination: Destination) {
        // What is inside of something passed over is passed over.
        if self.group.destination != Destination::PassedOver {
            self.group.destination = destination;
            self.group.is_first = true;
        }
    }

    fn word(&mut self, name: &str, number: Option<i32>, is_optional: bool) {
        let is_on = number != Some(0);
        match name {
            "htmltag" if is_optional => self.enter(Destination::HtmlTag),
            "fldinst" => {
                self.enter(Destination::Instruction);
                self.instruction.clear();
            }
            "fldrslt" => self.enter(Destination::FieldResult),
            "fonttbl" => self.enter(Destination::Fonts),
            "shptxt" => {}
            _ if is_optional || PASSED_OVER.contains(&name) => self.enter(Destination::PassedOver),
            "fromhtml" if is_on => self.form = Form::Html,
            "fromtext" => self.form = Form::Plain,
            "htmlrtf" => self.group.is_rtf_only = is_on,
            "ansicpg" => {
                let page = number.and_then(|n| n.try_into().ok());
                self.code_page = page.filter(|page| *page > 0).unwrap_or(self.code_page);
            }
            "deff" => self.default_font = number,
            "f" if self.group.destination == Destination::Fonts => {
                self.described = number.unwrap_or_default();
            }
            "f" => self.group.font = number,
            "fcharset" => {
                let page = code_page::of_font_charset(number.unwrap_or_default());
                if let Some(page) = page.filter(|_| self.fonts.len() < MAX_FONTS) {
                    self.fonts.insert(self.described, page);
                }
            }
            "uc" => self.group.stand_ins = number.and_then(|n| n.try_into().ok()).unwrap_or(1),
            "u" => {
                // Numbers are of 16 bits with a sign.
                let [.., high, low] = number.unwrap_or_default().to_be_bytes();
                if self.is_shown() {
                    self.output.unit(u16::from_be_bytes([high, low]));
                }
                self.to_skip = self.group.stand_ins;
            }
            "v" => self.group.is_hidden = is_on,
            "plain" => {
                self.group.is_hidden = false;
                self.group.font = self.default_font;
            }
            _ => {
                if let Some(c) = character_of(name) {
                    self.character(c);
                }
            }
        }
    }

    /// Whether the text of this place is text of what is read.
    fn is_shown(&self) -> bool {
        let is_html = self.form == Form::Html;
        match self.group.destination {
            Destination::HtmlTag => is_html,
            Destination::Document | Destination::FieldResult if is_html => !self.group.is_rtf_only,
            Destination::Document | Destination::FieldResult => !self.group.is_hidden,
            Destination::Fonts | Destination::Instruction | Destination::PassedOver => false,
        }
    }

    fn octet(&mut self, octet: u8) {
        if self.group.destination == Destination::Instruction {
            if self.instruction.len() < MAX_INSTRUCTION {
                self.instruction.push(octet);
            }
        } else if self.is_shown() {
            let font = self.group.font.or(self.default_font);
            let of_font = font.and_then(|font| self.fonts.get(&font)).copied();
            // Markup is in the code page of the document.
            let of_font = of_font.filter(|_| self.group.destination != Destination::HtmlTag);
            self.output.octet(octet, of_font.unwrap_or(self.code_page));
        } else {
            let is_text = self.group.destination == Destination::Document;
            self.has_hidden |= is_text && self.group.is_hidden && self.form != Form::Html;
        }
    }

    fn character(&mut self, c: char) {
        if self.is_shown() {
            self.output.character(c);
        }
    }
}

/// The character that a control word stands for.
fn character_of(name: &str) -> Option<char> {
    Some(match name {
        "par" | "line" | "sect" | "page" | "row" | "nestrow" => '\n',
        "tab" | "cell" | "nestcell" => '\t',
        "emdash" => '—',
        "endash" => '–',
        "emspace" | "enspace" | "qmspace" => ' ',
        "bullet" => '•',
        "lquote" => '‘',
        "rquote" => '’',
        "ldblquote" => '“',
        "rdblquote" => '”',
        _ => return None,
    })
}

/// The target of a link by its field's instruction: `HYPERLINK "https://example.jp/"`.
fn target(instruction: &[u8]) -> Option<String> {
    let text = str::from_utf8(instruction).ok()?;
    let after = text.trim_start().strip_prefix("HYPERLINK")?;
    let target = after.split('"').nth(1)?.trim();
    (!target.is_empty() && !after.trim_start().starts_with("\\l")).then(|| target.to_owned())
}

#[cfg(test)]
mod tests;
