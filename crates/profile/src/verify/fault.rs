//! What can be wrong with a message that claims to be of the profile.

use std::fmt;

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident $code:literal;)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[doc = $doc])* $name,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Fault] = &[$(Fault::$name,)*];

            /// The code for logs, such as `line-too-long`.
            pub fn as_str(self) -> &'static str {
                match self { $(Fault::$name => $code,)* }
            }
        }
    };
}

faults! {
    /// A CR or LF alone, or a last line without its CRLF.
    LineEnd "line-end";
    /// A line longer than its kind may be.
    LineTooLong "line-too-long";
    /// An octet above 127.
    NotAscii "not-ascii";
    /// A control other than TAB.
    Control "control";
    /// More header than [`MAX_HEADER_OCTETS`](super::MAX_HEADER_OCTETS).
    HeaderTooLarge "header-too-large";
    /// No empty line after the header.
    HeaderUnended "header-unended";
    /// A line that is no field and continues none.
    FieldSyntax "field-syntax";
    /// A field that is not of the profile, or not spelled as it is there.
    FieldUnknown "field-unknown";
    /// A field that stands more often than it may.
    FieldRepeated "field-repeated";
    /// A field that must be there and is not.
    FieldMissing "field-missing";
    /// A value that is not of the field's grammar.
    Value "value";
    /// An encoded-word that is malformed, or where none may be.
    EncodedWord "encoded-word";
    /// A character that may not cross.
    Character "character";
    /// Text that is not in normalization form C.
    NotNormalized "not-normalized";
    /// More combining marks in a row than [`MAX_MARKS`](super::MAX_MARKS).
    Marks "marks";
    /// A body that is not canonical in its transfer encoding.
    BodyEncoding "body-encoding";
    /// A body that is not UTF-8.
    BodyNotUtf8 "body-not-utf8";
    /// More text than the bound.
    BodyTooLarge "body-too-large";
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a message is not of the profile, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub fault: Fault,
    /// The line of the message where it is, from 1: for a field its first line, for decoded text
    /// the first line of the body.
    pub line: usize,
    /// The field where it is; `None` in a body or where no field of the profile is meant.
    pub field: Option<&'static str>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in line {}", self.fault, self.line)?;
        self.field.map_or(Ok(()), |field| write!(f, " ({field})"))
    }
}

impl std::error::Error for Violation {}
