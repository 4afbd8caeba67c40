//! Rules of an organisation, in the order in which they are asked, and exceptions (例外措置).
//!
//! A rule never keeps a message from being turned into text: it settles what becomes of the text.
//! The first rule whose conditions hold and that holds, delivers or rejects decides, and no rule
//! after it is asked; rules that tag or notify let the next one be asked. A shadow rule is only put
//! on record. An exception is asked before every rule and delivers.
//!
//! Bounds: [`MAX_RULES`], [`MAX_RULE_NAME`], [`MAX_SUBJECT_TAG`] and those of [`crate::condition`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Code, Conditions, Effect, Timestamp};

/// Most rules of one organisation.
pub const MAX_RULES: usize = 200;
/// Longest name of a rule, in characters.
pub const MAX_RULE_NAME: usize = 60;
/// Longest tag of a subject, in characters.
pub const MAX_SUBJECT_TAG: usize = 30;
/// Most hosts of an organisation whose authentication results are believed.
pub const MAX_AUTHENTICATION_HOSTS: usize = 20;

/// Why a string is no name of a rule and no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing there, or blanks only.
    #[error("is empty")]
    Empty,
    /// Longer than so many characters.
    #[error("has more than {0} characters")]
    TooLong(usize),
    /// A line break or another control character.
    #[error("holds a control character")]
    Control,
}

/// The name that a rule is on record by: at most [`MAX_RULE_NAME`] characters, no control among them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleName(String);

impl RuleName {
    /// Reads a name; blanks at its ends are dropped.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        label(text, MAX_RULE_NAME).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a rule writes before a subject: at most [`MAX_SUBJECT_TAG`] characters, no control among
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectTag(String);

impl SubjectTag {
    /// Reads a tag; blanks at its ends are dropped.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        label(text, MAX_SUBJECT_TAG).map(Self)
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn label(text: &str, most: usize) -> Result<String, LabelError> {
    let text = text.trim();
    if text.is_empty() {
        Err(LabelError::Empty)
    } else if text.chars().nth(most).is_some() {
        Err(LabelError::TooLong(most))
    } else if text.chars().any(char::is_control) {
        Err(LabelError::Control)
    } else {
        Ok(text.to_owned())
    }
}

macro_rules! text_of_label {
    ($($kind:ident)*) => {
        $(
            impl fmt::Display for $kind {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl TryFrom<String> for $kind {
                type Error = LabelError;
                fn try_from(text: String) -> Result<Self, LabelError> {
                    Self::parse(&text)
                }
            }

            impl From<$kind> for String {
                fn from(label: $kind) -> Self {
                    label.0
                }
            }
        )*
    };
}

text_of_label! { RuleName SubjectTag }

/// What a rule does with a message. None of these keeps it from being turned into text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The message waits for a person (`hold-rule`).
    Hold,
    /// The text crosses though every message is reviewed, and no later rule is asked
    /// (`rule-matched`). It overrules no other decision that holds.
    Deliver,
    /// The message is refused in the SMTP dialogue (`reject-rule`). It is held instead where the
    /// same message is for recipients of other organisations too, since its answer is one for all.
    Reject,
    /// The subject begins with the tag, once (`subject-tagged`).
    Tag(SubjectTag),
    /// People are to be told (`rule-matched`).
    Notify,
}

impl Action {
    /// The name in the configuration and on record.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Deliver => "deliver",
            Self::Reject => "reject",
            Self::Tag(_) => "tag",
            Self::Notify => "notify",
        }
    }

    /// Whether no later rule is asked.
    pub fn decides(&self) -> bool {
        matches!(self, Self::Hold | Self::Deliver | Self::Reject)
    }
}

/// Whether rules can ask for a decision: it is taken on a text before they are asked.
pub fn is_known_to_rules(code: Code) -> bool {
    let is_later = matches!(
        code,
        Code::HoldReview
            | Code::HoldRule
            | Code::HoldError
            | Code::HoldVerifier
            | Code::HoldOperator
            | Code::HoldUndeliverable
            | Code::SubjectTagged
            | Code::RuleMatched
            | Code::RuleShadow
            | Code::ExceptionApplied
    );
    code.effect() != Effect::Reject && !is_later
}

/// One rule of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The name it is on record by. Unique in its organisation.
    pub name: RuleName,
    /// Whether it only goes on record (`rule-shadow`) and does nothing.
    pub shadow: bool,
    /// When it applies.
    pub conditions: Conditions,
    /// What it does.
    pub action: Action,
}

/// An approved exception (例外措置): what meets its conditions crosses though every message is
/// reviewed, and whatever the rules say, from one moment until another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its number on record.
    pub number: i64,
    /// What it is for. Without any condition it applies to nothing.
    pub conditions: Conditions,
    /// From when.
    pub begins_at: Timestamp,
    /// Until when; not at that moment any more.
    pub ends_at: Timestamp,
}

impl Exception {
    /// Whether it is in force at a moment.
    pub fn is_in_force(&self, at: Timestamp) -> bool {
        let (begins, ends) = (self.begins_at.unix_millis(), self.ends_at.unix_millis());
        (begins..ends).contains(&at.unix_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_know_what_was_decided_before_them() {
        for code in [Code::TextCut, Code::HoldEncrypted, Code::PasswordTold] {
            assert!(is_known_to_rules(code), "{code}");
        }
        for code in [Code::HoldReview, Code::RuleShadow, Code::RejectLoop, Code::RejectRule] {
            assert!(!is_known_to_rules(code), "{code}");
        }
    }

    #[test]
    fn names_and_tags_are_short_and_on_one_line() {
        assert_eq!(RuleName::parse(" 県から ").as_ref().map(RuleName::as_str), Ok("県から"));
        assert_eq!(RuleName::parse(" "), Err(LabelError::Empty));
        assert_eq!(RuleName::parse("a\nb"), Err(LabelError::Control));
        let name = "名".repeat(MAX_RULE_NAME);
        assert!(RuleName::parse(&name).is_ok());
        assert_eq!(RuleName::parse(&format!("{name}x")), Err(LabelError::TooLong(MAX_RULE_NAME)));
        let tag = "x".repeat(MAX_SUBJECT_TAG + 1);
        assert_eq!(SubjectTag::parse(&tag), Err(LabelError::TooLong(MAX_SUBJECT_TAG)));
    }

    #[test]
    fn an_exception_ends_at_its_end() {
        let at = Timestamp::japanese_time;
        let exception = Exception {
            number: 1,
            conditions: Conditions::default(),
            begins_at: at(1_789_977_600_000),
            ends_at: at(1_789_977_601_000),
        };
        for (millis, is) in [
            (1_789_977_599_999, false),
            (1_789_977_600_000, true),
            (1_789_977_600_999, true),
            (1_789_977_601_000, false),
        ] {
            assert_eq!(exception.is_in_force(at(millis)), is, "{millis}");
        }
    }
}
