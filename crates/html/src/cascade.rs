//! What is declared for an element, by its attributes and by the style sheets around it (CSS Cascade
//! 4, section 6), and for the page.

use crate::attributes::{Attribute, Attributes};
use crate::colour::Colour;
use crate::identity::Identity;
use crate::media::media_holds;
use crate::reduce::Reducer;
use crate::style::{Display, Style};
use crate::tag::Tag;

impl Reducer<'_> {
    /// What the sheets and the attributes of an element declare.
    pub(crate) fn style(&mut self, element: &Identity, attributes: &Attributes) -> Style {
        let tag = element.name.tag;
        let sheets = match tag {
            Tag::Html | Tag::Body => {
                let (_, around) = self.stack.outermost(tag);
                self.sheet.style_of(element, |at| around.filter(|_| at == 0))
            }
            _ => self.sheet.style_of(element, |at| self.stack.around(at)),
        };
        let mut style = attributes.presentation(tag);
        if self.sheet.backgrounds_unsure {
            style.background = style.background.or(Some(Colour::Unknown));
        }
        if self.sheet.colours_unsure {
            style.colour = style.colour.or(Some(Colour::Unknown));
        }
        let inline = attributes.get(Attribute::Style).map(|inline| self.inline_styles.read(inline));
        let weights = [
            sheets.map(|(usual, _)| usual),
            inline.map(|(usual, _)| usual),
            sheets.map(|(_, important)| important),
            inline.map(|(_, important)| important),
        ];
        for stronger in weights.into_iter().flatten() {
            style = style.overridden_by(stronger);
        }
        let class = attributes.get(Attribute::Class).unwrap_or_default();
        if tag == Tag::P && style.tight.is_none() && class.starts_with("Mso") {
            style.tight = Some(true);
        }
        if style.hidden_from_word == Some(true) && tag != Tag::A && !self.hidden_from_word_alone {
            style.display = Some(Display::None);
        }
        style
    }

    /// Whether a style sheet with these attributes is one for a screen.
    pub(crate) fn counts(&self, attributes: &Attributes) -> bool {
        let kind = attributes.get(Attribute::Type).unwrap_or_default();
        let media = attributes.get(Attribute::Media).unwrap_or_default();
        (kind.is_empty() || kind.eq_ignore_ascii_case("text/css"))
            && media_holds(&media.to_ascii_lowercase())
            && !self.has_all_declarations
            && !self.stack.is_open(Tag::Template)
    }

    /// A tag of `html` or `body`: what an earlier one has not declared is added to it. It holds for
    /// the whole page, also for what came before.
    pub(crate) fn start_page(&mut self, tag: Tag, style: Style) {
        if self.has_all_declarations {
            return;
        }
        let [html, body] = &mut self.page;
        let declared = if tag == Tag::Html { html } else { body };
        let added = style.overridden_by(*declared);
        if added != *declared {
            *declared = added;
            self.has_late_declarations |= self.has_elements || !self.writer.document.ops.is_empty();
            self.stack.declare_page(tag, &added);
        }
    }

    /// Takes on what the sheets say of the page before its own tags come, if they do.
    pub(crate) fn declare_page(&mut self) {
        for tag in [Tag::Html, Tag::Body] {
            let (page, around) = self.stack.outermost(tag);
            let sheets = self.sheet.style_of(page, |at| around.filter(|_| at == 0));
            let (usual, important) = sheets.unwrap_or_default();
            let [html, body] = self.page;
            let own = if tag == Tag::Html { html } else { body };
            self.stack.declare_page(tag, &usual.overridden_by(own).overridden_by(important));
        }
    }
}
