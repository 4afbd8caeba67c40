//! The SMTP wire without I/O: server session, client transaction, reply codes
#![forbid(unsafe_code)]
