//! What a reader would notice, over the whole of the crate.
mod bombs;
