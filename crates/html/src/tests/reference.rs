//! Flowing text against html2text, which lays the same reduced document out on its own: the same
//! words in the same lines. Blank lines and runs of blanks are not compared; there the two differ
//! by intent.

use html2text::config;
use html2text::render::TrivialDecorator;
use proptest::prelude::*;

use crate::document::{Block, Document, Op, Writer};
use crate::flow;

/// Wide enough that nothing is wrapped.
const WIDTH: usize = 100_000;

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

fn by_html2text(document: &Document) -> Vec<String> {
    let mut html = String::new();
    for op in &document.ops {
        match *op {
            Op::Text { start, end } => html.push_str(document.text(start, end)),
            Op::Break => html.push_str("<br>"),
            Op::Rule => html.push_str("<p>----------------------------------------</p>"),
            Op::Open(block) => html.push_str(&tag(block, false)),
            Op::Close(block) => html.push_str(&tag(block, true)),
        }
    }
    let laid = config::with_decorator(TrivialDecorator::new())
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
        .unwrap();
    lines(&laid)
}

fn tag(block: Block, end: bool) -> String {
    let (name, attribute) = match block {
        Block::Paragraph => ("p", String::new()),
        Block::Quote => ("blockquote", String::new()),
        Block::List(None) => ("ul", String::new()),
        Block::List(Some(start)) => ("ol", format!(" start={start}")),
        Block::Item(_) => ("li", String::new()),
        Block::Preformatted => ("pre", String::new()),
        Block::Description => ("dd", String::new()),
        _ => ("div", String::new()),
    };
    if end { format!("</{name}>") } else { format!("<{name}{attribute}>") }
}

/// The words of a document with blocks and lines around them, without marks of lists and quotes.
fn write(writer: &mut Writer, steps: &[u8]) {
    let mut open: Vec<Block> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let in_list = matches!(open.last(), Some(Block::List(_)));
        let block = match step % 9 {
            _ if in_list => Some(Block::Item(None)),
            0 => Some(Block::Division),
            1 if !open.contains(&Block::Paragraph) => Some(Block::Paragraph),
            2 => Some(Block::Quote),
            3 => Some(Block::List(Some(3))),
            4 if !open.contains(&Block::Paragraph) => Some(Block::Preformatted),
            _ => None,
        };
        let nests = !open.iter().any(|b| matches!(b, Block::Paragraph | Block::Preformatted));
        match (block, step % 3) {
            (Some(block), _) if open.len() < 6 && nests => {
                writer.open(block);
                open.push(block);
                // An empty list joins the lines around it in html2text.
                if matches!(block, Block::List(_)) {
                    writer.open(Block::Item(None));
                    open.push(Block::Item(None));
                }
            }
            (_, 0) => {
                if let Some(block) = open.pop() {
                    writer.close(block);
                }
            }
            (_, 1) if !in_list => writer.line_break(),
            _ => {}
        }
        if !matches!(open.last(), Some(Block::List(_))) {
            writer.text(&format!("語{at} "), false);
        }
    }
    while let Some(block) = open.pop() {
        writer.close(block);
    }
}

fn without_marks(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .map(|line| {
            line.trim_start_matches([
                '>', ' ', '.', '1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '・',
            ])
            .to_owned()
        })
        .filter(|line| !line.is_empty())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flowing_text_has_the_lines_that_html2text_gives_it(steps in prop::collection::vec(any::<u8>(), 1..60)) {
        let mut writer = Writer::default();
        write(&mut writer, &steps);
        let ours = lines(&flow::lay_out(&writer.document).unwrap());
        let reference = by_html2text(&writer.document);
        prop_assert_eq!(without_marks(&ours), without_marks(&reference));
    }
}
