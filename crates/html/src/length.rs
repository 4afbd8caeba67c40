//! Lengths of style sheets, at the usual font size and in a usual window.

/// What stands this many CSS pixels to the left or above is outside of any window.
const FAR_OUTSIDE_PX: f32 = -500.0;
/// What stands this many CSS pixels to the right or below is outside of any window.
const FAR_BEYOND_PX: f32 = 5_000.0;

/// Boxes of at most this many CSS pixels in a direction show nothing of a text.
const NOTHING_PX: f32 = 4.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    None,
    Pixel,
    Point,
    Relative,
    RootRelative,
    Percent,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) number: f32,
    pub(crate) unit: Unit,
}

impl Length {
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let end = value
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
            .unwrap_or(value.len());
        let (number, unit) = value.split_at_checked(end)?;
        let number: f32 = number.parse().ok()?;
        let unit = match unit {
            "" => Unit::None,
            "px" => Unit::Pixel,
            "pt" => Unit::Point,
            "em" | "ex" | "ch" => Unit::Relative,
            "rem" | "pc" => Unit::RootRelative,
            "%" | "vw" | "vh" => Unit::Percent,
            _ if number == 0.0 => Unit::None,
            _ => return None,
        };
        Some(Self { number, unit })
    }

    /// In CSS pixels, at the usual font size and a window of a thousand pixels.
    pub(crate) fn in_pixels(self) -> f32 {
        match self.unit {
            Unit::None | Unit::Pixel => self.number,
            Unit::Point => self.number * 4.0 / 3.0,
            Unit::Relative | Unit::RootRelative => self.number * 16.0,
            Unit::Percent => self.number * 10.0,
        }
    }

    /// Whether a box of this size shows nothing of a text.
    pub(crate) fn is_nothing(self) -> bool {
        match self.unit {
            // Without a unit only zero is a length.
            Unit::None | Unit::Relative | Unit::RootRelative | Unit::Percent => self.number == 0.0,
            Unit::Pixel | Unit::Point => (0.0..=NOTHING_PX).contains(&self.in_pixels()),
        }
    }

    pub(crate) fn is_far(self) -> bool {
        self.is_far_outside() || self.in_pixels() >= FAR_BEYOND_PX
    }

    pub(crate) fn is_far_outside(self) -> bool {
        self.in_pixels() <= FAR_OUTSIDE_PX
    }
}
