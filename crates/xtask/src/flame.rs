//! Flame graphs: where CPU time went, by stacks of calls, as SVG without a script.
//!
//! Width is time, a call stands on its caller, at the bottom the thread. What is narrower than a
//! pixel and a half is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Width of a graph and height of a row, in pixels.
const WIDTH: f64 = 1_200.0;
const ROW: f64 = 16.0;
/// Room above for the title.
const TOP: f64 = 30.0;
/// Narrowest frame that is drawn, in pixels.
const NARROWEST: f64 = 1.5;
/// Pixels that a character of the labels takes.
const CHARACTER: f64 = 6.2;
/// Deepest row that is drawn.
const DEEPEST: usize = 60;

/// Calls below a call, with the samples that each has.
#[derive(Debug, Default)]
struct Calls {
    samples: u32,
    below: BTreeMap<String, Calls>,
}

impl Calls {
    fn depth(&self, least: f64) -> usize {
        let drawn = self.below.values().filter(|calls| f64::from(calls.samples) >= least);
        drawn.map(|calls| 1 + calls.depth(least)).max().unwrap_or_default()
    }
}

/// Draws what `perf script` printed of a profile with call stacks.
pub fn draw(script: &str, title: &str) -> String {
    let calls = read(script);
    let scale = WIDTH / f64::from(calls.samples.max(1));
    let depth = calls.depth(NARROWEST / scale).min(DEEPEST);
    let height = TOP + ROW * f64::from(u32::try_from(depth).unwrap_or(0)) + 10.0;
    let title = escaped(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"monospace\" font-size=\"10\" role=\"img\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"4\" y=\"18\" font-size=\"13\">{title}</text>\n"
    );
    row(&mut svg, &calls, 0.0, height - 10.0, scale, calls.samples, DEEPEST);
    svg.push_str("</svg>\n");
    svg
}

/// Samples are paragraphs: a line with the thread's name and the time, then the calls, the innermost
/// first: address, name with offset, file.
fn read(script: &str) -> Calls {
    let mut calls = Calls::default();
    for sample in script.split("\n\n") {
        let mut lines = sample.lines().filter(|line| !line.trim().is_empty());
        let Some(thread) = lines.next().and_then(|line| line.split_whitespace().next()) else {
            continue;
        };
        let mut stack: Vec<String> = lines.filter_map(name).collect();
        stack.push(thread.to_owned());
        calls.samples += 1;
        let mut at = &mut calls;
        for name in stack.into_iter().rev() {
            at = at.below.entry(name).or_default();
            at.samples += 1;
        }
    }
    calls
}

fn name(line: &str) -> Option<String> {
    let (_, named) = line.trim().split_once(' ')?;
    let (named, _file) = named.rsplit_once(" (")?;
    let name = named.rsplit_once("+0x").map_or(named, |(name, _)| name);
    // What starts every thread tells nothing.
    let is_start = ["start_thread", "__clone3", "__rust_begin_short_backtrace", "thread_start"]
        .iter()
        .any(|start| name.contains(start));
    let is_told = name != "[unknown]" && !is_start && !name.starts_with("core::ops::function::");
    is_told.then(|| name.to_owned())
}

fn row(svg: &mut String, calls: &Calls, left: f64, bottom: f64, scale: f64, all: u32, more: usize) {
    if more == 0 {
        return;
    }
    let mut x = left;
    for (name, below) in &calls.below {
        let width = f64::from(below.samples) * scale;
        if width >= NARROWEST {
            frame(svg, name, below.samples, (x, bottom - ROW), width, all);
            row(svg, below, x, bottom - ROW, scale, all, more - 1);
        }
        x += width;
    }
}

fn frame(svg: &mut String, name: &str, samples: u32, (x, y): (f64, f64), width: f64, all: u32) {
    let share = 100.0 * f64::from(samples) / f64::from(all.max(1));
    let room = std::iter::successors(Some(CHARACTER), |used| Some(used + CHARACTER))
        .take_while(|used| used + 4.0 < width)
        .count();
    let label: String =
        if room >= 3 { short(name).chars().take(room).collect() } else { String::new() };
    // Writing to a string does not fail.
    let _ = write!(
        svg,
        "<g><title>{} {share:.1} %</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{}\" \
         fill=\"{}\"/>",
        escaped(name),
        width - 0.3,
        ROW - 1.0,
        colour(name),
    );
    if !label.is_empty() {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 2.0,
            y + 11.0,
            escaped(&label)
        );
    }
    svg.push_str("</g>\n");
}

/// The last parts of a path: what tells calls apart.
fn short(name: &str) -> &str {
    let end = name.find('<').filter(|&at| at > 0).unwrap_or(name.len());
    let path = name.get(..end).unwrap_or(name);
    match path.rmatch_indices("::").nth(1) {
        Some((at, _)) => name.get(at + 2..).unwrap_or(name),
        None => name,
    }
}

/// Ours, the database's, compression's, the kernel's, all others'.
fn colour(name: &str) -> &'static str {
    if name.contains("sekimori_html") || name.contains("html5gum") {
        "#f6b26b"
    } else if name.contains("sekimori") {
        "#f9cb9c"
    } else if name.starts_with("ZSTD") || name.starts_with("HUF") || name.starts_with("FSE") {
        "#9fc5e8"
    } else if name.contains("sqlite") || name.contains("rusqlite") || name.contains("fts5") {
        "#b6d7a8"
    } else {
        "#d9d9d9"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "convert 5 1.0: 1 cpu-clock: \n\
        \t 9626b sekimori_html::tokens::run+0x14b (/x/sekimori)\n\
        \t 962 sekimori_sanitize::sanitize::sanitize+0x1 (/x/sekimori)\n\
        \t 9 start_thread+0x305 (/usr/lib/libc.so.6)\n\n\
        convert 5 2.0: 1 cpu-clock: \n\
        \t 962 sekimori_sanitize::sanitize::sanitize+0x1 (/x/sekimori)\n\n\
        journal-writer 6 2.0: 1 cpu-clock: \n\
        \t 1 [unknown] ([unknown])\n";

    #[test]
    fn stacks_add_up_from_the_thread_to_the_innermost_call() {
        let calls = read(SCRIPT);
        assert_eq!(calls.samples, 3);
        let convert = &calls.below["convert"];
        assert_eq!(convert.samples, 2);
        let sanitize = &convert.below["sekimori_sanitize::sanitize::sanitize"];
        assert_eq!(
            (sanitize.samples, sanitize.below["sekimori_html::tokens::run"].samples),
            (2, 1)
        );
        assert!(calls.below["journal-writer"].below.is_empty());
    }

    #[test]
    fn each_frame_tells_its_share() {
        let svg = draw(SCRIPT, "a <title>");
        assert!(svg.contains("a &lt;title&gt;") && svg.contains("convert 66.7 %"), "{svg}");
        assert!(svg.contains(">sanitize::sanitize<"), "{svg}");
    }
}
