//! What a person would see of an HTML body, as text
#![forbid(unsafe_code)]
