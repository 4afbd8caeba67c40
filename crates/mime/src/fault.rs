//! What is wrong with a part's form, and where two readers of it could disagree.

use std::fmt;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident $text:literal $ambiguous:literal;)*) => {
        /// One fault of form. Each says what two readers would make of it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Fault {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Fault {
            /// Every fault, in order.
            pub const ALL: &'static [Fault] = &[$(Fault::$name,)*];

            /// The name in logs, such as `boundary-unclosed`.
            pub fn as_str(self) -> &'static str {
                match self { $(Fault::$name => $text,)* }
            }

            /// Whether two readers in use would see different parts, types or contents, so that the
            /// content must be removed and not shown.
            pub fn is_ambiguous(self) -> bool {
                match self { $(Fault::$name => $ambiguous,)* }
            }
        }
    };
}

faults! {
    /// A line ended by LF alone. SMTP never carries it; files do. Read as a line end by all.
    BareLf "bare-lf" false;
    /// A line of a body ended by CR alone. Read as a line end here and as text by others; no
    /// structure hangs on it.
    BareCr "bare-cr" false;
    /// A header line or boundary line that only exists if CR alone ends a line: one reader sees a
    /// field or a part that another sees as text.
    BareCrStructure "bare-cr-structure" true;
    /// A line `From …` of an mbox file before the header: left out by all who know mbox.
    MboxFrom "mbox-from" false;
    /// A line of the header section that is no field (no colon, no name, a control or space in the
    /// name). Passed over here; another reader may end the header there.
    MalformedHeaderLine "malformed-header-line" false;
    /// A `Content-` field stands after a line that is no field, so that a reader who ends the header
    /// at that line reads another type.
    MalformedBeforeContent "malformed-before-content" true;
    /// A line that would be a `Content-` field but for spaces or controls in its name, which some
    /// readers take out, or for a colon.
    ContentFieldMalformed "content-field-malformed" true;
    /// A space between a field's name and its colon. Taken as the field here; others pass over it.
    SpaceBeforeColon "space-before-colon" false;
    /// The same on a field that decides type, encoding or disposition.
    ContentFieldSpaced "content-field-spaced" true;
    /// A folded line of nothing but white space. A continuation here and by RFC 5322 section 4.2;
    /// the end of the header for some.
    BlankFold "blank-fold" false;
    /// A header section without the blank line that ends it. The body begins at the first line that
    /// is no field, if there is one.
    HeaderUnended "header-unended" false;
    /// As before, and fields stand after the line where the body was taken to begin.
    HeaderUnendedInside "header-unended-inside" true;
    /// Blank lines before the header of a message. Passed over here; for others the header is empty and
    /// all of it is text.
    LeadingBlankLine "leading-blank-line" false;
    /// A message whose header has no field at all: a reader who passes over leading blank lines may
    /// see a header where this one sees a body.
    HeaderEmpty "header-empty" true;
    /// NUL in a header field: some readers stop there.
    NulInHeader "nul-in-header" false;

    /// More than one Content-Type field, all saying the same.
    ContentTypeRepeated "content-type-repeated" false;
    /// Content-Type fields that differ: some readers take the first, some the last.
    ContentTypesDiffer "content-types-differ" true;
    /// A Content-Type that names no `type/subtype`; read as `application/octet-stream`. Others fall
    /// back to text/plain (RFC 2045 section 5.2).
    ContentTypeUnreadable "content-type-unreadable" true;
    /// A Content-Type of the word `text` alone, from before MIME; read as text/plain by all.
    ContentTypeBareText "content-type-bare-text" false;
    /// A comment inside `type/subtype`: legal (RFC 2045 section 5.1) and rarely implemented.
    CommentInType "comment-in-type" true;
    /// Something between or after parameters that is none. Passed over; others stop there.
    ParameterGarbage "parameter-garbage" false;
    /// A parameter given twice with different values: the first or the last, by reader.
    ParameterRepeated "parameter-repeated" false;
    /// More parameters than are read; the rest is passed over.
    ParametersCut "parameters-cut" true;
    /// A quoted value without its closing quote. Read to the end of the field.
    QuoteUnclosed "quote-unclosed" false;
    /// An RFC 2231 continuation with a gap or a broken number. Read up to the gap.
    ContinuationBroken "continuation-broken" false;

    /// A multipart without a boundary parameter: one opaque part here; others look for `--`.
    BoundaryMissing "boundary-missing" true;
    /// An empty boundary parameter: one opaque part here; others take every `--` line.
    BoundaryEmpty "boundary-empty" true;
    /// A boundary longer than any reader need accept; the multipart is one opaque part.
    BoundaryTooLong "boundary-too-long" true;
    /// A boundary above the 70 characters of RFC 2046 section 5.1.1, still used. Some cut it.
    BoundaryLong "boundary-long" false;
    /// A boundary with octets that RFC 2046 section 5.1.1 does not allow, or ending in a space.
    BoundarySyntax "boundary-syntax" false;
    /// Boundary parameters that differ, or one whose end depends on the reader (a comment, a space or
    /// an escape in an unquoted value): readers split at different lines.
    BoundariesDiffer "boundaries-differ" true;
    /// A boundary in the form of RFC 2231 only, which many readers do not know.
    BoundaryExtended "boundary-extended" true;
    /// A boundary that an enclosing multipart uses too: the innermost is served first.
    BoundaryReused "boundary-reused" true;
    /// A line that begins with a boundary and goes on. A delimiter for readers that compare by
    /// prefix (RFC 2046 section 5.1.1 allows them to), text for those that compare whole lines.
    BoundaryPrefix "boundary-prefix" true;
    /// A line that is a delimiter of more than one open multipart.
    BoundaryOverlap "boundary-overlap" true;
    /// A multipart whose boundary never comes: one opaque part here, text for others.
    BoundaryNeverSeen "boundary-never-seen" true;
    /// A multipart without its closing delimiter: its last part runs to the end.
    BoundaryUnclosed "boundary-unclosed" false;
    /// A delimiter after the closing one. Epilogue here; further parts for others.
    DelimiterAfterClose "delimiter-after-close" false;
    /// A multipart that is closed before it has a part.
    MultipartEmpty "multipart-empty" false;
    /// A multipart with a transfer encoding that RFC 2045 section 6.4 forbids: one opaque part here;
    /// some decode it first, some pass over the encoding.
    MultipartEncoded "multipart-encoded" true;
    /// A message inside a transfer encoding (RFC 2046 section 5.2.1 forbids it): opaque here; some decode it.
    MessageEncoded "message-encoded" false;

    /// More than one Content-Transfer-Encoding field, all saying the same.
    EncodingRepeated "encoding-repeated" false;
    /// Content-Transfer-Encoding fields that differ. The one that hides most is taken.
    EncodingsDiffer "encodings-differ" true;
    /// A comment beside the transfer encoding, as in `base64 (x)`. Legal; some then decode nothing.
    EncodingCommented "encoding-commented" false;
    /// A transfer encoding with other words beside it, as in `7bit base64`. The one that hides most
    /// is taken.
    EncodingGarbled "encoding-garbled" true;
    /// A transfer encoding that is none of RFC 2045 section 6.1 and not x-uuencode. Not decoded.
    EncodingUnknown "encoding-unknown" true;

    /// More than one Content-Disposition; `attachment` wins over others.
    DispositionRepeated "disposition-repeated" false;
    /// A Content-Disposition without a kind. Read as `attachment` (RFC 2183 section 2.8).
    DispositionUnreadable "disposition-unreadable" false;
    /// File names that differ. The one with the most suspicious extension is taken.
    FileNamesDiffer "file-names-differ" false;

    /// A part inside one that is ambiguous: another reader may not see it, or not as this.
    InsideAmbiguous "inside-ambiguous" true;
}

/// A set of faults.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Faults(u64);

// Every fault has its bit.
const _: () = assert!(Fault::ALL.len() <= 64);

impl Faults {
    /// No faults.
    pub const NONE: Self = Self(0);

    /// Adds a fault.
    pub fn insert(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u8;
    }

    /// Adds every fault of `other`.
    pub fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the fault is in the set.
    pub fn contains(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u8) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one of them makes the part ambiguous (see [`Fault::is_ambiguous`]).
    pub fn is_ambiguous(self) -> bool {
        self.iter().any(Fault::is_ambiguous)
    }

    /// The faults, in the order of [`Fault::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |f| self.contains(*f))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        let mut set = Self::NONE;
        faults.into_iter().for_each(|f| set.insert(f));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_own_name_and_is_found_again() {
        let mut names = std::collections::BTreeSet::new();
        for &fault in Fault::ALL {
            assert!(names.insert(fault.as_str()), "{} stands twice", fault.as_str());
            let set = Faults::from_iter([fault]);
            assert_eq!(set.iter().collect::<Vec<_>>(), [fault]);
            assert_eq!(set.is_ambiguous(), fault.is_ambiguous());
        }
    }
}
