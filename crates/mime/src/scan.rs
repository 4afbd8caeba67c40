//! The scan that finds the structure of a message: one pass over its lines, containers on an
//! explicit stack.

use sekimori_policy::Limits;

use crate::classify::{Reading, classify};
use crate::content_type::ContentType;
use crate::delimiter::{Open, compare};
use crate::error::ScanError;
use crate::fault::{Fault, Faults};
use crate::header::Header;
use crate::header_section::HeaderSection;
use crate::line::{Ending, Line, Lines};
use crate::message::{Arena, Message};
use crate::part::{Part, PartId, PartKind};
use crate::section::section_number;
use crate::span::{Span, SpanKind};
use crate::transfer_encoding::TransferEncoding;

/// Finds the parts of a message.
///
/// Any octets are a message; what is odd about them is in [`Part::faults`]. Takes time in proportion
/// to `raw` (for lines that begin with `--`, times the nesting, which `limits.depth` bounds) and
/// memory in proportion to the fields and parts, never a copy of a body. Holds no recursion.
///
/// # Errors
///
/// When the message goes over `depth`, `parts`, `header_fields` or `header_octets` of `limits`.
pub fn scan<'a>(raw: &'a [u8], limits: &Limits) -> Result<Message<'a>, ScanError> {
    let mut scanner = Scanner::new(raw, limits);
    for line in Lines::new(raw) {
        scanner.line(&line)?;
    }
    scanner.finish()
}

/// What is being read.
enum Region<'a> {
    Header(HeaderSection<'a>),
    Preamble,
    Epilogue,
    Body,
}

struct Scanner<'a, 'l> {
    raw: &'a [u8],
    limits: &'l Limits,
    arena: Arena<'a>,
    open: Vec<Open>,
    spans: Vec<Span>,
    region: Region<'a>,
    /// The part that the region belongs to.
    current: PartId,
    region_start: usize,
    /// Where the ending of the line before begins, and which it is.
    last_text_end: usize,
    last_ending: Ending,
}

impl<'a, 'l> Scanner<'a, 'l> {
    fn new(raw: &'a [u8], limits: &'l Limits) -> Self {
        Self {
            raw,
            limits,
            arena: Arena::new(new_part(PartId::ROOT, None, 0, true)),
            open: Vec::new(),
            spans: Vec::new(),
            region: Region::Header(HeaderSection::new(raw, 0, true, limits)),
            current: PartId::ROOT,
            region_start: 0,
            last_text_end: 0,
            last_ending: Ending::None,
        }
    }

    fn line(&mut self, line: &Line) -> Result<(), ScanError> {
        let text = self.raw.get(line.start..line.text_end).unwrap_or_default();
        if !self.open.is_empty()
            && let Some(boundary) = text.strip_prefix(b"--")
            && self.delimiter(line, boundary)?
        {
            // A delimiter ended what was being read.
        } else if matches!(self.region, Region::Header(_)) {
            self.header_line(line, text)?;
        } else if let Some(fault) = match line.ending {
            Ending::Cr => Some(Fault::BareCr),
            Ending::Lf => Some(Fault::BareLf),
            Ending::Crlf | Ending::None => None,
        } {
            self.arena.get_mut(self.current).faults.insert(fault);
        }
        self.last_text_end = line.text_end;
        self.last_ending = line.ending;
        Ok(())
    }

    fn header_line(&mut self, line: &Line, text: &[u8]) -> Result<(), ScanError> {
        let Region::Header(section) = &mut self.region else {
            return Ok(());
        };
        let mbox = text.starts_with(b"From ") || text.starts_with(b">From ");
        if mbox && line.start == self.region_start {
            let part = self.arena.get_mut(self.current);
            if part.message_root && !part.faults.contains(Fault::MboxFrom) {
                part.faults.insert(Fault::MboxFrom);
                self.push_span(line.end, SpanKind::MboxFrom(self.current));
                self.region =
                    Region::Header(HeaderSection::new(self.raw, line.end, true, self.limits));
                self.arena.get_mut(self.current).header_range = line.end..line.end;
                return Ok(());
            }
        }
        if section.line(line, self.limits)? {
            self.end_header(line.end, true)?;
        }
        Ok(())
    }

