//! Looks for octets that break the law [`sekimori_laws::plain_text`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::plain_text(data));
