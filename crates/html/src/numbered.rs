//! Targets that stand in a list under the text, each with a number.

use std::collections::HashMap;

use crate::document::{Block, Writer};

/// The targets of a document in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    targets: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Numbered {
    /// The number of a target as it is shown. One that came before keeps its number.
    pub(crate) fn number_of(&mut self, shown: String) -> usize {
        let next = self.targets.len() + 1;
        *self.numbers.entry(shown).or_insert_with_key(|shown| {
            self.targets.push(shown.clone());
            next
        })
    }

    /// Writes the list at the end of a document, under a title.
    pub(crate) fn write(&self, title: &str, writer: &mut Writer) {
        if self.targets.is_empty() {
            return;
        }
        writer.open(Block::Paragraph);
        writer.literal(title);
        for (at, target) in self.targets.iter().enumerate() {
            writer.line_break();
            writer.literal(&format!("[{}] {target}", at + 1));
        }
        writer.close(Block::Paragraph);
    }
}
