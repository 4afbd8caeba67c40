//! Checks chains record by record.

use std::collections::BTreeMap;

use super::checkpoint::Checkpoint;
use super::fault::{Fault, Problem};
use super::key::{AuditKey, AuditPublicKey, Head};
use super::record::RawRecord;
use super::{Hash, START};

/// Most faults that are listed; further ones are counted.
pub const MAX_FAULTS: usize = 1_000;
/// Most chains that are followed at once. Records of further ones are faults.
pub const MAX_CHAINS: usize = 100_000;

/// What holds a record in its chain, as stored.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The record's hash.
    pub hash: &'a [u8],
    /// Its keyed hash, where it is known.
    pub mac: Option<&'a [u8]>,
    /// The hash of the record before it: for the first of an export that begins in the middle.
    pub previous: Option<Hash>,
}

/// How one chain was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Its name; `None` for the gateway's own.
    pub chain: Option<String>,
    /// Number of the first record looked at.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
    /// Checkpoints that agreed.
    pub checkpoints: u64,
}

/// How everything was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Every chain, the gateway's own first.
    pub chains: Vec<ChainReport>,
    /// Records looked at.
    pub records: u64,
    /// Records from before there were chains, of which nothing can be said.
    pub unchained: u64,
    /// Whether keyed hashes were checked.
    pub macs_checked: bool,
    /// What is broken, in the order found; at most [`MAX_FAULTS`].
    pub faults: Vec<Fault>,
    /// Faults beyond those.
    pub further_faults: u64,
}

impl Verification {
    /// Whether nothing is broken.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}

/// What has been seen of one chain.
#[derive(Debug, Default)]
struct Chain {
    first: u64,
    last: u64,
    sequence: u64,
    /// What the hash of the last record is, or might have been before it was changed.
    hashes: [Option<Hash>; 2],
    /// The newest number that a good checkpoint agreed with.
    agreed: u64,
    checkpoints: u64,
    /// The newest checkpoint that names a record which has not come yet.
    owed: Option<Checkpoint>,
    /// Place in the list of this chain's newest fault.
    fault: Option<usize>,
}

/// Checks records and checkpoints that come in the order of their sequence.
#[derive(Debug)]
pub struct Verifier<'k> {
    public: AuditPublicKey,
    key: Option<&'k AuditKey>,
    /// Whether the records are some of all: chains may be absent, and end before a checkpoint.
    partial: bool,
    chains: BTreeMap<Option<Vec<u8>>, Chain>,
    begun: bool,
    found: Verification,
}

impl<'k> Verifier<'k> {
    /// Checks signatures by `public`, and keyed hashes where there is a key for them.
    pub fn new(public: AuditPublicKey, key: Option<&'k AuditKey>) -> Self {
        Self {
            public,
            key,
            partial: false,
            chains: BTreeMap::new(),
            begun: false,
            found: Verification { macs_checked: key.is_some(), ..Verification::default() },
        }
    }

    /// Says that the records are some of all: a chain that is not there, or that ends before a
    /// checkpoint, is then no fault.
    pub fn expect_a_part(&mut self) {
        self.partial = true;
    }

    /// Looks at a record of a time before there were chains.
    pub fn unchained(&mut self, chain: Option<&[u8]>, sequence: u64) {
        self.found.records += 1;
        self.found.unchained += 1;
        if self.begun {
            self.fault(Problem::Unchained, chain, (0, 0), Some(sequence));
        }
    }

    /// Looks at a record.
    pub fn record(&mut self, record: &RawRecord<'_>, link: &Link<'_>) {
        self.found.records += 1;
        self.begun = true;
        let RawRecord { chain: name, number, sequence, .. } = *record;
        let key = name.map(<[u8]>::to_vec);
        if self.chains.len() >= MAX_CHAINS && !self.chains.contains_key(&key) {
            return self.fault(Problem::OutOfPlace, name, (number, number), Some(sequence));
        }
        let chain = self.chains.entry(key).or_default();
        if chain.last == 0 {
            let partly = link.previous.filter(|_| number > 1);
            chain.first = if partly.is_some() { number } else { 1 };
            chain.last = chain.first - 1;
            chain.hashes = [Some(partly.unwrap_or(START)), None];
        }
        if number <= chain.last {
            return self.fault(Problem::OutOfPlace, name, (number, number), Some(sequence));
        }
        let (before, before_sequence) = (chain.last, chain.sequence);
        let is_next = number - before == 1;
        let known = if is_next { chain.hashes } else { [None; 2] };
        let stored = Hash::try_from(link.hash).ok();
        let computed = known.map(|previous| previous.map(|previous| record.hash(&previous)));
        let fits = stored.is_some() && (!is_next || computed.contains(&stored));
        chain.hashes = match (stored, fits) {
            (Some(_), true) => [stored, None],
            _ => [stored.or(computed[0]), computed[0]],
        };
        (chain.last, chain.sequence) = (number, sequence);
        if chain.owed.as_ref().is_some_and(|owed| owed.number <= number) {
            chain.owed = None;
        }
        if !is_next {
            self.fault(Problem::Missing, name, (before + 1, number - 1), Some(before_sequence));
        }
        if !fits {
            self.fault(Problem::Changed, name, (number, number), Some(sequence));
        } else if let (Some(key), Some(hash)) = (self.key, stored)
            && !link.mac.is_some_and(|mac| key.mac_fits(&hash, mac))
        {
            self.fault(Problem::Forged, name, (number, number), Some(sequence));
        }
    }

