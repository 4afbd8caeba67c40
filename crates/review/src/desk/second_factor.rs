//! The second factor: codes of an authenticator by time (RFC 6238), and recovery codes.

use std::fmt;
use std::fmt::Write as _;

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use sekimori_journal::Credentials;
use sekimori_policy::Timestamp;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use totp_rs::{Builder, Secret, Totp};
use unicode_normalization::UnicodeNormalization;

use super::{Clash, Desk, Fault, Person, Refusal, Why};

/// Recovery codes that a person gets.
pub const RECOVERY_CODES: usize = 10;
/// Octets of a shared secret: what RFC 4226 section 4 recommends.
const SECRET_OCTETS: usize = 20;
/// Characters of a code that are looked at.
const MAX_CODE_CHARS: usize = 40;
/// Symbols of a recovery code: fifty bits.
const RECOVERY_SYMBOLS: usize = 10;
/// Letters and digits that are not mistaken for one another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A second factor that is about to be set up. Keep the secret with the session until it is
/// confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactorOffer {
    /// The shared secret in base 32 (RFC 4648 section 6), to be typed where no picture can be taken.
    pub secret: String,
    /// The same as an `otpauth:` URI.
    pub uri: String,
    /// The URI as a QR code: an SVG element without anything outside of it.
    pub svg: String,
}

impl fmt::Debug for SecondFactorOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecondFactorOffer(…)")
    }
}

impl Desk {
    /// A new secret for the person's authenticator. Nothing is changed before it is confirmed.
    pub fn begin_second_factor(&self, person: &Person) -> Result<SecondFactorOffer, Refusal> {
        Self::needs_session(person)?;
        let credentials = self.0.register.credentials(person.account.id)?;
        if credentials.totp_secret.is_some() {
            return Err(Refusal::Conflict(Clash::SecondFactorSet));
        }
        let mut secret = [0; SECRET_OCTETS];
        getrandom::fill(&mut secret).map_err(|_| no_randomness())?;
        let secret = Secret::from(secret).to_base32();
        let uri = otpauth(&self.0.settings.issuer, &person.account.login, &secret);
        let svg = qr_code(&uri).ok_or(Refusal::invalid("login", Fault::TooLong(MAX_CODE_CHARS)))?;
        Ok(SecondFactorOffer { secret, uri, svg })
    }

    /// Sets the second factor up, once a code shows that the authenticator has the secret. Gives the
    /// person as he is now, and the recovery codes, which are shown this once. His other sessions end.
    pub fn confirm_second_factor(
        &self,
        person: &Person,
        secret: &str,
        code: &str,
    ) -> Result<(Person, Vec<String>), Refusal> {
        Self::needs_session(person)?;
        let mut credentials = self.0.register.credentials(person.account.id)?;
        if credentials.totp_secret.is_some() {
            return Err(Refusal::Conflict(Clash::SecondFactorSet));
        }
        let secret = Secret::try_from_base32(secret).map(|s| s.as_ref().to_vec());
        let secret = secret.map_err(|_| Refusal::invalid("code", Fault::Wrong))?;
        if secret.len() != SECRET_OCTETS || step_of(&secret, code, self.now()).is_none() {
            return Err(Refusal::invalid("code", Fault::Wrong));
        }
        let codes = recovery_codes().ok_or_else(no_randomness)?;
        credentials.recovery_hashes = codes.iter().map(|code| recovery_hash(code)).collect();
        credentials.totp_secret = Some(secret);
        let actor = person.actor("");
        self.0.register.set_credentials(person.account.id, &credentials, &actor, self.now())?;
        Ok((self.renewed(person)?, codes))
    }

    /// Refuses whoever has no session of his own: a token cannot change what its owner is known by.
    pub(super) fn needs_session(person: &Person) -> Result<(), Refusal> {
        if person.is_machine() {
            Err(Refusal::NotPermitted(Why::NoAccount))
        } else if person.scopes().is_some() {
            Err(Refusal::NotPermitted(Why::Token))
        } else {
            Ok(())
        }
    }
}

pub(super) fn no_randomness() -> Refusal {
    Refusal::Store(sekimori_journal::JournalError::Misuse("the system gives no randomness"))
}

/// The time step of a code, when it is one of the last, this or the next half minute.
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let code = plain_code(code);
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.unix_millis().div_euclid(1_000)).ok()?;
    authenticator(secret)?.check(&code, seconds).and_then(|step| i64::try_from(step).ok())
}

