//! What style declarations say about being seen.
//!
//! Only the properties by which mail hides text, and the few that decide where lines end, are
//! read.

use crate::colour::Colour;
use crate::declarations::{Declarations, plain};
use crate::length::{Length, Unit};
use crate::tag::Tag;

/// Font sizes under this many CSS pixels cannot be read by a person.
const SMALLEST_READABLE_PX: f32 = 2.0;
/// Opacity under this cannot be seen.
const LEAST_OPACITY: f32 = 0.02;

/// The `display` property, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    None,
    Block,
    Inline,
    /// Children stand beside each other, each a box of its own.
    Flex,
    /// Tables and their parts, which grow with what they hold.
    Table,
    Other,
}

/// The `position` property, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Usual,
    Relative,
    /// Out of the text around it.
    Away,
}

/// The `font-size` property, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FontSize {
    /// Too small for a person to read.
    Tiny,
    Readable,
    /// As the parent's, or so much larger or smaller.
    Parents,
}

/// Declarations by property; `None` where nothing was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Style {
    pub(crate) display: Option<Display>,
    pub(crate) visible: Option<bool>,
    pub(crate) font_size: Option<FontSize>,
    pub(crate) colour: Option<Colour>,
    pub(crate) background: Option<Colour>,
    /// Whether line breaks of the source are kept.
    pub(crate) preformatted: Option<bool>,
    /// Whether the text is struck through.
    pub(crate) struck: Option<bool>,
    /// Whether paragraphs are set without space between them.
    pub(crate) tight: Option<bool>,
    pub(crate) hidden_from_word: Option<bool>,
    see_through: Option<bool>,
    no_height: Option<bool>,
    no_max_height: Option<bool>,
    no_width: Option<bool>,
    no_max_width: Option<bool>,
    clips_overflow: Option<bool>,
    position: Option<Position>,
    floats: Option<bool>,
    moved_far: Option<bool>,
    shifted_far: Option<bool>,
    indented_far: Option<bool>,
    transformed_away: Option<bool>,
    clipped_away: Option<bool>,
    clipped_if_away: Option<bool>,
}

impl Style {
    /// Reads the declarations of a `style` attribute, important or not.
    #[cfg(test)]
    pub(crate) fn parse(css: &str) -> Self {
        let mut style = Self::default();
        Declarations::new(&plain(css)).for_each(|d| style.declare(d.property, d.value));
        style
    }

    /// Reads the declarations of a `style` attribute or of a rule's block: (usual, important).
    pub(crate) fn parse_by_weight(css: &str) -> (Self, Self) {
        let (mut usual, mut important) = (Self::default(), Self::default());
        for d in Declarations::new(&plain(css)) {
            let target = if d.important { &mut important } else { &mut usual };
            target.declare(d.property, d.value);
        }
        (usual, important)
    }

    /// Takes what `stronger` declares, and keeps the rest.
    pub(crate) fn overridden_by(self, stronger: Self) -> Self {
        Self {
            display: stronger.display.or(self.display),
            visible: stronger.visible.or(self.visible),
            font_size: stronger.font_size.or(self.font_size),
            colour: stronger.colour.or(self.colour),
            background: stronger.background.or(self.background),
            preformatted: stronger.preformatted.or(self.preformatted),
            struck: stronger.struck.or(self.struck),
            tight: stronger.tight.or(self.tight),
            hidden_from_word: stronger.hidden_from_word.or(self.hidden_from_word),
            see_through: stronger.see_through.or(self.see_through),
            no_height: stronger.no_height.or(self.no_height),
            no_max_height: stronger.no_max_height.or(self.no_max_height),
            no_width: stronger.no_width.or(self.no_width),
            no_max_width: stronger.no_max_width.or(self.no_max_width),
            clips_overflow: stronger.clips_overflow.or(self.clips_overflow),
            position: stronger.position.or(self.position),
            floats: stronger.floats.or(self.floats),
            moved_far: stronger.moved_far.or(self.moved_far),
            shifted_far: stronger.shifted_far.or(self.shifted_far),
            indented_far: stronger.indented_far.or(self.indented_far),
            transformed_away: stronger.transformed_away.or(self.transformed_away),
            clipped_away: stronger.clipped_away.or(self.clipped_away),
            clipped_if_away: stronger.clipped_if_away.or(self.clipped_if_away),
        }
    }

