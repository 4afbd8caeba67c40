//! Looks for octets that break the law [`sekimori_laws::charset_field`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::charset_field(data));
