//! How many connections are open, in all and from each peer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The open connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// One open connection. Counted until dropped.
#[derive(Debug)]
pub(crate) struct Entry {
    connections: Connections,
    peer: IpAddr,
}

impl Connections {
    /// Counts a connection, unless there are `most` in all or `most_per_peer` from its peer already.
    pub(crate) fn enter(&self, peer: IpAddr, most: usize, most_per_peer: usize) -> Option<Entry> {
        let peer = peer.to_canonical();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let from_peer = open.by_peer.get(&peer).copied().unwrap_or(0);
        if open.all >= most || from_peer >= most_per_peer {
            return None;
        }
        open.all += 1;
        open.by_peer.insert(peer, from_peer + 1);
        Some(Entry { connections: self.clone(), peer })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        if let Some(from_peer) = open.by_peer.get_mut(&self.peer) {
            *from_peer = from_peer.saturating_sub(1);
            if *from_peer == 0 {
                open.by_peer.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peer_cannot_take_the_place_of_others() {
        let connections = Connections::default();
        let a: IpAddr = "192.0.2.1".parse().unwrap();
        let b: IpAddr = "::ffff:192.0.2.2".parse().unwrap();
        let first = connections.enter(a, 3, 2);
        let second = connections.enter(a, 3, 2);
        assert!(first.is_some() && second.is_some());
        assert!(connections.enter(a, 3, 2).is_none(), "a third from one peer");
        let third = connections.enter(b, 3, 2);
        assert!(third.is_some());
        assert!(connections.enter(b, 3, 2).is_none(), "a fourth in all");
        drop(first);
        assert!(connections.enter(b, 3, 2).is_some());
    }

    #[test]
    fn a_peer_that_left_leaves_nothing_behind() {
        let connections = Connections::default();
        drop(connections.enter("192.0.2.1".parse().unwrap(), 1, 1));
        assert!(connections.0.lock().unwrap().by_peer.is_empty());
    }
}