    /// Takes a line for a delimiter if it is one of an open multipart. `false` if it is none.
    fn delimiter(&mut self, line: &Line, boundary: &[u8]) -> Result<bool, ScanError> {
        let found = compare(&self.open, boundary);
        if let Some(prefix) = found.prefix {
            self.fault_at(prefix, Fault::BoundaryPrefix);
            self.arena.get_mut(self.current).faults.insert(Fault::BoundaryPrefix);
        }
        let Some((level, close)) = found.hit else {
            if let Some(closed) = found.after_close {
                self.fault_at(closed, Fault::DelimiterAfterClose);
            }
            return Ok(false);
        };
        if let Some(outer) = found.overlap {
            self.fault_at(outer, Fault::BoundaryOverlap);
            self.fault_at(level, Fault::BoundaryOverlap);
        }
        if Ending::Cr == line.ending || Ending::Cr == self.last_ending {
            self.fault_at(level, Fault::BareCrStructure);
        } else if Ending::Lf == line.ending {
            self.fault_at(level, Fault::BareLf);
        }
        let end = self.end_region(level, line.start)?;
        self.end_containers(level + 1, end);
        let Some(container) = self.open.get_mut(level) else {
            return Ok(false);
        };
        let multipart = container.part;
        container.closed = close;
        self.push_span(line.end, SpanKind::Delimiter(multipart));
        if close {
            self.current = multipart;
            self.region = Region::Epilogue;
            let part = self.arena.get_mut(multipart);
            if part.children.is_empty() {
                part.faults.insert(Fault::MultipartEmpty);
            }
        } else {
            self.begin_part(multipart, false)?;
        }
        Ok(true)
    }

    /// Ends what is being read before the delimiter line of `level` that begins at `line_start`. The
    /// line end before the delimiter is the delimiter's (RFC 2046 section 5.1.1), but for one that
    /// ends a header or an earlier delimiter. Gives where the region ends.
    fn end_region(&mut self, level: usize, line_start: usize) -> Result<usize, ScanError> {
        // A header without a blank line; if a message begins there, its empty header follows.
        while matches!(self.region, Region::Header(_)) {
            self.end_header(line_start, false)?;
        }
        let end = self.last_text_end.max(self.region_start).min(line_start);
        let own = self.open.get(level).map(|o| o.part) == Some(self.current);
        self.close_region(end, own);
        Ok(end)
    }

    /// Notes the range of the region that ends at `end`, with a delimiter of its `own` part or not.
    fn close_region(&mut self, end: usize, own: bool) {
        let range = self.region_start..end;
        let id = self.current;
        let part = self.arena.get_mut(id);
        let what = match self.region {
            Region::Header(_) => return,
            Region::Body => SpanKind::Body(id),
            Region::Epilogue => {
                part.epilogue = range;
                SpanKind::Epilogue(id)
            }
            Region::Preamble if own => {
                part.preamble = range;
                SpanKind::Preamble(id)
            }
            Region::Preamble => {
                part.kind = PartKind::Leaf;
                part.faults.insert(Fault::BoundaryNeverSeen);
                SpanKind::Body(id)
            }
        };
        if let SpanKind::Body(_) = what {
            self.end_body(id, end);
        }
        self.push_span(end, what);
    }

    fn end_body(&mut self, id: PartId, end: usize) {
        let part = self.arena.get_mut(id);
        part.body_range.end = end;
        part.raw_body = self.raw.get(part.body_range.clone()).unwrap_or_default();
    }

    /// Ends every container from `level` inwards at `end`.
    fn end_containers(&mut self, level: usize, end: usize) {
        for container in self.open.split_off(level.min(self.open.len())) {
            self.end_body(container.part, end);
            let part = self.arena.get_mut(container.part);
            if matches!(part.kind, PartKind::Multipart { .. }) && !container.closed {
                part.faults.insert(Fault::BoundaryUnclosed);
            }
        }
    }