    /// Whether nothing inside the element is seen, whatever its descendants declare.
    pub(crate) fn removes(&self, tag: Tag) -> bool {
        let is = |declared: Option<bool>| declared == Some(true);
        let no_box = is(self.no_height)
            || is(self.no_max_height)
            || is(self.no_width)
            || is(self.no_max_width);
        let away = self.position == Some(Position::Away);
        let moves = away || self.position == Some(Position::Relative);
        let is_box = away || is(self.floats) || self.is_block(tag);
        self.display == Some(Display::None)
            || is(self.see_through)
            || (no_box && is(self.clips_overflow) && is_box)
            || (moves && is(self.moved_far))
            || is(self.shifted_far)
            || (is(self.indented_far) && (is_box || tag.is_cell()))
            || (is(self.transformed_away) && (is_box || tag.is_cell()))
            || is(self.clipped_away)
            || (away && is(self.clipped_if_away))
    }

    /// Whether the element is a box whose size and overflow are as declared: text in a line and
    /// parts of tables are none.
    fn is_block(&self, tag: Tag) -> bool {
        match self.display {
            Some(Display::Block | Display::Flex | Display::Other) => true,
            Some(Display::None | Display::Inline | Display::Table) => false,
            None => tag.is_plain_block() || tag.closes_paragraph() || tag == Tag::Marquee,
        }
    }

    /// Takes one declaration in lower case. A value that a browser would not understand changes
    /// nothing.
    fn declare(&mut self, property: &str, value: &str) {
        let is = |keyword: &str| value == keyword;
        let length = || Length::parse(value);
        let no_length = || Some(length().is_some_and(|l| l.number == 0.0));
        let no_size = || Some(length().is_some_and(Length::is_nothing));
        match property {
            "display" => self.display = display(value).or(self.display),
            "visibility" => self.visible = visibility(value).or(self.visible),
            "opacity" => self.see_through = see_through(value).or(self.see_through),
            "filter" => self.see_through = filter_see_through(value).or(self.see_through),
            "font-size" => self.font_size = font_size(value).or(self.font_size),
            "font" => self.font_size = font(value).or(self.font_size),
            "mso-hide" => self.hidden_from_word = Some(is("all") || is("screen")),
            "height" => self.no_height = no_size(),
            "max-height" => self.no_max_height = no_size(),
            "width" => self.no_width = no_size(),
            "max-width" => self.no_max_width = no_size(),
            "overflow" | "overflow-x" | "overflow-y" => {
                self.clips_overflow = Some(!is("visible"));
            }
            "text-indent" => self.indented_far = Some(length().is_some_and(Length::is_far_outside)),
            "margin-left" if length().is_some_and(Length::is_far_outside) => {
                self.shifted_far = Some(true);
            }
            "margin-top" => {
                self.tight = no_length();
                if length().is_some_and(Length::is_far_outside) {
                    self.shifted_far = Some(true);
                }
            }
            "margin" => self.tight = Some(has_no_vertical_margin(value)),
            "position" => self.position = position(value).or(self.position),
            "float" => self.floats = Some(is("left") || is("right")),
            "left" | "top" | "right" | "bottom" if length().is_some_and(Length::is_far) => {
                self.moved_far = Some(true);
            }
            "clip" => self.clipped_if_away = Some(clips_all(value)),
            "clip-path" => self.clipped_away = Some(clips_all(value)),
            "transform" => self.transformed_away = Some(transforms_away(value)),
            "color" => self.colour = Colour::parse(value).or(self.colour),
            "background-color" => self.background = Colour::parse(value).or(self.background),
            "background" => self.background = background(value).or(self.background),
            "background-image" if !is("none") => self.background = Some(Colour::Unknown),
            "text-decoration" | "text-decoration-line" => {
                self.struck = Some(value.contains("line-through"));
            }
            "white-space" => {
                self.preformatted = Some(value.starts_with("pre") || is("break-spaces"));
            }
            _ => {}
        }
    }
}

fn display(value: &str) -> Option<Display> {
    const OTHERS: [&str; 7] =
        ["list-item", "contents", "ruby", "flow", "run-in", "inherit", "unset"];
    match value {
        "none" => Some(Display::None),
        "block" | "flow-root" => Some(Display::Block),
        "inline" | "initial" => Some(Display::Inline),
        // With `inline-` and vendors' prefixes before and parts of tables after.
        _ => {
            let known = value.trim_start_matches("-webkit-").trim_start_matches("-ms-");
            let known = known.trim_start_matches("inline-");
            let begins = |with: &&str| known.starts_with(*with);
            if known.starts_with("table") {
                Some(Display::Table)
            } else if ["flex", "grid"].iter().any(begins) {
                Some(Display::Flex)
            } else {
                let is_known = matches!(known, "block" | "box" | "revert");
                (is_known || OTHERS.iter().any(begins)).then_some(Display::Other)
            }
        }
    }
}

