//! Conditions of style sheets: whether `@media` and `@supports` hold for a person who reads the mail
//! on a desk: a screen of a usual size, in colour, with light colours, not printed (Media Queries 4).

use crate::length::{Length, Unit};

/// The window in CSS pixels.
const WIDTH: f32 = 800.0;
const HEIGHT: f32 = 600.0;

/// Whether the conditions of `@media`, in lower case, hold. Whatever is not known does not.
pub(crate) fn media_holds(queries: &str) -> bool {
    queries.trim().is_empty() || queries.split(',').any(|query| query_holds(query.trim()))
}

/// Whether the conditions of `@supports` hold: what a style sheet asks for there is taken to be
/// supported.
pub(crate) fn supports_holds(condition: &str) -> bool {
    !condition.trim_start().starts_with("not")
}

/// One query: a type, conditions, or both. Conditions joined by `or` are not known.
fn query_holds(query: &str) -> bool {
    let (query, negated) = match query.strip_prefix("not ") {
        Some(rest) => (rest.trim_start(), true),
        None => (query.strip_prefix("only ").unwrap_or(query).trim_start(), false),
    };
    let end = query.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(query.len());
    let Some((kind, mut rest)) = query.split_at_checked(end) else {
        return false;
    };
    let mut holds = match kind {
        "" | "all" | "screen" => true,
        "print" | "speech" | "handheld" | "tv" | "tty" | "projection" | "braille" | "embossed"
        | "aural" => false,
        _ => return false,
    };
    let mut first = kind.is_empty();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        if !std::mem::take(&mut first) {
            match rest.strip_prefix("and") {
                Some(after) => rest = after.trim_start(),
                None => return false,
            }
        }
        let Some((feature, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) else {
            return false;
        };
        match feature_holds(feature.trim()) {
            Some(one) => holds &= one,
            None => return false,
        }
        rest = after;
    }
    holds != negated
}

/// One condition in brackets; none where it is not known.
fn feature_holds(feature: &str) -> Option<bool> {
    let Some((name, value)) = feature.split_once(':') else {
        return match feature {
            "color" | "width" | "height" | "hover" | "pointer" | "grid" => Some(feature != "grid"),
            _ => range_holds(feature),
        };
    };
    let (name, value) = (name.trim(), value.trim());
    let pixels = || in_pixels(value);
    Some(match name {
        "min-width" | "min-device-width" => pixels()? <= WIDTH,
        "max-width" | "max-device-width" => pixels()? >= WIDTH,
        "min-height" | "min-device-height" => pixels()? <= HEIGHT,
        "max-height" | "max-device-height" => pixels()? >= HEIGHT,
        "width" | "device-width" => (pixels()? - WIDTH).abs() < 1.0,
        "height" | "device-height" => (pixels()? - HEIGHT).abs() < 1.0,
        "orientation" => value == "landscape",
        "prefers-color-scheme" => value == "light",
        "prefers-reduced-motion" | "prefers-contrast" => value == "no-preference",
        "hover" | "any-hover" => value == "hover",
        "pointer" | "any-pointer" => value == "fine",
        "-webkit-min-device-pixel-ratio" => value.parse::<f32>().ok()? <= 1.0,
        "-webkit-max-device-pixel-ratio" => value.parse::<f32>().ok()? >= 1.0,
        "min-color" => value.parse::<f32>().ok()? <= 8.0,
        _ => return None,
    })
}

/// `width <= 600px`, `400px < width`, `400px <= width <= 900px`, and the same of heights.
fn range_holds(feature: &str) -> Option<bool> {
    let (mut left, mut rest) = feature.split_at_checked(feature.find(SIGNS)?)?;
    let mut holds = true;
    while !rest.is_empty() {
        let after = rest.trim_start_matches(SIGNS);
        let sign = rest.get(..rest.len() - after.len())?;
        let right;
        (right, rest) = after.split_at_checked(after.find(SIGNS).unwrap_or(after.len()))?;
        let (less, more) = (side(left)?, side(right)?);
        holds &= match sign {
            "<" => less < more,
            "<=" => less <= more,
            ">" => less > more,
            ">=" => less >= more,
            "=" => (less - more).abs() < f32::EPSILON,
            _ => return None,
        };
        left = right;
    }
    Some(holds)
}

const SIGNS: [char; 3] = ['<', '>', '='];

fn side(text: &str) -> Option<f32> {
    match text.trim() {
        "width" | "device-width" => Some(WIDTH),
        "height" | "device-height" => Some(HEIGHT),
        length => in_pixels(length),
    }
}

fn in_pixels(value: &str) -> Option<f32> {
    let length = Length::parse(value)?;
    let is_known = match length.unit {
        Unit::None => length.number == 0.0,
        Unit::Percent => false,
        _ => true,
    };
    is_known.then(|| length.in_pixels())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_on_a_desk_is_told_from_telephones_paper_and_the_dark() {
        for holds in [
            "",
            "all",
            "screen",
            "only screen",
            "print, screen",
            "screen and (min-width: 480px)",
            "only screen and (min-width:30em)",
            "(max-width: 1200px)",
            "not print",
            "not all and (max-width:600px)",
            "(prefers-color-scheme: light)",
            "screen and (-webkit-min-device-pixel-ratio:0)",
            "(width >= 600px)",
            "(400px <= width <= 900px)",
        ] {
            assert!(media_holds(holds), "{holds}");
        }
        for fails in [
            "print",
            "handheld",
            "only screen and (max-width:600px)",
            "screen and (max-width: 600px), print",
            "only screen and (max-device-width: 480px) and (orientation: portrait)",
            "(prefers-color-scheme:dark)",
            "screen and (-webkit-min-device-pixel-ratio: 2)",
            "(width < 600px)",
            "(400px <= width <= 600px)",
            "not screen",
            "yahoo",
            "screen and (-ms-high-contrast: active)",
            "not (no-such-feature: 1)",
            "screen (min-width:1px)",
            "screen and",
            "(",
            "((min-width:1px)",
        ] {
            assert!(!media_holds(fails), "{fails}");
        }
        assert!(supports_holds("(display: grid)") && !supports_holds("not (display: grid)"));
    }
}
