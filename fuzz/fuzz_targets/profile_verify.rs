//! Looks for octets that break the law [`sekimori_laws::profile_verify`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sekimori_laws::profile_verify(data));
