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
    /// Nothing where no one said.
    colour: Option<Colour>,
    background: Colour,
    pub(crate) preformatted: bool,
    pub(crate) superscript: bool,
}

impl Seen {
    /// A page of its own: white, and everything to be seen.
    pub(crate) const PAGE: Self = Self {
        removed: false,
        dropped: false,
        invisible: false,
        tiny: false,
        colour: None,
        background: Colour::WHITE,
        preformatted: false,
        superscript: false,
    };

    /// Whether a person sees text here.
    pub(crate) fn is_shown(&self) -> bool {
        let lost = self.colour.is_some_and(|colour| colour.is_lost_on(self.background));
        !(self.removed || self.dropped || self.invisible || self.tiny || lost)
    }

    /// Whether neither text nor lines come of what is in here.
    pub(crate) fn is_gone(&self) -> bool {
        self.removed || self.dropped
    }

    /// Inside an element of `tag` with `style`; `dropped` if its content is never text.
    pub(crate) fn inside(self, tag: Tag, style: &Style, dropped: bool, quirks: bool) -> Self {
        let mut seen = self;
        seen.removed |= style.removes();
        seen.dropped |= dropped;
        match tag {
            // Links have a colour of their own.
            Tag::A => seen.colour = None,
            // Without a doctype, tables do not take on the size of the text around them.
            Tag::Table if quirks => seen.tiny = false,
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
        if let Some(colour) = style.colour {
            seen.colour = Some(colour);
        }
        match style.background {
            None | Some(Colour::Transparent) => {}
            Some(background) => seen.background = background,
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(styles: &[&str]) -> bool {
        styles
            .iter()
            .fold(Seen::PAGE, |seen, css| seen.inside(Tag::Div, &Style::parse(css), false, false))
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
        assert!(shown(&["background:#000"]), "its colour may come from elsewhere");
    }
}
