//! The elements that mean something to the first pass, and what HTML says of each: whether it has
//! an end tag, what it closes, how far its end tag reaches.
//!
//! Names follow the tree construction of the WHATWG HTML standard, section 13.2.6.

macro_rules! tags {
    ($($variant:ident $name:literal)*) => {
        /// An element's name. What has no meaning of its own here is [`Tag::Other`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Tag {
            $($variant,)*
            /// An element that is only a run of text to us, such as `span` or `o:p`.
            Other,
        }

        impl Tag {
            /// How many values there are.
            pub(crate) const COUNT: usize = [$($name,)* ""].len();

            /// Reads a name that is in lower case already.
            pub(crate) fn from_name(name: &[u8]) -> Self {
                $(const $variant: &[u8] = $name.as_bytes();)*
                match name {
                    $($variant => Self::$variant,)*
                    _ => Self::Other,
                }
            }
        }
    };
}

#[expect(
    non_upper_case_globals,
    reason = "the macro names a constant for each variant to match on"
)]
mod names {
    tags! {
        A "a" Address "address" Applet "applet" Area "area" Article "article" Aside "aside"
        Audio "audio" B "b" Base "base" Basefont "basefont" Bgsound "bgsound" Big "big"
        Blockquote "blockquote" Body "body" Br "br" Button "button" Canvas "canvas"
        Caption "caption" Center "center" Code "code" Col "col" Colgroup "colgroup"
        Datalist "datalist" Dd "dd" Del "del" Details "details" Dialog "dialog" Dir "dir" Div "div" Dl "dl"
        Dt "dt" Em "em" Embed "embed" Fieldset "fieldset" Figcaption "figcaption"
        Figure "figure" Font "font" Footer "footer" Form "form" Frame "frame"
        Frameset "frameset" H1 "h1" H2 "h2" H3 "h3" H4 "h4" H5 "h5" H6 "h6" Head "head"
        Header "header" Hgroup "hgroup" Hr "hr" Html "html" I "i" Iframe "iframe" Img "img"
        Input "input" Keygen "keygen" Legend "legend" Li "li" Link "link" Listing "listing"
        Main "main" Marquee "marquee" Math "math" Menu "menu" Meta "meta" Meter "meter"
        Nav "nav" Nobr "nobr" Noembed "noembed" Noframes "noframes" Noscript "noscript"
        Object "object" Ol "ol" Optgroup "optgroup" Option "option" P "p" Param "param"
        Plaintext "plaintext" Pre "pre" Progress "progress" Rp "rp" Rt "rt" Ruby "ruby" S "s"
        Script "script" Search "search" Section "section" Select "select" Small "small"
        Source "source" Strike "strike" Strong "strong" Style "style" Summary "summary"
        Sup "sup" Svg "svg" Table "table" Tbody "tbody" Td "td" Template "template"
        Textarea "textarea" Tfoot "tfoot" Th "th" Thead "thead" Title "title" Tr "tr"
        Track "track" Tt "tt" U "u" Ul "ul" Video "video" Wbr "wbr" Xmp "xmp"
    }
}
pub(crate) use names::Tag;

impl Tag {
    /// Has neither content nor an end tag.
    pub(crate) fn is_void(self) -> bool {
        matches!(
            self,
            Self::Area
                | Self::Base
                | Self::Basefont
                | Self::Bgsound
                | Self::Br
                | Self::Col
                | Self::Embed
                | Self::Frame
                | Self::Hr
                | Self::Img
                | Self::Input
                | Self::Keygen
                | Self::Link
                | Self::Meta
                | Self::Param
                | Self::Source
                | Self::Track
                | Self::Wbr
        )
    }

    /// Says something about the document, and no style sheet is about it.
    pub(crate) fn is_metadata(self) -> bool {
        matches!(
            self,
            Self::Base
                | Self::Basefont
                | Self::Bgsound
                | Self::Link
                | Self::Meta
                | Self::Noscript
                | Self::Script
                | Self::Style
                | Self::Title
        )
    }

    /// Formatting elements: they live on when the block around them ends before they do.
    pub(crate) fn is_formatting(self) -> bool {
        matches!(
            self,
            Self::A
                | Self::B
                | Self::Big
                | Self::Code
                | Self::Em
                | Self::Font
                | Self::I
                | Self::Nobr
                | Self::S
                | Self::Small
                | Self::Strike
                | Self::Strong
                | Self::Tt
                | Self::U
        )
    }