fn position(value: &str) -> Option<Position> {
    match value {
        "absolute" | "fixed" => Some(Position::Away),
        "relative" => Some(Position::Relative),
        "static" | "sticky" | "initial" => Some(Position::Usual),
        _ => None,
    }
}

/// Whether `transform` leaves nothing to see: scaled to nothing, or moved out of the window.
fn transforms_away(value: &str) -> bool {
    value.split(')').filter_map(|function| function.split_once('(')).any(|(name, arguments)| {
        let lengths = || arguments.split(',').filter_map(Length::parse);
        match name.trim() {
            name if name.starts_with("scale") => lengths().take(2).any(|l| l.number == 0.0),
            name if name.starts_with("translate") => lengths().any(Length::is_far),
            _ => false,
        }
    })
}

fn visibility(value: &str) -> Option<bool> {
    match value {
        "visible" | "initial" => Some(true),
        "hidden" | "collapse" => Some(false),
        _ => None,
    }
}

fn see_through(value: &str) -> Option<bool> {
    let number = match value.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f32>().ok()? / 100.0,
        None => value.parse::<f32>().ok()?,
    };
    Some(number < LEAST_OPACITY)
}

fn filter_see_through(value: &str) -> Option<bool> {
    let (_, number) = value.split_once("opacity(")?;
    see_through(number.split(')').next()?.trim())
}

fn font_size(value: &str) -> Option<FontSize> {
    const ABSOLUTE: [&str; 4] = ["small", "medium", "large", "initial"];
    if let Some(length) = Length::parse(value) {
        let is_tiny = match length.unit {
            _ if length.number == 0.0 => true,
            // However small, such sizes are shown at some pixels at least.
            Unit::Relative | Unit::Percent => return Some(FontSize::Parents),
            _ => length.in_pixels() < SMALLEST_READABLE_PX,
        };
        return Some(if is_tiny { FontSize::Tiny } else { FontSize::Readable });
    }
    if matches!(value, "smaller" | "larger" | "inherit" | "unset") {
        return Some(FontSize::Parents);
    }
    let is_absolute = ABSOLUTE.iter().any(|size| value.ends_with(size));
    is_absolute.then_some(FontSize::Readable)
}

/// The size in a `font` shorthand: the first length in it, up to the line height.
fn font(value: &str) -> Option<FontSize> {
    let is_size =
        |part: &&str| Length::parse(part).is_some_and(|l| l.unit != Unit::None || l.number == 0.0);
    value
        .split_ascii_whitespace()
        .map(|part| part.split('/').next().unwrap_or(part))
        .find(is_size)
        .and_then(font_size)
}

fn has_no_vertical_margin(value: &str) -> bool {
    let parts: Vec<&str> = value.split_ascii_whitespace().take(4).collect();
    let zero = |part: &&str| Length::parse(part).is_some_and(|l| l.number == 0.0);
    let bottom = parts.get(2).or_else(|| parts.first());
    parts.first().is_some_and(zero) && bottom.is_some_and(zero)
}

fn clips_all(value: &str) -> bool {
    let Some((shape, arguments)) = value.split_once('(') else {
        return false;
    };
    let numbers: Vec<Length> = arguments
        .trim_end_matches(')')
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .take(4)
        .filter_map(Length::parse)
        .collect();
    match shape.trim() {
        // rect(top, right, bottom, left): nothing where it is at most a pixel wide and high.
        "rect" => numbers.len() == 4 && numbers.iter().all(|l| l.number.abs() <= 1.0),
        "inset" => numbers.first().is_some_and(|l| l.unit == Unit::Percent && l.number >= 50.0),
        "circle" | "ellipse" => numbers.first().is_some_and(|l| l.number == 0.0),
        _ => false,
    }
}

