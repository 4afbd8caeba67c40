//! The word to stop, given once and heard everywhere.

use tokio::sync::watch;

/// Gives the word. When it is dropped, the word counts as given.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Hears the word.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// A pair of which nothing was said yet.
    pub(crate) fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Says stop.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the word was given.
    pub(crate) fn is_given(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Returns once the word was given. May be dropped and called again.
    pub(crate) async fn given(&mut self) {
        // An error says that the stopper is gone, which is the same.
        let _ = self.0.wait_for(|&stop| stop).await;
    }
}
