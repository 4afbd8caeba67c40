//! The durable store: queue, originals, texts, decisions and audit in one transaction per message
#![forbid(unsafe_code)]
