//! The conformance suite of the journal, the embedded engine's own tests, and a model to compare
//! it with.
#![forbid(unsafe_code)]

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod disk_space;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod model;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod register;
