//! SVG and MathML, where other rules hold: labels are text, and few tags of HTML end them.

use crate::attributes::Attributes;
use crate::document::Block;
use crate::reduce::Reducer;
use crate::stack::Name;
use crate::tag::Tag;

impl Reducer<'_> {
    /// Whether this place is inside of SVG or MathML, where other rules hold.
    pub(crate) fn is_in_drawing(&self) -> bool {
        self.stack.is_open(Tag::Svg) || self.stack.is_open(Tag::Math)
    }

    /// An element of SVG or MathML: labels are text, descriptions and definitions are not.
    pub(crate) fn start_in_drawing(&mut self, name: Name, attributes: &Attributes) {
        const TEXT: u32 = Name::hash(b"text");
        let identity = self.sheet.identify(name, attributes);
        let style = self.style(&identity, attributes);
        let label = name.stranger == TEXT && self.stack.is_open(Tag::Svg);
        let block = label.then_some(Block::Division);
        self.push(identity, style, never_drawn(name), block, None);
    }

    /// Ends SVG or MathML around this place.
    pub(crate) fn end_drawing(&mut self) {
        while let Some(at) = self.stack.find(is_drawing, |_| false) {
            self.pop_to(at);
        }
    }

    /// An end tag inside of a drawing; false if it has to be read as any other.
    pub(crate) fn end_in_drawing(&mut self, name: Name) -> bool {
        if matches!(name.tag, Tag::P | Tag::Br) {
            self.end_drawing();
            return false;
        }
        let root = self.stack.find(is_drawing, |_| false);
        let found = self.stack.find(|open| open == name, |_| false);
        match (root, found) {
            (Some(root), Some(at)) if at >= root => {
                self.pop_to(at);
                true
            }
            _ => false,
        }
    }
}

/// Elements of drawings that are there for what they say of it, or to be used elsewhere.
fn never_drawn(name: Name) -> bool {
    const NEVER: [u32; 10] = [
        Name::hash(b"annotation"),
        Name::hash(b"annotation-xml"),
        Name::hash(b"clippath"),
        Name::hash(b"defs"),
        Name::hash(b"desc"),
        Name::hash(b"marker"),
        Name::hash(b"mask"),
        Name::hash(b"metadata"),
        Name::hash(b"pattern"),
        Name::hash(b"symbol"),
    ];
    matches!(name.tag, Tag::Title | Tag::Script | Tag::Style) || NEVER.contains(&name.stranger)
}

fn is_drawing(name: Name) -> bool {
    matches!(name.tag, Tag::Svg | Tag::Math)
}
