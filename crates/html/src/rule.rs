//! One rule of a style sheet, ready to be matched against elements.

use crate::identity::{Identity, Symbol};
use crate::selector::Combinator;
use crate::stack::Name;
use crate::tag::Tag;

/// What a rule asks of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Element(Name),
    Class(Symbol),
    Id(Symbol),
    /// A question about attributes, by its bit.
    Attribute(u64),
    Root,
}

impl Check {
    fn holds(self, element: &Identity) -> bool {
        match self {
            Self::Element(name) => element.name == name,
            Self::Class(class) => element.has_class(class),
            Self::Id(id) => element.id == Some(id),
            Self::Attribute(bit) => element.attributes & bit != 0,
            Self::Root => element.name.tag == Tag::Html,
        }
    }
}

/// What a rule asks of the element or of one around it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Each with whether it must not hold.
    pub(crate) checks: Vec<(bool, Check)>,
    /// How the step to its left is found.
    pub(crate) combinator: Option<Combinator>,
}

impl Step {
    fn holds(&self, element: &Identity) -> bool {
        self.checks.iter().all(|(negated, check)| check.holds(element) != *negated)
    }
}

/// A rule with one selector.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// From the right to the left, at most [`crate::selector::MAX_COMPOUNDS`].
    pub(crate) steps: Vec<Step>,
    pub(crate) specificity: u32,
    /// Which declarations, and by that its place in the order of the document.
    pub(crate) body: usize,
}

impl Rule {
    /// Whether the rule is one for `element`, whose parent is `around(0)` and so on outwards. Each
    /// element looked at takes one off `work`; with nothing left the rule is none.
    ///
    /// All places where the steps so far may end are followed at once, so that nothing is looked at
    /// twice.
    pub(crate) fn matches<'e>(
        &self,
        element: &Identity,
        around: &impl Fn(usize) -> Option<&'e Identity>,
        work: &mut u64,
    ) -> bool {
        let Some(own) = self.steps.first() else {
            return false;
        };
        if *work == 0 || !own.holds(element) {
            return false;
        }
        if own.combinator.is_none() {
            return true;
        }
        // Bit n: the steps before n are found, step n is next.
        let mut next: u32 = 1 << 1;
        for at in 0.. {
            let Some(ancestor) = around(at) else {
                return false;
            };
            let mut then = 0;
            for (n, step) in self.steps.iter().enumerate().skip(1) {
                if next & (1 << n) == 0 {
                    continue;
                }
                *work = work.saturating_sub(1);
                let found_by = self.steps.get(n - 1).and_then(|before| before.combinator);
                if found_by == Some(Combinator::Descendant) {
                    then |= 1 << n;
                }
                if step.holds(ancestor) {
                    if step.combinator.is_none() {
                        return true;
                    }
                    then |= 1 << (n + 1);
                }
            }
            next = then;
            if next == 0 || *work == 0 {
                return false;
            }
        }
        false
    }
}
