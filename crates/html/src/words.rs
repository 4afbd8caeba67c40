//! The few words that are added to a sender's text, in the reader's language.

use sekimori_policy::Language;

/// Words in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    /// What stands for a picture.
    pub(crate) image: &'static str,
    /// What stands before and after text that is struck through.
    pub(crate) struck: (&'static str, &'static str),
    /// Said after a link that leads to another host than its text says.
    pub(crate) leads_elsewhere: &'static str,
    /// Stands over the list of numbered targets.
    pub(crate) targets: &'static str,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        match language {
            Language::Japanese => Self {
                image: "画像",
                struck: ("［取消線：", "］"),
                leads_elsewhere: "（表示と異なる宛先）",
                targets: "〔リンク先〕",
            },
            Language::English => Self {
                image: "image",
                struck: ("[struck out: ", "]"),
                leads_elsewhere: " (leads elsewhere)",
                targets: "[Links]",
            },
        }
    }
}