fn background(value: &str) -> Option<Colour> {
    if value.contains("url(") || value.contains("gradient(") {
        return Some(Colour::Unknown);
    }
    let mut parts = value.split_ascii_whitespace();
    Colour::parse(value).or_else(|| parts.find_map(Colour::parse)).or_else(|| {
        // Without a colour there is none; the previous one goes.
        matches!(value, "none" | "0" | "0 0").then_some(Colour::Transparent)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_hiding_that_mail_uses_is_told() {
        for css in [
            "display:none",
            "DISPLAY : None !important",
            "display:/* x */none",
            "display:none;display:bogus",
            "opacity:0;opacity:x",
            "dis\\70lay:none",
            "opacity:0",
            "opacity: 0.0",
            "filter:opacity(0)",
            "height:1px;overflow:hidden",
            "position:relative;left:-3000px",
            "transform:translateX(-9999px)",
            "max-height:0;overflow:hidden",
            "max-height:0px; OVERFLOW: hidden",
            "height:0;width:10px;overflow:hidden",
            "width:0;overflow:hidden",
            "text-indent:-9999px",
            "position:absolute;left:-9999px",
            "position:absolute;top:-100em",
            "position:fixed;left:99999px",
            "margin-left:-9999px",
            "position:absolute;clip:rect(0,0,0,0)",
            "position:absolute;clip:rect(1px 1px 1px 1px)",
            "clip-path:inset(100%)",
            "transform:scale( 0 )",
            "background:url(data:image/png;base64,AA;display:block);display:none",
        ] {
            assert!(Style::parse(css).removes(Tag::Div), "{css}");
        }
    }

    #[test]
    fn what_newsletters_declare_for_visible_text_hides_nothing() {
        for css in [
            "",
            ";;;",
            "display:block",
            "opacity:0.5",
            "opacity:1",
            "max-height:0",
            "overflow:hidden;max-width:600px",
            "height:0",
            "text-indent:1em",
            "text-indent:-1em",
            "left:-9999px",
            "position:absolute;left:0;top:0",
            "margin:0 auto",
            "margin-top:-20px",
            "clip:auto",
            "clip:rect(0,0,0,0)",
            "filter:alpha(opacity=0)",
            "text-indent:-9999px;text-indent:0",
            "content:'display:none'",
            "x-display:none",
            "display:none;display:-webkit-inline-flex",
            "background:url(x;display:none)",
            "transform:scale(0.98)",
        ] {
            assert!(!Style::parse(css).removes(Tag::Div), "{css}");
        }
    }

    #[test]
    fn text_in_a_line_and_cells_are_not_cut_to_a_size() {
        let none = Style::parse("height:0;max-height:0;width:0;overflow:hidden");
        for tag in [Tag::Other, Tag::A, Tag::Font, Tag::Td, Tag::Table] {
            assert!(!none.removes(tag), "{tag:?}");
        }
        for css in ["display:inline-block", "float:left", "position:absolute", "display:block"] {
            let style = none.overridden_by(Style::parse(css));
            assert!(style.removes(Tag::Other), "{css}");
        }
        assert!(!Style::parse("text-indent:-9999px").removes(Tag::Other));
        assert!(Style::parse("text-indent:-9999px").removes(Tag::Td));
    }

    #[test]
    fn font_sizes_are_readable_or_not_or_the_parents() {
        use FontSize::{Parents, Readable, Tiny};
        for (css, size) in [
            ("font-size:0", Some(Tiny)),
            ("font-size:0px", Some(Tiny)),
            ("font-size:0.0em", Some(Tiny)),
            ("font-size:0.01em", Some(Parents)),
            ("font-size:1px", Some(Tiny)),
            ("font-size:12px", Some(Readable)),
            ("font-size:9pt", Some(Readable)),
            ("font-size:medium", Some(Readable)),
            ("font-size:xx-small", Some(Readable)),
            ("font-size:0.9em", Some(Parents)),
            ("font-size:80%", Some(Parents)),
            ("font-size:smaller", Some(Parents)),
            ("font-size:0;font-size:x", Some(Tiny)),
            ("font-size:0;font-size:1em", Some(Parents)),
            ("font:0/0 a", Some(Tiny)),
            ("font:bold 14px/20px Meiryo", Some(Readable)),
        ] {
            assert_eq!(Style::parse(css).font_size, size, "{css}");
        }
    }

    #[test]
    fn the_stronger_declaration_wins_property_by_property() {
        let (usual, important) = Style::parse_by_weight("display:none;color:red!important");
        assert_eq!(usual.display, Some(Display::None));
        assert_eq!(usual.colour, None);
        assert_eq!(important.colour, Some(Colour::Rgb(255, 0, 0)));
        let shown = usual.overridden_by(Style::parse("display:block"));
        assert!(!shown.removes(Tag::Div));
        assert!(usual.overridden_by(Style::parse("color:blue")).removes(Tag::Div));
    }

    #[test]
    fn broken_declarations_end_somewhere() {
        for css in ["a:(((((", "a:'", "\\", "/*", "/", ":", "a", "\\110000 x", "a:b!"] {
            let _ = Style::parse(css);
        }
        let long = "(".repeat(100_000);
        assert!(!Style::parse(&long).removes(Tag::Div));
    }
}
