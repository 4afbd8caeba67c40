//! Whole conversations, and laws that hold for all of them.

mod body;
mod laws;
mod transaction;
