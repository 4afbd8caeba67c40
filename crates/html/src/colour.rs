//! Colours, as far as telling text from its background needs them (CSS Color 4, and the older
//! rules of HTML attributes for what has no `#`).

/// How far each channel may be off for two colours to look the same to a person.
const SAME_WITHIN: u8 = 9;
/// Alpha under this, of 255, paints nothing that a person sees.
const LEAST_ALPHA: u8 = 13;

/// What a colour value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// An opaque colour.
    Rgb(u8, u8, u8),
    /// A colour that what is behind it shines through, with its alpha.
    Veil(u8, u8, u8, u8),
    /// Nothing is painted.
    Transparent,
    /// The same as the parent's.
    Parents,
    /// Something that is not followed here: a gradient, a picture, a variable.
    Unknown,
}

impl Colour {
    pub(crate) const WHITE: Self = Self::Rgb(255, 255, 255);
    pub(crate) const BLACK: Self = Self::Rgb(0, 0, 0);

    /// Reads one colour value of a style sheet; nothing for what is none.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if let Some(hex) = value.strip_prefix('#') {
            return from_hex(hex);
        }
        if let Some((name, arguments)) = value.split_once('(') {
            let arguments = arguments.split(')').next().unwrap_or(arguments);
            return match name.trim().to_ascii_lowercase().as_str() {
                "rgb" | "rgba" => from_function(arguments),
                "hsl" | "hsla" => from_hue(arguments),
                "var" | "color" | "color-mix" | "lab" | "lch" | "oklab" | "oklch" | "hwb"
                | "light-dark" => Some(Self::Unknown),
                _ => None,
            };
        }
        keyword(value).or_else(|| named(value)).or_else(|| {
            // Without a doctype the sign may be missing.
            from_hex(value).filter(|_| matches!(value.len(), 3 | 6))
        })
    }

    /// Reads a colour attribute (HTML, section 2.3.6, "rules for parsing a legacy color value"):
    /// whatever is there is some colour.
    pub(crate) fn parse_attribute(value: &str) -> Option<Self> {
        let value = value.trim();
        if value.is_empty() || value.eq_ignore_ascii_case("transparent") {
            return None;
        }
        if let Some(named) = named(value) {
            return Some(named);
        }
        if value.len() == 4
            && let Some(short) = value.strip_prefix('#').and_then(from_hex)
        {
            return Some(short);
        }
        let value = value.strip_prefix('#').unwrap_or(value);
        let mut digits: Vec<u8> = value
            .chars()
            .take(128)
            .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0))
            .collect();
        while digits.is_empty() || !digits.len().is_multiple_of(3) {
            digits.push(0);
        }
        let length = digits.len() / 3;
        let mut channels: Vec<&[u8]> =
            digits.chunks(length).map(|c| c.get(length.saturating_sub(8)..).unwrap_or(c)).collect();
        while channels.iter().all(|c| c.len() > 2 && c.first() == Some(&0)) {
            channels = channels.iter().filter_map(|c| c.get(1..)).collect();
        }
        let channel = |at: usize| match channels.get(at).copied().unwrap_or_default() {
            [one] => *one,
            [high, low, ..] => high * 16 + low,
            [] => 0,
        };
        Some(Self::Rgb(channel(0), channel(1), channel(2)))
    }

    /// This colour painted over another.
    pub(crate) fn over(self, under: Self) -> Self {
        match (self, under) {
            (Self::Transparent | Self::Parents, _) => under,
            (Self::Veil(r, g, b, alpha), Self::Rgb(r2, g2, b2)) => {
                let mix = |top: u8, bottom: u8| {
                    let (top, bottom, alpha) =
                        (u32::from(top), u32::from(bottom), u32::from(alpha));
                    u8::try_from((top * alpha + bottom * (255 - alpha)) / 255).unwrap_or(u8::MAX)
                };
                Self::Rgb(mix(r, r2), mix(g, g2), mix(b, b2))
            }
            (Self::Veil(..), _) => Self::Unknown,
            (opaque, _) => opaque,
        }
    }

    /// Whether text of this colour cannot be made out on `background`.
    pub(crate) fn is_lost_on(self, background: Self) -> bool {
        if self == Self::Transparent {
            return true;
        }
        match (self.over(background), background) {
            (Self::Rgb(r, g, b), Self::Rgb(r2, g2, b2)) => {
                r.abs_diff(r2).max(g.abs_diff(g2)).max(b.abs_diff(b2)) <= SAME_WITHIN
            }
            _ => false,
        }
    }

    fn with_alpha(self, alpha: u8) -> Self {
        match self {
            _ if alpha < LEAST_ALPHA => Self::Transparent,
            Self::Rgb(r, g, b) if alpha < u8::MAX => Self::Veil(r, g, b, alpha),
            opaque => opaque,
        }
    }
}