    /// Whether a checkpoint is signed by the key.
    pub fn is_signed(&self, checkpoint: &Checkpoint) -> bool {
        checkpoint.is_signed_by(&self.public)
    }

    /// Looks at a checkpoint, once every record up to its sequence was looked at.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        let Checkpoint { number, at, .. } = *checkpoint;
        let name = checkpoint.chain.as_deref().map(str::as_bytes);
        let sequence = Some(checkpoint.sequence);
        if !self.is_signed(checkpoint) {
            let problem = Problem::CheckpointUnsigned { at };
            return self.fault(problem, name, (number, number), sequence);
        }
        let key = name.map(<[u8]>::to_vec);
        if self.chains.len() >= MAX_CHAINS && !self.chains.contains_key(&key) {
            return self.fault(Problem::OutOfPlace, name, (number, number), sequence);
        }
        let chain = self.chains.entry(key).or_default();
        if number > chain.last {
            if chain.owed.as_ref().is_none_or(|owed| owed.number <= number) {
                chain.owed = Some(checkpoint.clone());
            }
            return;
        }
        if number < chain.first {
            return;
        }
        if number < chain.last {
            let problem = Problem::CheckpointOutOfPlace { at };
            return self.fault(problem, name, (number, number), sequence);
        }
        if chain.hashes.contains(&Some(checkpoint.hash)) {
            (chain.agreed, chain.checkpoints) = (number, chain.checkpoints + 1);
            return;
        }
        let first = chain.agreed.saturating_add(1).max(chain.first).min(number);
        self.fault(Problem::CheckpointDiffers { at }, name, (first, number), sequence);
    }

    /// Looks at the head of a chain as a store has it, once every record was looked at.
    pub fn head(&mut self, name: Option<&[u8]>, head: &Head, mac: &[u8]) {
        let chain = self.chains.entry(name.map(<[u8]>::to_vec)).or_default();
        let (last, sequence) = (chain.last, chain.sequence);
        let agrees = chain.hashes.contains(&Some(head.hash)) && head.sequence == sequence;
        if head.number > last {
            let problem = Problem::CutBelowHead;
            self.fault(problem, name, (last + 1, head.number), Some(sequence));
        } else if head.number < last {
            self.fault(Problem::HeadBehind, name, (head.number + 1, last), Some(sequence));
        } else if !agrees || self.key.is_some_and(|key| !key.head_fits(name, head, mac)) {
            self.fault(Problem::HeadChanged, name, (last, last), Some(sequence));
        }
    }

    /// Says that a store has no heads but those given, so that a chain without one shows.
    pub fn no_further_heads(&mut self, given: &[Option<Vec<u8>>]) {
        let without: Vec<_> = self
            .chains
            .iter()
            .filter(|(name, chain)| chain.last > 0 && !given.contains(name))
            .map(|(name, chain)| (name.clone(), chain.last, chain.sequence))
            .collect();
        for (name, last, sequence) in without {
            self.fault(Problem::HeadBehind, name.as_deref(), (1, last), Some(sequence));
        }
    }

    /// Says that a line could not be read.
    pub fn unreadable(&mut self, line: u64) {
        self.fault(Problem::UnreadableLine, None, (line, line), None);
    }

    /// What was found in all.
    pub fn finish(mut self) -> Verification {
        if !self.partial {
            let owed: Vec<_> = self
                .chains
                .values_mut()
                .filter_map(|chain| Some((chain.owed.take()?, chain.last, chain.sequence)))
                .collect();
            for (checkpoint, last, sequence) in owed {
                let problem = Problem::CutBelowCheckpoint { at: checkpoint.at };
                let name = checkpoint.chain.as_deref().map(str::as_bytes);
                self.fault(problem, name, (last + 1, checkpoint.number), Some(sequence));
            }
        }
        for (name, chain) in self.chains.iter().filter(|(_, chain)| chain.last > 0) {
            self.found.chains.push(ChainReport {
                chain: readable(name.as_deref()),
                first: chain.first,
                last: chain.last,
                checkpoints: chain.checkpoints,
            });
        }
        self.found
    }

    /// Puts a fault on the list. One that goes on where the chain's newest ended makes that longer.
    fn fault(
        &mut self,
        problem: Problem,
        name: Option<&[u8]>,
        (first, last): (u64, u64),
        sequence: Option<u64>,
    ) {
        let chain = self.chains.get_mut(&name.map(<[u8]>::to_vec));
        let newest = chain.as_ref().and_then(|chain| chain.fault);
        if let Some(newest) = newest.and_then(|place| self.found.faults.get_mut(place))
            && newest.problem == problem
            && newest.last.checked_add(1) == Some(first)
        {
            newest.last = last;
            return;
        }
        if self.found.faults.len() >= MAX_FAULTS {
            self.found.further_faults += 1;
            return;
        }
        if let Some(chain) = chain {
            chain.fault = Some(self.found.faults.len());
        }
        let chain = readable(name);
        let sequence = sequence.filter(|&sequence| sequence > 0);
        self.found.faults.push(Fault { problem, chain, first, last, sequence });
    }
}

/// A chain's name as text, whatever became of it in the store.
fn readable(name: Option<&[u8]>) -> Option<String> {
    name.map(|name| {
        std::str::from_utf8(name).map_or_else(|_| name.escape_ascii().to_string(), str::to_owned)
    })
}
