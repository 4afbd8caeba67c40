//! Raw message and policy in; text message, removed parts and decisions out.
#![forbid(unsafe_code)]

mod context;
mod held;
mod sanitize;

pub use context::{Context, Sanitized, Summary};
pub use held::{held, hold_notice};
pub use sanitize::sanitize;
