//! Links and pictures of the document: what a reader is told of them in the text.

use sekimori_policy::{Code, LinkMode, LinkPlacement};

use crate::attributes::{Attribute, Attributes};
use crate::host::first_octets;
use crate::link::Target;
use crate::reduce::Reducer;

/// Longest text in place of a picture, in octets.
const MAX_ALT: usize = 1_024;
/// Pictures of at most this many pixels in a direction are there to count readers or to fill space.
const TRACKING_PIXELS: i64 = 2;

/// A link whose end has not come yet.
#[derive(Debug)]
pub(crate) struct Anchor {
    target: Option<Target>,
    text_from: usize,
    ops_from: usize,
    image: bool,
}

impl Reducer<'_> {
    /// Begins a link; gives its place in the list of links.
    pub(crate) fn open_link(&mut self, href: &str) -> usize {
        if !href.trim_start().starts_with('#') {
            self.decisions.add(Code::LinkNeutralised);
        }
        self.links.push(Anchor {
            target: Target::parse(href, self.base.as_ref()),
            text_from: self.writer.document.text.len(),
            ops_from: self.writer.document.ops.len(),
            image: false,
        });
        let link = self.links.len() - 1;
        self.open_links.push(link);
        link
    }

    /// Ends a link: after its text stands where it leads, or the number of that.
    pub(crate) fn close_link(&mut self, link: usize) {
        let Some(anchor) = self.links.get_mut(link) else {
            return;
        };
        // No more of them than elements are open.
        self.open_links.retain(|&open| open != link);
        let (image, text_from, ops_from) = (anchor.image, anchor.text_from, anchor.ops_from);
        let Some(target) = anchor.target.take() else {
            return;
        };
        let document = &self.writer.document;
        let words = document.text(text_from, document.text.len()).trim();
        if words.is_empty() && !image {
            return;
        }
        let mode = self.options.links;
        let mut addition = String::new();
        if words.is_empty() {
            addition = format!("[{}]", self.words.image);
        }
        if mode != LinkMode::Removed && !target.is_said_by(words) {
            let shown = target.shown(mode);
            addition.push_str(&match self.options.link_placement {
                LinkPlacement::Inline => format!(" <{shown}>"),
                LinkPlacement::Numbered => format!(" [{}]", self.numbered.number_of(shown)),
            });
        }
        if target.is_belied_by(words) {
            addition.push_str(self.words.leads_elsewhere);
            self.decisions.add(Code::LinkHostDiffers);
        }
        if words.is_empty() {
            self.writer.text(&addition, false);
        } else if !addition.is_empty() {
            self.writer.literal_after_text(ops_from, &addition);
        }
    }

    /// A picture: what it shows, if its sender says so in words.
    pub(crate) fn image(&mut self, attributes: &Attributes, shown: bool) {
        self.decisions.add(Code::HtmlImageDropped);
        let tiny = |name| attributes.number(name).is_some_and(|pixels| pixels <= TRACKING_PIXELS);
        if !shown || tiny(Attribute::Width) || tiny(Attribute::Height) {
            return;
        }
        if let Some(anchor) = self.open_links.last().and_then(|&link| self.links.get_mut(link)) {
            anchor.image = true;
        }
        let alt = attributes.get(Attribute::Alt).unwrap_or_default();
        let alt = first_octets(alt.trim(), MAX_ALT);
        if says_something(alt) {
            let words = self.words.image;
            self.text(&format!("[{words}: {alt}]"));
        }
    }
}

/// Whether an alternative text tells a reader anything.
fn says_something(alt: &str) -> bool {
    const EMPTY_WORDS: [&str; 9] =
        ["image", "img", "picture", "spacer", "blank", "pixel", "space", "画像", "イメージ"];
    alt.chars().any(char::is_alphanumeric)
        && !EMPTY_WORDS.iter().any(|word| alt.eq_ignore_ascii_case(word))
}