/// SHA-1, six digits, half a minute, one step either way: what authenticators know.
fn authenticator(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret.to_vec()).build().ok()
}

/// Takes a recovery code out of those left. `false` when it is none of them.
pub(super) fn use_recovery_code(credentials: &mut Credentials, code: &str) -> bool {
    let hash = recovery_hash(code);
    let before = credentials.recovery_hashes.len();
    credentials.recovery_hashes.retain(|known| {
        let is_same: Choice = known.ct_eq(&hash);
        !bool::from(is_same)
    });
    credentials.recovery_hashes.len() < before
}

/// A code without blanks and hyphens, narrow, in lower case.
fn plain_code(code: &str) -> String {
    let narrow = code.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '-' | 'ー' | '‐'));
    narrow.flat_map(char::to_lowercase).take(MAX_CODE_CHARS).collect()
}

fn recovery_hash(code: &str) -> [u8; 32] {
    Sha256::digest(plain_code(code).as_bytes()).into()
}

/// Recovery codes as people write them down: `7f3k9-2mxqp`.
fn recovery_codes() -> Option<Vec<String>> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut random = [0; RECOVERY_SYMBOLS];
        getrandom::fill(&mut random).ok()?;
        let mut code = String::new();
        for (place, octet) in random.into_iter().enumerate() {
            if place == RECOVERY_SYMBOLS / 2 {
                code.push('-');
            }
            code.push(char::from(*ALPHABET.get(usize::from(octet & 31))?));
        }
        codes.push(code);
    }
    Some(codes)
}

/// The URI that authenticators read (the Key URI format, which they agree on by use).
fn otpauth(issuer: &str, login: &str, secret: &str) -> String {
    let (issuer, login) = (percent(issuer), percent(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

/// Everything but unreserved characters (RFC 3986 section 2.3) in percent-encoding.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, octet| {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(octet));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{octet:02X}");
        }
        out
    })
}

/// A QR code as an SVG element.
fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let drawing = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    // A page has no XML declaration inside.
    drawing.find("<svg").and_then(|at| drawing.get(at..)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::japanese_time(seconds * 1_000)
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of eight digits.
        let secret = b"12345678901234567890";
        assert_eq!(step_of(secret, "050471", at(1_111_111_111)), Some(37_037_037));
        assert_eq!(step_of(secret, "０５０ ４７１", at(1_111_111_111)), Some(37_037_037));
        assert_eq!(step_of(secret, "081804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(step_of(secret, "005924", at(1_234_567_890)), Some(41_152_263));
        for wrong in ["050472", "", "05047", "0504711", "abcdef", &"0".repeat(100_000)] {
            assert_eq!(step_of(secret, wrong, at(1_111_111_111)), None, "{wrong:.20}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_no_more() {
        let secret = b"12345678901234567890";
        let step = 37_037_037;
        for (off, is_taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = at((step + off) * 30 + 1);
            assert_eq!(step_of(secret, "050471", now), is_taken.then_some(step), "{off}");
        }
    }

    #[test]
    fn recovery_codes_work_once_however_they_are_typed() {
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let mut credentials = Credentials {
            recovery_hashes: codes.iter().map(|code| recovery_hash(code)).collect(),
            ..Credentials::default()
        };
        let typed = codes[3].to_uppercase().replace('-', " ");
        assert!(use_recovery_code(&mut credentials, &typed));
        assert!(!use_recovery_code(&mut credentials, &codes[3]));
        assert!(!use_recovery_code(&mut credentials, ""));
        assert_eq!(credentials.recovery_hashes.len(), RECOVERY_CODES - 1);
    }

    #[test]
    fn the_uri_is_one_that_authenticators_read() {
        assert_eq!(
            otpauth("関守 1", "sato@town.example", "MZXW6"),
            "otpauth://totp/%E9%96%A2%E5%AE%88%201:sato%40town.example?secret=MZXW6\
             &issuer=%E9%96%A2%E5%AE%88%201"
        );
    }

    #[test]
    fn the_qr_code_is_an_element_that_asks_for_nothing_outside() {
        let svg = qr_code(&otpauth("sekimori", &"a".repeat(200), &"A".repeat(32))).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg:.80}");
        assert!(!svg.contains("href") && !svg.contains("style="), "{svg:.200}");
        assert_eq!(qr_code(&"a".repeat(10_000)), None);
    }
}
