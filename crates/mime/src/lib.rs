//! Structure of a message: a linear, bounded scan, then header fields and leaf decoding
#![forbid(unsafe_code)]
