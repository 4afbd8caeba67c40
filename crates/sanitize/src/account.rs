//! What became of every octet of the input.
//!
//! Invariants: the stretches of an [`Account`] follow each other without gap or overlap and are the
//! whole input; a stretch that was dropped names a decision that was taken; one that was removed
//! names a part that is listed.

use std::collections::BTreeMap;
use std::ops::Range;

use sekimori_mime::{Field, Header, Message, PartId, Span, SpanKind};
use sekimori_policy::{Code, Decisions};

/// What became of a stretch of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// What it says is in the message that crosses: text of the body, or a field of the header
    /// written again. For a body this is said of it as a whole: what became of its markup is in
    /// [`crate::Sanitized::html`], and the decisions count the characters that stayed behind.
    Crosses,
    /// It is, or belongs to, the removed part of this index in [`crate::Sanitized::removed`].
    Removed(usize),
    /// It stays behind, and this decision says so.
    Dropped(Code),
}

/// Some octets of the input with one fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Where they stand, in octets from the beginning of the input.
    pub range: Range<usize>,
    /// What became of them.
    pub fate: Fate,
}

/// What became of every octet of the input, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account(Vec<Stretch>);

/// How many octets of the input had which fate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Octets whose text crosses.
    pub crosses: usize,
    /// Octets in removed parts.
    pub removed: usize,
    /// Octets dropped, by the decision that says so.
    pub dropped: BTreeMap<Code, usize>,
}

impl Account {
    /// The stretches, in the order of the input.
    pub fn stretches(&self) -> &[Stretch] {
        &self.0
    }

    /// How many octets had which fate.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for Stretch { range, fate } in &self.0 {
            match fate {
                Fate::Crosses => totals.crosses += range.len(),
                Fate::Removed(_) => totals.removed += range.len(),
                Fate::Dropped(code) => *totals.dropped.entry(*code).or_default() += range.len(),
            }
        }
        totals
    }

    /// All of an input of `length` octets had one fate.
    pub(crate) fn whole(length: usize, fate: Fate) -> Self {
        let mut account = Self::default();
        account.push(length, fate);
        account
    }

    /// The octets up to `end` that are not accounted for yet had this fate.
    pub(crate) fn push(&mut self, end: usize, fate: Fate) {
        let start = self.0.last().map_or(0, |last| last.range.end);
        if end <= start {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.fate == fate => last.range.end = end,
            _ => self.0.push(Stretch { range: start..end, fate }),
        }
    }
}

/// The fates of parts and of the message's own header fields, as they are settled on the way through
/// a message.
#[derive(Debug, Default)]
pub(crate) struct Fates {
    parts: BTreeMap<PartId, Fate>,
    /// For each field of the message's own header, in order.
    pub(crate) fields: Vec<Fate>,
}

/// Fields of a message inside that its head shows.
const SHOWN_IN_HEAD: [&str; 5] = ["From", "To", "Cc", "Date", "Subject"];

impl Fates {
    /// Settles the fate of a part. A part that is removed as well as shown is removed.
    pub(crate) fn settle(&mut self, part: PartId, fate: Fate) {
        let known = self.parts.entry(part).or_insert(fate);
        if matches!(fate, Fate::Removed(_)) {
            *known = fate;
        }
    }

    /// Accounts for a scanned message, and takes the decisions that account for what only gives it
    /// its structure. `undone`: why parts were not come to.
    pub(crate) fn account(
        &self,
        message: &Message<'_>,
        undone: Code,
        decisions: &mut Decisions,
    ) -> Account {
        let settled = self.inherited(message);
        let mut account = Account::default();
        for span in message.spans() {
            let part = message.part(part_of(span));
            let fate = settled.get(part.id.index()).copied().flatten();
            let is_gone = matches!(fate, Some(Fate::Removed(_) | Fate::Dropped(_)));
            match (span.what, fate) {
                (SpanKind::Header(PartId::ROOT), _) => {
                    let fates = self.fields.iter().copied();
                    account.header(message, &part.header, fates, &span.range);
                }
                (SpanKind::MboxFrom(_), _) if part.id == PartId::ROOT => {
                    account.push(span.range.end, Fate::Dropped(Code::HeaderDropped));
                }
                (_, Some(fate)) if is_gone => account.push(span.range.end, fate),
                (SpanKind::Header(_), _) if part.is_message_root() => {
                    let fates = part.header.fields().map(fate_in_head);
                    account.header(message, &part.header, fates, &span.range);
                }
                (SpanKind::Body(_), _) => {
                    account.push(span.range.end, fate.unwrap_or(Fate::Dropped(undone)));
                }
                (SpanKind::Preamble(_) | SpanKind::Epilogue(_), _) if !is_blank(message, span) => {
                    account.push(span.range.end, Fate::Dropped(Code::PreambleDropped));
                }
                _ => account.push(span.range.end, Fate::Dropped(Code::StructureDropped)),
            }
        }
        for code in [Code::HeaderDropped, Code::StructureDropped] {
            let stretches = account.0.iter().filter(|stretch| stretch.fate == Fate::Dropped(code));
            if !decisions.contains(code) {
                decisions.add_counted(code, u64::try_from(stretches.count()).unwrap_or(u64::MAX));
            }
        }
        account
    }

    /// For each part its own fate, or that of what it stands in where that was removed or dropped
    /// as a whole.
    fn inherited(&self, message: &Message<'_>) -> Vec<Option<Fate>> {
        let mut settled: Vec<Option<Fate>> = Vec::with_capacity(message.part_count());
        for part in message.parts() {
            let around = part.parent.and_then(|parent| *settled.get(parent.index())?);
            let around = around.filter(|fate| *fate != Fate::Crosses);
            settled.push(around.or_else(|| self.parts.get(&part.id).copied()));
        }
        settled
    }
}

impl Account {
    /// Accounts for a header section that ends at `range`'s end, with a fate for each of its fields.
    /// Line ends go with the field before them; lines that are no field are dropped.
    fn header(
        &mut self,
        message: &Message<'_>,
        header: &Header<'_>,
        fates: impl Iterator<Item = Fate>,
        range: &Range<usize>,
    ) {
        let mut before = (range.start, Fate::Crosses);
        let is_blank = |from: usize, to: usize| {
            let octets = message.raw().get(from..to).unwrap_or_default();
            octets.trim_ascii().is_empty()
        };
        for (field, fate) in header.fields().zip(fates) {
            let Field { range: Range { start, end }, .. } = *field;
            let (from, last) = before;
            let gap = if is_blank(from, start) { last } else { Fate::Dropped(Code::HeaderDropped) };
            self.push(start, gap);
            self.push(end, fate);
            before = (end, fate);
        }
        let (from, last) = before;
        let rest =
            if is_blank(from, range.end) { last } else { Fate::Dropped(Code::HeaderDropped) };
        self.push(range.end, rest);
    }
}

fn fate_in_head(field: &Field<'_>) -> Fate {
    let is_shown = SHOWN_IN_HEAD.iter().any(|shown| shown.eq_ignore_ascii_case(field.name));
    if is_shown { Fate::Crosses } else { Fate::Dropped(Code::ForwardedAsText) }
}

fn part_of(span: &Span) -> PartId {
    match span.what {
        SpanKind::MboxFrom(id)
        | SpanKind::Header(id)
        | SpanKind::Preamble(id)
        | SpanKind::Delimiter(id)
        | SpanKind::Epilogue(id)
        | SpanKind::Body(id) => id,
    }
}

fn is_blank(message: &Message<'_>, span: &Span) -> bool {
    message.raw().get(span.range.clone()).unwrap_or_default().trim_ascii().is_empty()
}
