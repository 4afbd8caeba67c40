//! `Sekimori-Result`: the machine-readable twin of the notice.
//!
//! Its grammar, in which folding white space may stand after each `;` and `,`:
//!
//! ```text
//! result  = "v=1; ref=" ref "; outcome=" outcome "; removed=" number [ "; codes=" codes ]
//! ref     = 4symbol "-" 4symbol            ; the 受付番号, Crockford's base 32 in upper case
//! outcome = "deliver" / "hold" / "reject"
//! number  = 1*10DIGIT                      ; removed parts
//! codes   = code *( "," code )             ; of the catalogue, in the order decided
//! code    = ALPHA *( ALPHA / DIGIT / "-" ) ; lower case
//! ```

use sekimori_policy::{Code, Outcome, ReferenceNumber};

/// What was done to a message, for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultField {
    /// The 受付番号.
    pub reference: ReferenceNumber,
    /// What became of the message.
    pub outcome: Outcome,
    /// How many parts were removed.
    pub removed: u32,
    /// The decisions' codes, in the order decided. Each is written once.
    pub codes: Vec<Code>,
}

impl ResultField {
    /// The value in pieces that must not be broken, each to be followed by a space or a fold but
    /// the codes after the first, which follow each other closely or after a fold.
    pub(crate) fn pieces(&self) -> (Vec<String>, Vec<&'static str>) {
        let outcome = match self.outcome {
            Outcome::Deliver => "deliver",
            Outcome::Hold => "hold",
            Outcome::Reject => "reject",
        };
        let end = if self.codes.is_empty() { "" } else { ";" };
        let members = vec![
            "v=1;".to_owned(),
            format!("ref={};", self.reference),
            format!("outcome={outcome};"),
            format!("removed={}{end}", self.removed),
        ];
        let mut codes: Vec<&'static str> = Vec::new();
        for code in &self.codes {
            if !codes.contains(&code.as_str()) {
                codes.push(code.as_str());
            }
        }
        (members, codes)
    }
}
