//! Filters of the templates.
#![expect(
    clippy::inline_always,
    clippy::unnecessary_wraps,
    unreachable_pub,
    reason = "the form that askama gives and asks for"
)]

use std::fmt::Display;

/// Puts a value in the place of `{}` in a sentence of the words.
#[askama::filter_fn]
pub(crate) fn put<T: Display>(
    sentence: &str,
    _: &dyn askama::Values,
    value: T,
) -> askama::Result<String> {
    Ok(sentence.replacen("{}", &value.to_string(), 1))
}
