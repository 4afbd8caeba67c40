//! What each character of a text becomes when the text is made safe.
//!
//! The verifier has tables of its own; a test compares the two over all of Unicode.

/// Most characters of general category M in a row. More are dropped: marks in towers hide what is
/// near them. Marks of scripts in use stay under it (Hebrew with points and accents has four).
pub const MAX_COMBINING_MARKS: usize = 8;

/// Shown in place of a private-use character (外字): 〓, the printer's mark for a missing glyph.
pub(crate) const GETA: char = '\u{3013}';

/// What a character becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// It stays.
    Keep,
    /// A line end: LF in a body, a space in a line.
    LineEnd,
    /// TAB: stays in a body, a space in a line.
    Tab,
    /// A space of another width that readers would not tell from a space.
    Space,
    /// 〓.
    PrivateUse,
    /// U+FE0E or U+FE0F: stays right after an emoji that has such a form.
    EmojiSelector,
    /// U+E0100 to U+E01EF: stays right after a CJK ideograph (異体字).
    IdeographicSelector,
    /// Nothing: a control, invisible, bidirectional control or noncharacter.
    Drop,
}

/// What `c` becomes.
pub(crate) fn treatment(c: char) -> Treatment {
    match c {
        '\t' => Treatment::Tab,
        '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Treatment::LineEnd,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => {
            Treatment::Space
        }
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}' => {
            Treatment::PrivateUse
        }
        '\u{FE0E}' | '\u{FE0F}' => Treatment::EmojiSelector,
        '\u{E0100}'..='\u{E01EF}' => Treatment::IdeographicSelector,
        _ if is_dropped(c) => Treatment::Drop,
        _ => Treatment::Keep,
    }
}

/// Controls, bidirectional controls, noncharacters and the whole of Unicode's property
/// `Default_Ignorable_Code_Point` (what has no shape of its own), but for what [`treatment`] names.
fn is_dropped(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xFFFE == 0xFFFE
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FE00}'..='\u{FE0D}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether `c` stays as it is whatever stands around it, and cannot take part in a change of
/// normalization form: most of what Japanese and Western mail is made of.
pub(crate) fn is_plain(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{3000}'..='\u{3029}' | '\u{3030}'..='\u{3098}' | '\u{309B}'..='\u{30FF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF9F}' | '\u{A1}'..='\u{AC}'
        | '\u{AE}'..='\u{2FF}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}'
        | '\u{2190}'..='\u{2199}' | '\u{2460}'..='\u{27BF}'
        | '\u{391}'..='\u{3CE}' | '\u{400}'..='\u{482}')
}

/// Whether the ideographic variation sequences of the IVD may start with `c`: a unified ideograph.
pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFD}')
}

/// Whether `c` is an emoji that may be followed by a selector of text or emoji form: the property
/// `Emoji` up to U+1F6F3, where Unicode's list of such sequences ends. The keycap bases (digits,
/// `#`, `*`) are not taken in: `1` needs no selector to be read.
pub(crate) fn is_emoji_base(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{2199}' | '\u{21A9}'..='\u{21AA}' | '\u{231A}'..='\u{231B}' | '\u{2328}'
        | '\u{23CF}' | '\u{23E9}'..='\u{23F3}' | '\u{23F8}'..='\u{23FA}' | '\u{24C2}'
        | '\u{25AA}'..='\u{25AB}' | '\u{25B6}' | '\u{25C0}' | '\u{25FB}'..='\u{25FE}')
        || is_symbol_or_dingbat_emoji(c)
        || is_pictograph_emoji(c)
}

