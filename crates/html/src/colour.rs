//! Colours, as far as telling text from its background needs them (CSS Color 4, and the older
//! rules of HTML attributes for what has no `#`).

/// How far each channel may be off for two colours to look the same to a person.
const SAME_WITHIN: u8 = 8;

/// What a colour value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// An opaque colour.
    Rgb(u8, u8, u8),
    /// Nothing is painted.
    Transparent,
    /// Something that is not followed here: a gradient, a picture, a variable.
    Unknown,
}

impl Colour {
    pub(crate) const WHITE: Self = Self::Rgb(255, 255, 255);

    /// Reads one colour value. A name or function that is not known is [`Colour::Unknown`].
    pub(crate) fn parse(value: &str) -> Self {
        let value = value.trim();
        if let Some(hex) = value.strip_prefix('#') {
            return from_hex(hex).unwrap_or(Self::Unknown);
        }
        if let Some((name, arguments)) = value.split_once('(') {
            let arguments = arguments.trim_end_matches(')');
            return match name.trim() {
                n if n.eq_ignore_ascii_case("rgb") || n.eq_ignore_ascii_case("rgba") => {
                    from_function(arguments)
                }
                _ => Self::Unknown,
            };
        }
        named(value).or_else(|| from_hex(value)).unwrap_or(Self::Unknown)
    }

    /// Whether text of this colour cannot be made out on `background`.
    pub(crate) fn is_lost_on(self, background: Self) -> bool {
        match (self, background) {
            (Self::Transparent, _) => true,
            (Self::Rgb(r, g, b), Self::Rgb(r2, g2, b2)) => {
                r.abs_diff(r2).max(g.abs_diff(g2)).max(b.abs_diff(b2)) <= SAME_WITHIN
            }
            _ => false,
        }
    }
}

fn from_hex(hex: &str) -> Option<Colour> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .take(9)
        .collect::<Option<_>>()?;
    match *digits {
        [_, _, _, 0] | [_, _, _, _, _, _, 0, 0] => Some(Colour::Transparent),
        [r, g, b] | [r, g, b, _] => Some(Colour::Rgb(r * 17, g * 17, b * 17)),
        [r, r2, g, g2, b, b2] | [r, r2, g, g2, b, b2, _, _] => {
            Some(Colour::Rgb(r * 16 + r2, g * 16 + g2, b * 16 + b2))
        }
        _ => None,
    }
}

fn from_function(arguments: &str) -> Colour {
    let mut numbers =
        arguments.split([',', '/', ' ']).filter(|part| !part.is_empty()).map(|part| {
            match part.strip_suffix('%') {
                Some(percent) => percent.parse::<f32>().map(|p| (p / 100.0, true)),
                None => part.parse::<f32>().map(|n| (n, false)),
            }
        });
    let mut channel = || match numbers.next() {
        Some(Ok((share, true))) => Some(share * 255.0),
        Some(Ok((value, false))) => Some(value),
        _ => None,
    };
    let (Some(r), Some(g), Some(b)) = (channel(), channel(), channel()) else {
        return Colour::Unknown;
    };
    match numbers.next() {
        Some(Ok((alpha, _))) if alpha < 0.02 => Colour::Transparent,
        Some(Ok((alpha, _))) if alpha < 0.9 => Colour::Unknown,
        _ => Colour::Rgb(to_channel(r), to_channel(g), to_channel(b)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of a channel just before"
)]
fn to_channel(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn named(name: &str) -> Option<Colour> {
    const NAMES: [(&str, Colour); 22] = [
        ("transparent", Colour::Transparent),
        ("white", Colour::WHITE),
        ("black", Colour::Rgb(0, 0, 0)),
        ("snow", Colour::Rgb(255, 250, 250)),
        ("ghostwhite", Colour::Rgb(248, 248, 255)),
        ("floralwhite", Colour::Rgb(255, 250, 240)),
        ("ivory", Colour::Rgb(255, 255, 240)),
        ("azure", Colour::Rgb(240, 255, 255)),
        ("whitesmoke", Colour::Rgb(245, 245, 245)),
        ("silver", Colour::Rgb(192, 192, 192)),
        ("lightgray", Colour::Rgb(211, 211, 211)),
        ("lightgrey", Colour::Rgb(211, 211, 211)),
        ("gray", Colour::Rgb(128, 128, 128)),
        ("grey", Colour::Rgb(128, 128, 128)),
        ("red", Colour::Rgb(255, 0, 0)),
        ("yellow", Colour::Rgb(255, 255, 0)),
        ("lime", Colour::Rgb(0, 255, 0)),
        ("green", Colour::Rgb(0, 128, 0)),
        ("blue", Colour::Rgb(0, 0, 255)),
        ("navy", Colour::Rgb(0, 0, 128)),
        ("orange", Colour::Rgb(255, 165, 0)),
        ("maroon", Colour::Rgb(128, 0, 0)),
    ];
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|&(_, colour)| colour)
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn one_colour_written_in_many_ways_is_one_colour() {
        for white in [
            "#fff",
            "#FFFFFF",
            "#ffffffff",
            "white",
            "WHITE",
            "rgb(255,255,255)",
            "rgb(100%, 100%, 100%)",
            "rgba(255 255 255 / 1)",
            "ffffff",
        ] {
            assert_eq!(Colour::parse(white), Colour::WHITE, "{white}");
        }
        assert_eq!(Colour::parse("rgba(0,0,0,0)"), Colour::Transparent);
        assert_eq!(Colour::parse("var(--x)"), Colour::Unknown);
        assert_eq!(Colour::parse(""), Colour::Unknown);
        assert_eq!(Colour::parse("#ぁぁぁ"), Colour::Unknown);
    }

    #[test]
    fn near_white_is_lost_on_white_and_grey_is_not() {
        assert!(Colour::parse("#fefefe").is_lost_on(Colour::WHITE));
        assert!(!Colour::parse("#eee").is_lost_on(Colour::WHITE));
        assert!(!Colour::Unknown.is_lost_on(Colour::Unknown));
        assert!(Colour::Transparent.is_lost_on(Colour::Unknown));
    }
}
