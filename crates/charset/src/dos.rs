//! The code pages of DOS that mail of Western and Central Europe still names, by label only.

/// A code page of one octet a character, ASCII in its lower half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodePage {
    /// The United States.
    Ibm437,
    /// Western Europe.
    Ibm850,
    /// Central Europe.
    Ibm852,
    /// Western Europe with the euro sign.
    Ibm858,
}

impl CodePage {
    /// The code page of a label without its punctuation.
    pub(crate) fn from_squashed(squashed: &str) -> Option<Self> {
        Some(match squashed {
            "ibm437" | "cp437" | "437" | "cspc8codepage437" => Self::Ibm437,
            "ibm850" | "cp850" | "850" | "cspc850multilingual" => Self::Ibm850,
            "ibm852" | "cp852" | "852" | "cspcp852" => Self::Ibm852,
            "ibm858" | "cp858" | "ibm00858" | "cp00858" | "ccsid00858" => Self::Ibm858,
            _ => return None,
        })
    }

    /// Its name in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ibm437 => "ibm437",
            Self::Ibm850 => "ibm850",
            Self::Ibm852 => "ibm852",
            Self::Ibm858 => "ibm858",
        }
    }

    /// Decodes octets. Every octet is a character.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        let mut upper = ['\0'; 128];
        upper.iter_mut().zip(self.upper_half().chars()).for_each(|(place, c)| *place = c);
        let character = |&octet: &u8| match usize::from(octet).checked_sub(128) {
            Some(at) => upper.get(at).copied().unwrap_or_default(),
            None => char::from(octet),
        };
        bytes.iter().map(character).collect()
    }

    /// The characters from octet 0x80 on.
    fn upper_half(self) -> &'static str {
        match self {
            Self::Ibm437 => IBM437,
            Self::Ibm850 => IBM850,
            Self::Ibm852 => IBM852,
            Self::Ibm858 => IBM858,
        }
    }
}

const IBM437: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
    áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
    αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const IBM850: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
    áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
    ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const IBM852: &str = "\
    ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×č\
    áíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
    └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀\
    ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";
const IBM858: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
    áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀\
    ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_of_every_page_is_a_character() {
        let octets: Vec<u8> = (0..=255).collect();
        for page in [CodePage::Ibm437, CodePage::Ibm850, CodePage::Ibm852, CodePage::Ibm858] {
            let text = page.decode(&octets);
            assert_eq!(text.chars().count(), 256, "{page:?}");
            assert_eq!(text.chars().filter(|c| *c == '\0').count(), 1, "{page:?}");
            assert_eq!(CodePage::from_squashed(page.name()), Some(page));
        }
        assert_eq!(CodePage::Ibm437.decode(b"caf\x82 \xE1 \xC4"), "café ß ─");
        assert_eq!(CodePage::Ibm850.decode(b"\xD5 \xE1"), "ı ß");
        assert_eq!(CodePage::Ibm852.decode(b"P\xFD\xA1li\xE7"), "Příliš");
        assert_eq!(CodePage::Ibm858.decode(b"5 \xD5"), "5 €");
    }
}
