//! Looks for octets that break the law [`sekimori_laws::mime_scan`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::mime_scan(data));
