//! Looks for octets that break the law [`sekimori_laws::html_render`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::html_render(data));