    /// Ends the header that is being read and tells from it what follows.
    fn end_header(&mut self, end: usize, blank_line: bool) -> Result<(), ScanError> {
        let Region::Header(section) = std::mem::replace(&mut self.region, Region::Body) else {
            return Ok(());
        };
        let read = section.finish(end, blank_line);
        let body_start = read.body_begins.unwrap_or(end);
        let id = self.current;
        self.push_span(body_start, SpanKind::Header(id));
        let parent = self.arena.get(id).parent.map(|p| self.arena.get(p));
        let in_digest = parent.is_some_and(|p| p.kind.is_multipart("digest"));
        let ordinal = parent.map_or(1, |p| p.children.len());
        let around = parent.map(|p| (p.kind.clone(), p.section.clone()));

        let part = self.arena.get_mut(id);
        part.header_range.end = body_start;
        part.body_range = body_start..body_start;
        part.header = read.header;
        part.faults.merge(read.faults);
        if part.message_root && part.header.fields.is_empty() {
            part.faults.insert(Fault::HeaderEmpty);
        }
        let mut reading = classify(part, in_digest);
        if read.body_begins.is_some() {
            // What follows was read as header lines already: it is not read again.
            reading = Reading::Leaf;
        }
        let whole_body = matches!(reading, Reading::Multipart { .. });
        part.section = section_number(around.as_ref(), ordinal, whole_body);
        match reading {
            Reading::Leaf => {}
            Reading::Multipart { boundary } => {
                part.kind = PartKind::Multipart { subtype: part.content_type.subtype.clone() };
                let twin = |o: &Open| o.boundary.as_ref() == Some(&boundary);
                if self.open.iter().any(twin) {
                    part.faults.insert(Fault::BoundaryReused);
                }
                self.open.push(Open::new(id, Some(boundary)));
                self.region = Region::Preamble;
            }
            Reading::Message => {
                part.kind = PartKind::Message;
                self.open.push(Open::new(id, None));
                self.begin_part(id, true)?;
            }
        }
        Ok(())
    }

    /// Begins a part of `parent` where the last region ended.
    fn begin_part(&mut self, parent: PartId, message_root: bool) -> Result<(), ScanError> {
        let limit = self.limits.parts;
        let count = self.arena.len();
        let id = PartId::next(count).filter(|_| count < limit).ok_or(ScanError::Parts { limit })?;
        let container = self.arena.get_mut(parent);
        let depth = container.depth + 1;
        if depth > self.limits.depth {
            let limit = self.limits.depth;
            return Err(ScanError::Depth { limit });
        }
        container.children.push(id);
        let start = self.region_start;
        let part = new_part(id, Some(parent), start, message_root);
        self.arena.push(Part { depth, ..part });
        self.current = id;
        self.region =
            Region::Header(HeaderSection::new(self.raw, start, message_root, self.limits));
        Ok(())
    }

    fn fault_at(&mut self, level: usize, fault: Fault) {
        if let Some(container) = self.open.get(level) {
            self.arena.get_mut(container.part).faults.insert(fault);
        }
    }

    /// Ends the region at `end` as `what`; the next begins there.
    fn push_span(&mut self, end: usize, what: SpanKind) {
        let range = self.region_start..end;
        self.region_start = end;
        if !range.is_empty() {
            self.spans.push(Span { range, what });
        }
    }

    fn finish(mut self) -> Result<Message<'a>, ScanError> {
        let end = self.raw.len();
        while matches!(self.region, Region::Header(_)) {
            self.end_header(end, false)?;
        }
        self.close_region(end, false);
        self.end_containers(0, end);
        self.arena.inherit_ambiguity();
        Ok(Message { raw: self.raw, arena: self.arena, spans: self.spans })
    }
}

fn new_part<'a>(id: PartId, parent: Option<PartId>, start: usize, message_root: bool) -> Part<'a> {
    Part {
        id,
        parent,
        children: Vec::new(),
        depth: 0,
        section: String::new(),
        header: Header::default(),
        kind: PartKind::Leaf,
        content_type: ContentType::text_plain(),
        other_content_types: Vec::new(),
        disposition: None,
        file_name: None,
        transfer_encoding: TransferEncoding::SevenBit,
        raw_body: &[],
        header_range: start..start,
        body_range: start..start,
        preamble: start..start,
        epilogue: start..start,
        faults: Faults::NONE,
        message_root,
    }
}