fn is_symbol_or_dingbat_emoji(c: char) -> bool {
    matches!(c,
        '\u{2600}'..='\u{2604}' | '\u{260E}' | '\u{2611}' | '\u{2614}'..='\u{2615}' | '\u{2618}'
        | '\u{261D}' | '\u{2620}' | '\u{2622}'..='\u{2623}' | '\u{2626}' | '\u{262A}'
        | '\u{262E}'..='\u{262F}' | '\u{2638}'..='\u{263A}' | '\u{2640}' | '\u{2642}'
        | '\u{2648}'..='\u{2653}' | '\u{265F}'..='\u{2660}' | '\u{2663}' | '\u{2665}'..='\u{2666}'
        | '\u{2668}' | '\u{267B}' | '\u{267E}'..='\u{267F}' | '\u{2692}'..='\u{2697}' | '\u{2699}'
        | '\u{269B}'..='\u{269C}' | '\u{26A0}'..='\u{26A1}' | '\u{26A7}' | '\u{26AA}'..='\u{26AB}'
        | '\u{26B0}'..='\u{26B1}' | '\u{26BD}'..='\u{26BE}' | '\u{26C4}'..='\u{26C5}' | '\u{26C8}'
        | '\u{26CE}'..='\u{26CF}' | '\u{26D1}' | '\u{26D3}'..='\u{26D4}' | '\u{26E9}'..='\u{26EA}'
        | '\u{26F0}'..='\u{26F5}' | '\u{26F7}'..='\u{26FA}' | '\u{26FD}' | '\u{2702}' | '\u{2705}'
        | '\u{2708}'..='\u{270D}' | '\u{270F}' | '\u{2712}' | '\u{2714}' | '\u{2716}' | '\u{271D}'
        | '\u{2721}' | '\u{2728}' | '\u{2733}'..='\u{2734}' | '\u{2744}' | '\u{2747}' | '\u{274C}'
        | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2763}'..='\u{2764}'
        | '\u{2795}'..='\u{2797}' | '\u{27A1}' | '\u{27B0}' | '\u{27BF}' | '\u{2934}'..='\u{2935}'
        | '\u{2B05}'..='\u{2B07}' | '\u{2B1B}'..='\u{2B1C}' | '\u{2B50}' | '\u{2B55}' | '\u{3030}'
        | '\u{303D}' | '\u{3297}' | '\u{3299}')
}

fn is_pictograph_emoji(c: char) -> bool {
    matches!(c,
        '\u{1F004}' | '\u{1F0CF}' | '\u{1F170}'..='\u{1F171}' | '\u{1F17E}'..='\u{1F17F}'
        | '\u{1F18E}' | '\u{1F191}'..='\u{1F19A}' | '\u{1F1E6}'..='\u{1F1FF}'
        | '\u{1F201}'..='\u{1F202}' | '\u{1F21A}' | '\u{1F22F}' | '\u{1F232}'..='\u{1F23A}'
        | '\u{1F250}'..='\u{1F251}' | '\u{1F300}'..='\u{1F321}' | '\u{1F324}'..='\u{1F393}'
        | '\u{1F396}'..='\u{1F397}' | '\u{1F399}'..='\u{1F39B}' | '\u{1F39E}'..='\u{1F3F0}'
        | '\u{1F3F3}'..='\u{1F3F5}' | '\u{1F3F7}'..='\u{1F4FD}' | '\u{1F4FF}'..='\u{1F53D}'
        | '\u{1F549}'..='\u{1F54E}' | '\u{1F550}'..='\u{1F567}' | '\u{1F56F}'..='\u{1F570}'
        | '\u{1F573}'..='\u{1F57A}' | '\u{1F587}' | '\u{1F58A}'..='\u{1F58D}' | '\u{1F590}'
        | '\u{1F595}'..='\u{1F596}' | '\u{1F5A4}'..='\u{1F5A5}' | '\u{1F5A8}'
        | '\u{1F5B1}'..='\u{1F5B2}' | '\u{1F5BC}' | '\u{1F5C2}'..='\u{1F5C4}'
        | '\u{1F5D1}'..='\u{1F5D3}' | '\u{1F5DC}'..='\u{1F5DE}' | '\u{1F5E1}' | '\u{1F5E3}'
        | '\u{1F5E8}' | '\u{1F5EF}' | '\u{1F5F3}' | '\u{1F5FA}'..='\u{1F64F}'
        | '\u{1F680}'..='\u{1F6C5}' | '\u{1F6CB}'..='\u{1F6D2}' | '\u{1F6D5}'..='\u{1F6D7}'
        | '\u{1F6DD}'..='\u{1F6E5}' | '\u{1F6E9}' | '\u{1F6EB}'..='\u{1F6EC}' | '\u{1F6F0}'
        | '\u{1F6F3}')
}
