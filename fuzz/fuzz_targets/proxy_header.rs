//! Looks for octets that break the law [`sekimori_laws::proxy_header`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::proxy_header(data));