    /// Formatting does not live on past the end of these.
    pub(crate) fn is_marker(self) -> bool {
        matches!(
            self,
            Self::Applet
                | Self::Caption
                | Self::Marquee
                | Self::Object
                | Self::Td
                | Self::Template
                | Self::Th
        )
    }

    /// An end tag finds no element beyond these.
    pub(crate) fn bounds_scope(self) -> bool {
        self.is_marker() || matches!(self, Self::Table | Self::Svg | Self::Math)
    }

    /// An element with neither blocks nor other meaning, whose end tag stops at any block.
    pub(crate) fn is_ordinary(self) -> bool {
        matches!(
            self,
            Self::Other
                | Self::Audio
                | Self::Canvas
                | Self::Datalist
                | Self::Del
                | Self::Legend
                | Self::Meter
                | Self::Option
                | Self::Optgroup
                | Self::Progress
                | Self::Rp
                | Self::Rt
                | Self::Ruby
                | Self::Sup
                | Self::Video
        )
    }

    /// A cell of a table.
    pub(crate) fn is_cell(self) -> bool {
        matches!(self, Self::Td | Self::Th | Self::Caption)
    }

    /// Its start ends an open paragraph.
    pub(crate) fn closes_paragraph(self) -> bool {
        self.is_plain_block()
            || self.heading_level().is_some()
            || matches!(
                self,
                Self::Blockquote
                    | Self::Dd
                    | Self::Dir
                    | Self::Dl
                    | Self::Dt
                    | Self::Figure
                    | Self::Hr
                    | Self::Li
                    | Self::Listing
                    | Self::Menu
                    | Self::Ol
                    | Self::P
                    | Self::Plaintext
                    | Self::Pre
                    | Self::Ul
                    | Self::Xmp
            )
    }

    /// A block that only starts and ends a line.
    pub(crate) fn is_plain_block(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Article
                | Self::Aside
                | Self::Center
                | Self::Details
                | Self::Dialog
                | Self::Div
                | Self::Fieldset
                | Self::Figcaption
                | Self::Footer
                | Self::Form
                | Self::Header
                | Self::Hgroup
                | Self::Main
                | Self::Nav
                | Self::Search
                | Self::Section
                | Self::Summary
        )
    }

    /// 1 to 6 for a heading.
    pub(crate) fn heading_level(self) -> Option<u8> {
        Some(match self {
            Self::H1 => 1,
            Self::H2 => 2,
            Self::H3 => 3,
            Self::H4 => 4,
            Self::H5 => 5,
            Self::H6 => 6,
            _ => return None,
        })
    }

    /// A tag that no SVG or MathML holds, so that it ends the drawing (section 13.2.6.5).
    pub(crate) fn ends_foreign_content(self) -> bool {
        (self.closes_paragraph()
            && !matches!(
                self,
                Self::Article
                    | Self::Aside
                    | Self::Details
                    | Self::Dialog
                    | Self::Fieldset
                    | Self::Figcaption
                    | Self::Figure
                    | Self::Footer
                    | Self::Form
                    | Self::Header
                    | Self::Hgroup
                    | Self::Main
                    | Self::Nav
                    | Self::Search
                    | Self::Section
                    | Self::Summary
                    | Self::Plaintext
                    | Self::Xmp
            ))
            || (self.is_formatting() && self != Self::A)
            || matches!(
                self,
                Self::Body
                    | Self::Br
                    | Self::Embed
                    | Self::Head
                    | Self::Img
                    | Self::Meta
                    | Self::Ruby
                    | Self::Sup
                    | Self::Table
            )
    }
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn names_are_told_apart_and_strangers_are_other() {
        assert_eq!(Tag::from_name(b"table"), Tag::Table);
        assert_eq!(Tag::from_name(b"o:p"), Tag::Other);
        assert_eq!(Tag::from_name(b""), Tag::Other);
        assert_eq!(Tag::Other as usize + 1, Tag::COUNT);
    }

    #[test]
    fn no_element_without_content_is_formatting_or_a_scope() {
        for name in ["br", "hr", "img", "input", "meta", "wbr", "embed"] {
            let tag = Tag::from_name(name.as_bytes());
            assert!(tag.is_void(), "{name}");
            assert!(!tag.is_formatting() && !tag.bounds_scope(), "{name}");
        }
    }
}
