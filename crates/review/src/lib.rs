//! Web pages and HTTP endpoints
#![forbid(unsafe_code)]
