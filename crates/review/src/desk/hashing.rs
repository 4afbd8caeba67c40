//! Password hashes (argon2id, RFC 9106), a few at a time: each takes 19 MiB and some 20 ms.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// Memory of one hash in KiB. With two passes and one lane these are the parameters that OWASP's
/// Password Storage Cheat Sheet gives for argon2id.
pub(super) const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
pub(super) const PASSES: u32 = 2;
/// Hashes computed at the same time.
const AT_ONCE: usize = 2;
/// Calls that may wait for their turn.
const MAX_WAITING: usize = 100;
/// Octets of salt.
const SALT: usize = 16;

/// More wait for a hash than may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crowded;

/// Computes and checks password hashes.
pub(super) struct Hashing {
    argon2: Argon2<'static>,
    /// A hash of no password: for logins that do not exist, so that they cost the same time.
    nobody: String,
    running: Mutex<Running>,
    freed: Condvar,
}

#[derive(Default)]
struct Running {
    at_work: usize,
    waiting: usize,
}

/// The turn to compute hashes; given back when dropped.
pub(super) struct Turn<'h>(&'h Hashing);

impl Hashing {
    pub(super) fn new() -> Self {
        // The parameters are constants within argon2's bounds: the default stands for never.
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2.hash_password_with_salt(b"nobody", &[7; SALT]);
        let nobody = nobody.map(|hash| hash.to_string()).unwrap_or_default();
        Self { argon2, nobody, running: Mutex::default(), freed: Condvar::new() }
    }

    /// Waits for a turn.
    pub(super) fn turn(&self) -> Result<Turn<'_>, Crowded> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.at_work >= AT_ONCE {
            if running.waiting >= MAX_WAITING {
                return Err(Crowded);
            }
            running.waiting += 1;
            while running.at_work >= AT_ONCE {
                running = self.freed.wait(running).unwrap_or_else(PoisonError::into_inner);
            }
            running.waiting = running.waiting.saturating_sub(1);
        }
        running.at_work += 1;
        Ok(Turn(self))
    }
}

impl Turn<'_> {
    /// The PHC string of a password. `None` when there is no randomness to be had.
    pub(super) fn hash(&self, password: &str) -> Option<String> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).ok()?;
        let hash = self.0.argon2.hash_password_with_salt(password.as_bytes(), &salt);
        hash.ok().map(|hash| hash.to_string())
    }

    /// Whether a password is that of a PHC string. Without one it takes as long and is not.
    pub(super) fn is_right(&self, password: &str, phc: Option<&str>) -> bool {
        let parsed = PasswordHash::new(phc.unwrap_or(&self.0.nobody));
        let is_right = parsed
            .is_ok_and(|hash| self.0.argon2.verify_password(password.as_bytes(), &hash).is_ok());
        is_right && phc.is_some()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.at_work = running.at_work.saturating_sub(1);
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_for_its_own_hash_alone() {
        let hashing = Hashing::new();
        let turn = hashing.turn().unwrap();
        let phc = turn.hash("関所の門は日没に閉まる").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(turn.is_right("関所の門は日没に閉まる", Some(&phc)));
        assert!(!turn.is_right("関所の門は日没に閉まる。", Some(&phc)));
        assert!(!turn.is_right("関所の門は日没に閉まる", Some("$argon2id$")));
    }

    #[test]
    fn nobody_has_no_password_and_a_hash_of_its_own_to_check() {
        let hashing = Hashing::new();
        assert!(PasswordHash::new(&hashing.nobody).is_ok());
        assert!(!hashing.turn().unwrap().is_right("nobody", None));
    }

    #[test]
    fn no_more_than_a_few_hashes_are_computed_at_once() {
        let hashing = Hashing::new();
        let turns: Vec<_> = (0..AT_ONCE).map(|_| hashing.turn().unwrap()).collect();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| drop(hashing.turn().unwrap()));
            while hashing.running.lock().unwrap().waiting == 0 {
                std::thread::yield_now();
            }
            assert!(!waiting.is_finished());
            drop(turns);
        });
        hashing.running.lock().unwrap().waiting = MAX_WAITING;
        let _turns: Vec<_> = (0..AT_ONCE).map(|_| hashing.turn().unwrap()).collect();
        assert_eq!(hashing.turn().err(), Some(Crowded));
    }
}
