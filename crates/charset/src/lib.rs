//! Label and bytes to text and losses: Japanese mail as it is in the wild
#![forbid(unsafe_code)]
