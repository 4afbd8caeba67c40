//! A count of the octets that look-ahead goes over, so that tests can show it to be linear without a
//! clock. It costs nothing outside of tests.

#[cfg(not(test))]
pub(crate) const fn spend(_octets: usize) {}

#[cfg(test)]
pub(crate) use counting::{spend, spent_by};

#[cfg(test)]
mod counting {
    use std::cell::Cell;

    thread_local! {
        static SPENT: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn spend(octets: usize) {
        SPENT.set(SPENT.get() + octets);
    }

    /// The octets that look-ahead goes over in `work`.
    pub(crate) fn spent_by(work: impl FnOnce()) -> usize {
        SPENT.set(0);
        work();
        SPENT.get()
    }
}