fn from_hex(hex: &str) -> Option<Colour> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .take(9)
        .collect::<Option<_>>()?;
    Some(match *digits {
        [r, g, b] => Colour::Rgb(r * 17, g * 17, b * 17),
        [r, g, b, a] => Colour::Rgb(r * 17, g * 17, b * 17).with_alpha(a * 17),
        [r, r2, g, g2, b, b2] => Colour::Rgb(r * 16 + r2, g * 16 + g2, b * 16 + b2),
        [r, r2, g, g2, b, b2, a, a2] => {
            Colour::Rgb(r * 16 + r2, g * 16 + g2, b * 16 + b2).with_alpha(a * 16 + a2)
        }
        _ => return None,
    })
}

/// Numbers of a colour function, each with whether it is in percent.
fn numbers(arguments: &str) -> impl Iterator<Item = Option<(f32, bool)>> {
    arguments.split([',', '/', ' ']).filter(|part| !part.is_empty()).map(|part| {
        match part.strip_suffix('%') {
            Some(percent) => percent.parse().ok().map(|p: f32| (p / 100.0, true)),
            None => part.trim_end_matches("deg").parse().ok().map(|n| (n, false)),
        }
    })
}

fn alpha(number: Option<(f32, bool)>) -> u8 {
    number.map_or(u8::MAX, |(alpha, _)| to_channel(alpha * 255.0))
}

fn from_function(arguments: &str) -> Option<Colour> {
    let mut numbers = numbers(arguments);
    let mut channel = || {
        let (number, in_percent) = numbers.next()??;
        Some(to_channel(if in_percent { number * 255.0 } else { number }))
    };
    let colour = Colour::Rgb(channel()?, channel()?, channel()?);
    Some(colour.with_alpha(alpha(numbers.next().flatten())))
}

