//! What a selector can ask of an element: its name, and of its id, classes and attributes those that
//! some style sheet of the document names.

use crate::stack::Name;

/// Classes of one element that style sheets name and that are kept; further ones match nothing.
pub(crate) const MAX_CLASSES: usize = 8;

/// A name of a class or id that some style sheet uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Symbol(pub(crate) u16);

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: Name,
    pub(crate) id: Option<Symbol>,
    pub(crate) classes: [Option<Symbol>; MAX_CLASSES],
    /// One bit for each question about attributes that the style sheets ask.
    pub(crate) attributes: u64,
}

impl Identity {
    /// An element of this name without attributes.
    pub(crate) fn of(name: Name) -> Self {
        Self { name, id: None, classes: [None; MAX_CLASSES], attributes: 0 }
    }

    /// Adds a class if there is room.
    pub(crate) fn add_class(&mut self, class: Symbol) {
        if let Some(free) = self.classes.iter_mut().find(|known| known.is_none()) {
            *free = Some(class);
        }
    }

    pub(crate) fn has_class(&self, class: Symbol) -> bool {
        self.classes.iter().map_while(|known| *known).any(|known| known == class)
    }
}
