//! Plots as SVG, for the documentation: bars side by side, and curves over logarithmic axes.

use std::fmt::Write as _;

/// Width and height of a plot, in pixels.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 340.0;
/// Room beside the axes.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 50.0;
/// Told apart in grey and by those who see red and green alike.
const COLOURS: [&str; 4] = ["#0b5394", "#e69138", "#6aa84f", "#999999"];

/// One curve.
#[derive(Debug, Clone)]
pub struct Curve {
    /// What it shows.
    pub name: String,
    /// Positive coordinates, from left to right.
    pub points: Vec<(f64, f64)>,
}

/// A group of bars.
#[derive(Debug, Clone)]
pub struct Group {
    /// What stands below it.
    pub name: String,
    /// One positive value for each series.
    pub values: Vec<f64>,
}

/// A logarithmic axis over whole decades.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn new(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::MAX, f64::MIN);
        for value in values.filter(|value| *value > 0.0) {
            low = low.min(value.log10().floor());
            high = high.max(value.log10().ceil());
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        Self { low, high: high.max(low + 1.0), from, to }
    }

    fn place(&self, value: f64) -> f64 {
        let part = (value.max(f64::MIN_POSITIVE).log10() - self.low) / (self.high - self.low);
        self.from + (self.to - self.from) * part.clamp(0.0, 1.0)
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        let (low, high) = (self.low, self.high);
        std::iter::successors(Some(low), |decade| Some(decade + 1.0))
            .take_while(move |decade| *decade <= high)
            .map(|decade| 10_f64.powf(decade))
    }
}

fn number(value: f64) -> String {
    if value >= 1.0 { format!("{value:.0}") } else { format!("{value}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

struct Drawing(String);

impl Drawing {
    fn new(title: &str) -> Self {
        let mut svg = String::new();
        let title = escaped(title);
        // Writing to a string does not fail.
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n<title>{title}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        );
        let mut drawing = Self(svg);
        drawing.text(LEFT, 20.0, "start", &title);
        drawing
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let text = escaped(text);
        let _ = writeln!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ = writeln!(
            self.0,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
        );
    }

    fn legend<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let mut x = LEFT;
        for (name, colour) in names.zip(COLOURS.iter().cycle()) {
            let _ = writeln!(
                self.0,
                "<rect x=\"{x:.1}\" y=\"32\" width=\"12\" height=\"12\" fill=\"{colour}\"/>"
            );
            self.text(x + 18.0, 42.0, "start", name);
            x += 40.0 + 7.0 * f64::from(u32::try_from(name.chars().count()).unwrap_or(0));
        }
    }

    fn vertical(&mut self, axis: &Axis, name: &str) {
        for value in axis.decades() {
            let y = axis.place(value);
            self.line((LEFT, y), (WIDTH - RIGHT, y), "#ddd");
            self.text(LEFT - 6.0, y + 4.0, "end", &number(value));
        }
        self.text(8.0, TOP - 16.0, "start", name);
    }

    fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

/// Curves over two logarithmic axes.
pub fn curves(title: &str, below: &str, beside: &str, curves: &[Curve]) -> String {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let across = Axis::new(points().map(|p| p.0), LEFT, WIDTH - RIGHT);
    let up = Axis::new(points().map(|p| p.1), HEIGHT - BOTTOM, TOP);
    let mut drawing = Drawing::new(title);
    drawing.legend(curves.iter().map(|curve| curve.name.as_str()));
    drawing.vertical(&up, beside);
    for value in across.decades() {
        let x = across.place(value);
        drawing.line((x, HEIGHT - BOTTOM), (x, HEIGHT - BOTTOM + 5.0), "#333");
        drawing.text(x, HEIGHT - BOTTOM + 18.0, "middle", &number(value));
    }
    drawing.text(WIDTH - RIGHT, HEIGHT - 10.0, "end", below);
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let places: Vec<(f64, f64)> =
            curve.points.iter().map(|&(x, y)| (across.place(x), up.place(y))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            drawing.0,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        for (x, y) in places {
            let _ = writeln!(
                drawing.0,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"
            );
        }
    }
    drawing.finish()
}

/// Groups of bars over a logarithmic axis, each bar with its value.
pub fn bars(title: &str, beside: &str, series: &[&str], groups: &[Group]) -> String {
    let values = groups.iter().flat_map(|group| group.values.iter().copied());
    let up = Axis::new(values, HEIGHT - BOTTOM, TOP);
    let mut drawing = Drawing::new(title);
    drawing.legend(series.iter().copied());
    drawing.vertical(&up, beside);
    let parts = |count: usize| f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
    let room = (WIDTH - LEFT - RIGHT) / parts(groups.len());
    let width = room * 0.8 / parts(series.len());
    let mut left = LEFT;
    for group in groups {
        let mut x = left + room * 0.1;
        for (value, colour) in group.values.iter().zip(COLOURS.iter().cycle()) {
            let y = up.place(*value);
            let height = HEIGHT - BOTTOM - y;
            let _ = writeln!(
                drawing.0,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>",
                width - 3.0
            );
            let digits = if *value < 10.0 { 2 } else { 0 };
            drawing.text(x + width / 2.0 - 1.5, y - 4.0, "middle", &format!("{value:.digits$}"));
            x += width;
        }
        drawing.text(left + room / 2.0, HEIGHT - BOTTOM + 18.0, "middle", &group.name);
        left += room;
    }
    drawing.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_lies_within_the_axes_and_text_is_escaped() {
        let curve = Curve { name: "a<b".to_owned(), points: vec![(1e4, 20.0), (3e6, 35.0)] };
        let svg = curves("t & u", "x", "y", &[curve]);
        assert!(svg.contains("a&lt;b") && svg.contains("t &amp; u"), "{svg}");
        assert!(svg.contains(&format!("<circle cx=\"{LEFT:.1}\"")), "{svg}");
        assert!(svg.contains(">10000<") && svg.contains(">10000000<"), "{svg}");
    }

    #[test]
    fn a_larger_value_has_a_higher_bar() {
        let group = Group { name: "text".to_owned(), values: vec![0.2, 2.0] };
        let svg = bars("CPU", "ms", &["ours", "theirs"], &[group]);
        assert!(svg.contains(">0.20<") && svg.contains(">2.00<"), "{svg}");
        let heights: Vec<f64> = svg
            .lines()
            .filter(|line| {
                line.contains("height") && line.contains("y=\"") && !line.contains("y=\"32\"")
            })
            .filter_map(|line| line.split("height=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert!(matches!(heights[..], [small, large] if small < large), "{heights:?}");
    }

    #[test]
    fn nothing_to_show_is_still_a_plot() {
        assert!(curves("t", "x", "y", &[]).ends_with("</svg>\n"));
    }
}