/// CSS Color 4, section 7.1.
fn from_hue(arguments: &str) -> Option<Colour> {
    let mut numbers = numbers(arguments);
    let (hue, _) = numbers.next()??;
    let (saturation, _) = numbers.next()??;
    let (lightness, _) = numbers.next()??;
    let (saturation, lightness) = (saturation.clamp(0.0, 1.0), lightness.clamp(0.0, 1.0));
    let most = saturation * lightness.min(1.0 - lightness);
    let channel = |n: f32| {
        let k = (n + hue.rem_euclid(360.0) / 30.0) % 12.0;
        to_channel((lightness - most * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)) * 255.0)
    };
    let colour = Colour::Rgb(channel(0.0), channel(8.0), channel(4.0));
    Some(colour.with_alpha(alpha(numbers.next().flatten())))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a channel just before"
)]
fn to_channel(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn keyword(value: &str) -> Option<Colour> {
    const SYSTEM: [&str; 12] = [
        "buttonface",
        "buttontext",
        "canvas",
        "canvastext",
        "field",
        "fieldtext",
        "graytext",
        "highlight",
        "highlighttext",
        "linktext",
        "window",
        "windowtext",
    ];
    Some(match value.to_ascii_lowercase().as_str() {
        "transparent" => Colour::Transparent,
        "inherit" | "unset" | "currentcolor" => Colour::Parents,
        "initial" | "revert" => Colour::BLACK,
        value if SYSTEM.contains(&value) => Colour::Unknown,
        _ => return None,
    })
}

fn named(name: &str) -> Option<Colour> {
    const LONGEST: usize = 20;
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let at = NAMES.binary_search_by_key(&name.as_str(), |(known, _)| known).ok()?;
    let [_, r, g, b] = NAMES.get(at)?.1.to_be_bytes();
    Some(Colour::Rgb(r, g, b))
}

/// CSS Color 4, section 6.1, in alphabetical order.
#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "colours are written so")]
const NAMES: [(&str, u32); 148] = [
    ("aliceblue", 0xf0f8ff), ("antiquewhite", 0xfaebd7), ("aqua", 0x00ffff),
    ("aquamarine", 0x7fffd4), ("azure", 0xf0ffff), ("beige", 0xf5f5dc), ("bisque", 0xffe4c4),
    ("black", 0x000000), ("blanchedalmond", 0xffebcd), ("blue", 0x0000ff),
    ("blueviolet", 0x8a2be2), ("brown", 0xa52a2a), ("burlywood", 0xdeb887),
    ("cadetblue", 0x5f9ea0), ("chartreuse", 0x7fff00), ("chocolate", 0xd2691e),
    ("coral", 0xff7f50), ("cornflowerblue", 0x6495ed), ("cornsilk", 0xfff8dc),
    ("crimson", 0xdc143c), ("cyan", 0x00ffff), ("darkblue", 0x00008b), ("darkcyan", 0x008b8b),
    ("darkgoldenrod", 0xb8860b), ("darkgray", 0xa9a9a9), ("darkgreen", 0x006400),
    ("darkgrey", 0xa9a9a9), ("darkkhaki", 0xbdb76b), ("darkmagenta", 0x8b008b),
    ("darkolivegreen", 0x556b2f), ("darkorange", 0xff8c00), ("darkorchid", 0x9932cc),
    ("darkred", 0x8b0000), ("darksalmon", 0xe9967a), ("darkseagreen", 0x8fbc8f),
    ("darkslateblue", 0x483d8b), ("darkslategray", 0x2f4f4f), ("darkslategrey", 0x2f4f4f),
    ("darkturquoise", 0x00ced1), ("darkviolet", 0x9400d3), ("deeppink", 0xff1493),
    ("deepskyblue", 0x00bfff), ("dimgray", 0x696969), ("dimgrey", 0x696969),
    ("dodgerblue", 0x1e90ff), ("firebrick", 0xb22222), ("floralwhite", 0xfffaf0),
    ("forestgreen", 0x228b22), ("fuchsia", 0xff00ff), ("gainsboro", 0xdcdcdc),
    ("ghostwhite", 0xf8f8ff), ("gold", 0xffd700), ("goldenrod", 0xdaa520), ("gray", 0x808080),
    ("green", 0x008000), ("greenyellow", 0xadff2f), ("grey", 0x808080), ("honeydew", 0xf0fff0),
    ("hotpink", 0xff69b4), ("indianred", 0xcd5c5c), ("indigo", 0x4b0082), ("ivory", 0xfffff0),
    ("khaki", 0xf0e68c), ("lavender", 0xe6e6fa), ("lavenderblush", 0xfff0f5),
    ("lawngreen", 0x7cfc00), ("lemonchiffon", 0xfffacd), ("lightblue", 0xadd8e6),
    ("lightcoral", 0xf08080), ("lightcyan", 0xe0ffff), ("lightgoldenrodyellow", 0xfafad2),
    ("lightgray", 0xd3d3d3), ("lightgreen", 0x90ee90), ("lightgrey", 0xd3d3d3),
    ("lightpink", 0xffb6c1), ("lightsalmon", 0xffa07a), ("lightseagreen", 0x20b2aa),
    ("lightskyblue", 0x87cefa), ("lightslategray", 0x778899), ("lightslategrey", 0x778899),
    ("lightsteelblue", 0xb0c4de), ("lightyellow", 0xffffe0), ("lime", 0x00ff00),
    ("limegreen", 0x32cd32), ("linen", 0xfaf0e6), ("magenta", 0xff00ff), ("maroon", 0x800000),
    ("mediumaquamarine", 0x66cdaa), ("mediumblue", 0x0000cd), ("mediumorchid", 0xba55d3),
    ("mediumpurple", 0x9370db), ("mediumseagreen", 0x3cb371), ("mediumslateblue", 0x7b68ee),
    ("mediumspringgreen", 0x00fa9a), ("mediumturquoise", 0x48d1cc),
    ("mediumvioletred", 0xc71585), ("midnightblue", 0x191970), ("mintcream", 0xf5fffa),
    ("mistyrose", 0xffe4e1), ("moccasin", 0xffe4b5), ("navajowhite", 0xffdead),
    ("navy", 0x000080), ("oldlace", 0xfdf5e6), ("olive", 0x808000), ("olivedrab", 0x6b8e23),
    ("orange", 0xffa500), ("orangered", 0xff4500), ("orchid", 0xda70d6),
    ("palegoldenrod", 0xeee8aa), ("palegreen", 0x98fb98), ("paleturquoise", 0xafeeee),
    ("palevioletred", 0xdb7093), ("papayawhip", 0xffefd5), ("peachpuff", 0xffdab9),
    ("peru", 0xcd853f), ("pink", 0xffc0cb), ("plum", 0xdda0dd), ("powderblue", 0xb0e0e6),
    ("purple", 0x800080), ("rebeccapurple", 0x663399), ("red", 0xff0000),
    ("rosybrown", 0xbc8f8f), ("royalblue", 0x4169e1), ("saddlebrown", 0x8b4513),
    ("salmon", 0xfa8072), ("sandybrown", 0xf4a460), ("seagreen", 0x2e8b57),
    ("seashell", 0xfff5ee), ("sienna", 0xa0522d), ("silver", 0xc0c0c0), ("skyblue", 0x87ceeb),
    ("slateblue", 0x6a5acd), ("slategray", 0x708090), ("slategrey", 0x708090),
    ("snow", 0xfffafa), ("springgreen", 0x00ff7f), ("steelblue", 0x4682b4), ("tan", 0xd2b48c),
    ("teal", 0x008080), ("thistle", 0xd8bfd8), ("tomato", 0xff6347), ("turquoise", 0x40e0d0),
    ("violet", 0xee82ee), ("wheat", 0xf5deb3), ("white", 0xffffff), ("whitesmoke", 0xf5f5f5),
    ("yellow", 0xffff00), ("yellowgreen", 0x9acd32),
];

#[cfg(test)]
mod tests {
    use super::Colour;

    fn read(value: &str) -> Colour {
        Colour::parse(value).unwrap()
    }

    #[test]
    fn one_colour_written_in_many_ways_is_one_colour() {
        for white in [
            "#fff",
            "#FFFFFF",
            "#ffffffff",
            "#ffff",
            "white",
            "WHITE",
            "rgb(255,255,255)",
            "rgb(100%, 100%, 100%)",
            "rgba(255 255 255 / 1)",
            "ffffff",
            "hsl(0,0%,100%)",
            "hsla(120deg 50% 100% / 100%)",
        ] {
            assert_eq!(read(white), Colour::WHITE, "{white}");
        }
        assert_eq!(read("hsl(240,100%,50%)"), Colour::Rgb(0, 0, 255));
        assert_eq!(read("RebeccaPurple"), Colour::Rgb(0x66, 0x33, 0x99));
        for none in ["rgba(0,0,0,0)", "#0000", "#ffffff00", "transparent", "hsla(0,0%,0%,0)"] {
            assert_eq!(read(none), Colour::Transparent, "{none}");
        }
        assert_eq!(read("var(--x)"), Colour::Unknown);
        assert_eq!(read("inherit"), Colour::Parents);
        for invalid in ["", "#ぁぁぁ", "#12345", "bogus", "rgb(1,2)", "url(x)", &"a".repeat(100)]
        {
            assert_eq!(Colour::parse(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn an_attribute_is_some_colour_whatever_it_says() {
        for (value, colour) in [
            ("ff0000", Colour::Rgb(255, 0, 0)),
            ("#f00", Colour::Rgb(255, 0, 0)),
            ("#chucknorris", Colour::Rgb(0xc0, 0, 0)),
            ("#ffffff;", Colour::Rgb(0xff, 0xff, 0)),
            ("White", Colour::WHITE),
            ("0", Colour::BLACK),
        ] {
            assert_eq!(Colour::parse_attribute(value), Some(colour), "{value}");
        }
        assert_eq!(Colour::parse_attribute(" "), None);
        assert!(Colour::parse_attribute(&"f".repeat(100_000)).is_some());
    }

    #[test]
    fn near_white_is_lost_on_white_and_grey_is_not() {
        assert!(read("#fefefe").is_lost_on(Colour::WHITE));
        assert!(!read("#eee").is_lost_on(Colour::WHITE));
        assert!(!Colour::Unknown.is_lost_on(Colour::Unknown));
        assert!(Colour::Transparent.is_lost_on(Colour::Unknown));
        assert!(read("rgba(0,0,0,.03)").is_lost_on(Colour::WHITE));
        assert!(!read("rgba(0,0,0,.5)").is_lost_on(Colour::WHITE));
        assert!(read("rgba(255,255,255,.5)").is_lost_on(Colour::WHITE));
        assert!(!read("rgba(255,255,255,.5)").is_lost_on(Colour::BLACK));
    }
}
