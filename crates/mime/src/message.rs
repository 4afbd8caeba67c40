//! A scanned message: its parts in an arena, and the spans they came from.

use crate::fault::Fault;
use crate::part::{Part, PartId};
use crate::span::Span;

/// The parts of a message, flat: nothing recurses over them, not even dropping them.
#[derive(Debug, Clone)]
pub(crate) struct Arena<'a> {
    root: Part<'a>,
    rest: Vec<Part<'a>>,
}

impl<'a> Arena<'a> {
    pub(crate) fn new(root: Part<'a>) -> Self {
        Self { root, rest: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rest.len() + 1
    }

    pub(crate) fn push(&mut self, part: Part<'a>) {
        self.rest.push(part);
    }

    /// Marks every part inside an ambiguous one. Parents stand before their children.
    pub(crate) fn inherit_ambiguity(&mut self) {
        for index in 0..self.rest.len() {
            let parent = self.rest.get(index).and_then(|part| part.parent);
            let ambiguous = parent.is_some_and(|id| self.get(id).is_ambiguous());
            if let Some(part) = self.rest.get_mut(index).filter(|_| ambiguous) {
                part.faults.insert(Fault::InsideAmbiguous);
            }
        }
    }

    pub(crate) fn get(&self, id: PartId) -> &Part<'a> {
        let index = id.index().checked_sub(1);
        index.and_then(|i| self.rest.get(i)).unwrap_or(&self.root)
    }

    pub(crate) fn get_mut(&mut self, id: PartId) -> &mut Part<'a> {
        let index = id.index().checked_sub(1);
        index.and_then(|i| self.rest.get_mut(i)).unwrap_or(&mut self.root)
    }
}

/// A message and its structure.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) arena: Arena<'a>,
    pub(crate) spans: Vec<Span>,
}

impl<'a> Message<'a> {
    /// The octets that were scanned.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The outermost part: the message's own header and body.
    pub fn root(&self) -> &Part<'a> {
        &self.arena.root
    }

    /// A part by its id. Ids are of one message: one of another gives some part of this.
    pub fn part(&self, id: PartId) -> &Part<'a> {
        self.arena.get(id)
    }

    /// Every part in document order, which is the order of ids: a container before what it holds.
    pub fn parts(&self) -> impl Iterator<Item = &Part<'a>> {
        std::iter::once(&self.arena.root).chain(&self.arena.rest)
    }

    /// How many parts there are, containers included. At least 1.
    pub fn part_count(&self) -> usize {
        self.arena.len()
    }

    /// What each octet of the message belongs to, in order: the spans tile [`Message::raw`].
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter()
    }
}
