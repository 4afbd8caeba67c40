//! Looks for octets that break the law [`sekimori_laws::smtp_status`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::smtp_status(data));
