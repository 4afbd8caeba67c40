//! Raw message and policy in; text message, removed parts and decisions out
#![forbid(unsafe_code)]
