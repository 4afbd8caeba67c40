//! Whether a person sees the text at a place of the document: what the elements around it declare,
//! computed from the outermost inwards.

use crate::colour::Colour;
use crate::style::{FontSize, Style};
use crate::tag::Tag;

/// What text directly inside an element looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent properties, as in CSS")]
pub(crate) struct Seen {
    /// Some element around it is not there at all, whatever is declared further in.
    pub(crate) removed: bool,
    /// It belongs to an element whose content is never text: a script, a form's choices.
    pub(crate) dropped: bool,
    invisible: bool,
    tiny: bool,
    pub(crate) colour: Colour,
    background: Colour,
    pub(crate) preformatted: bool,
    pub(crate) superscript: bool,
    /// It is right inside of a drawing, in which only labels are text.
    unpainted: bool,
}

/// What the whole document says about how an element looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// No doctype says that it follows the standard.
    pub(crate) quirks: bool,
    /// The colour of text right inside of `body`.
    pub(crate) colour: Colour,
}

impl Seen {
    /// A page of its own: white, and everything to be seen.
    pub(crate) const PAGE: Self = Self {
        removed: false,
        dropped: false,
        invisible: false,
        tiny: false,
        colour: Colour::BLACK,
        background: Colour::WHITE,
        preformatted: false,
        superscript: false,
        unpainted: false,
    };

    /// Whether a person sees text here.
    pub(crate) fn is_shown(&self) -> bool {
        let lost = self.colour.is_lost_on(self.background);
        let unseen = self.invisible || self.tiny || self.unpainted || lost;
        !(self.removed || self.dropped || unseen)
    }

    /// Whether neither text nor lines come of what is in here.
    pub(crate) fn is_gone(&self) -> bool {
        self.removed || self.dropped
    }

    /// Inside an element of `tag` with `style`; `dropped` if its content is never text.
    pub(crate) fn inside(self, tag: Tag, style: &Style, dropped: bool, page: Page) -> Self {
        let mut seen = self;
        seen.removed |= style.removes(tag);
        seen.dropped |= dropped;
        match tag {
            // Links have a colour of their own.
            Tag::A => seen.colour = Colour::Unknown,
            // Without a doctype, tables do not take on the size and the colour of the text around
            // them (HTML, section 15.3.11).
            Tag::Table if page.quirks => {
                seen.tiny = false;
                seen.preformatted = false;
                seen.colour = page.colour;
            }
            Tag::Svg => seen.unpainted = true,
            Tag::Math => seen.unpainted = false,
            Tag::Pre | Tag::Listing | Tag::Xmp | Tag::Plaintext => seen.preformatted = true,
            Tag::Sup => seen.superscript = true,
            _ => {}
        }
        if let Some(visible) = style.visible {
            seen.invisible = !visible;
        }
        match style.font_size {
            Some(FontSize::Tiny) => seen.tiny = true,
            Some(FontSize::Readable) => seen.tiny = false,
            Some(FontSize::Parents) | None => {}
        }
        if let Some(preformatted) = style.preformatted {
            seen.preformatted = preformatted;
        }
        match style.colour {
            None => {}
            Some(Colour::Parents) => seen.colour = self.colour,
            Some(colour) => seen.colour = colour,
        }
        if let Some(background) = style.background {
            seen.background = background.over(self.background);
        }
        seen
    }

    /// The same for a label of a drawing.
    pub(crate) fn painted(self) -> Self {
        Self { unpainted: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page { quirks: false, colour: Colour::BLACK };

    fn shown(styles: &[&str]) -> bool {
        styles
            .iter()
            .fold(Seen::PAGE, |seen, css| seen.inside(Tag::Div, &Style::parse(css), false, PAGE))
            .is_shown()
    }

    #[test]
    fn what_is_inherited_can_be_taken_back_and_what_is_removed_cannot() {
        assert!(shown(&["visibility:hidden", "visibility:visible"]));
        assert!(shown(&["font-size:0", "font-size:14px"]));
        assert!(!shown(&["font-size:0", "font-size:2em"]));
        assert!(!shown(&["display:none", "display:block"]));
        assert!(!shown(&["opacity:0", "opacity:1"]));
    }

    #[test]
    fn text_in_the_colour_of_its_background_is_not_seen() {
        assert!(!shown(&["color:#fff"]));
        assert!(!shown(&["color:red;background:red"]));
        assert!(!shown(&["background-color:#003366", "color:#003366"]));
        assert!(!shown(&["color:transparent"]));
        assert!(shown(&["background:#003366", "color:#fff"]));
        assert!(shown(&["background:#003366;color:#fff", "font-weight:bold"]));
        assert!(shown(&["background:url(a.png)", "color:#fff"]));
        assert!(!shown(&["background:#000"]), "text is black where nothing else is said");
        assert!(!shown(&["color:#fff", "background:#000", "background:#fff;color:inherit"]));
    }
}
