//! Elements nested more deeply than the stack of open elements holds: counted, not kept.

use crate::stack::Name;
use crate::tag::Tag;

/// The elements beyond the stack.
#[derive(Debug, Default)]
pub(crate) struct Overflow {
    depth: u32,
    /// The element that hides what comes, and how many of its name are open since.
    hiding: Option<(Name, u32)>,
}

impl Overflow {
    /// Whether any element beyond the stack is open.
    pub(crate) fn is_active(&self) -> bool {
        self.depth > 0
    }

    /// Whether text here is hidden or dropped.
    pub(crate) fn is_hiding(&self) -> bool {
        self.hiding.is_some()
    }

    /// A start tag of an element with an end tag; `hides` if nothing inside of it is seen.
    pub(crate) fn start(&mut self, name: Name, hides: bool) {
        if !ends_by_itself(name.tag) {
            self.depth = self.depth.saturating_add(1);
        }
        match &mut self.hiding {
            Some((hiding, _)) if *hiding == name && ends_by_itself(name.tag) => {
                self.hiding = hides.then_some((name, 1));
            }
            Some((hiding, open)) if *hiding == name => *open = open.saturating_add(1),
            Some(_) => {}
            None => self.hiding = hides.then_some((name, 1)),
        }
        // Hiding lasts while something beyond the stack is open, so there must be something.
        if self.hiding.is_some() {
            self.depth = self.depth.max(1);
        }
    }

    /// An end tag.
    pub(crate) fn end(&mut self, name: Name) {
        if let Some((hiding, open)) = &mut self.hiding
            && *hiding == name
        {
            *open -= 1;
            if *open == 0 {
                self.hiding = None;
            }
        }
        if !ends_by_itself(name.tag) {
            self.depth = self.depth.saturating_sub(1);
        }
        if self.depth == 0 {
            self.hiding = None;
        }
    }
}

/// Elements whose end tag is often left out, so that counting them would drift.
fn ends_by_itself(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::P
            | Tag::Li
            | Tag::Dd
            | Tag::Dt
            | Tag::Option
            | Tag::Optgroup
            | Tag::Tr
            | Tag::Td
            | Tag::Th
            | Tag::Tbody
            | Tag::Thead
            | Tag::Tfoot
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hiding_ends_with_the_element_that_hides() {
        let (div, span) = (Name::of(Tag::Div), Name::read(b"span"));
        let mut overflow = Overflow::default();
        overflow.start(div, false);
        overflow.start(span, true);
        overflow.start(span, false);
        overflow.end(span);
        assert!(overflow.is_hiding());
        overflow.end(span);
        assert!(!overflow.is_hiding() && overflow.is_active());
        overflow.end(div);
        assert!(!overflow.is_active());
    }

    #[test]
    fn an_item_that_hides_ends_at_the_next_item() {
        let li = Name::of(Tag::Li);
        let mut overflow = Overflow::default();
        overflow.start(Name::of(Tag::Div), false);
        overflow.start(li, true);
        assert!(overflow.is_hiding());
        overflow.start(li, false);
        assert!(!overflow.is_hiding());
    }
}
