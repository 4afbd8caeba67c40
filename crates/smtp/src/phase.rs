//! Which time-out of RFC 5321 section 4.5.3.2 applies.

use std::time::Duration;

/// What is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The greeting of a server (section 4.5.3.2.1).
    Greeting,
    /// A command, or the reply to one (sections 4.5.3.2.2, 4.5.3.2.3 and 4.5.3.2.7).
    Command,
    /// The reply to DATA (section 4.5.3.2.4).
    DataInitiation,
    /// The next block of a message (section 4.5.3.2.5).
    DataBlock,
    /// The reply to the end of a message (section 4.5.3.2.6).
    DataTermination,
}

impl Phase {
    /// The time that RFC 5321 asks to wait at least.
    pub fn timeout(self) -> Duration {
        let minutes = match self {
            Self::Greeting | Self::Command => 5,
            Self::DataInitiation => 2,
            Self::DataBlock => 3,
            Self::DataTermination => 10,
        };
        Duration::from_secs(minutes * 60)
    }
}
