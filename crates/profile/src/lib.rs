//! The text-only profile: the writer, and a verifier that shares nothing with it
#![forbid(unsafe_code)]
