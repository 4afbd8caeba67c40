//! Windows code pages as charset labels.

/// The label of a code page; `None` for one that names no charset.
pub(super) fn label(page: u32) -> Option<String> {
    let label = match page {
        932 => "cp932",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        1200 => "utf-16le",
        1201 => "utf-16be",
        20_127 => "us-ascii",
        20_866 => "koi8-r",
        20_932 | 51_932 => "euc-jp",
        21_866 => "koi8-u",
        50_220..=50_222 => "iso-2022-jp",
        50_225 => "iso-2022-kr",
        54_936 => "gb18030",
        65_000 => "utf-7",
        65_001 => "utf-8",
        874 | 1250..=1258 => return Some(format!("windows-{page}")),
        28_591..=28_605 => return Some(format!("iso-8859-{}", page - 28_590)),
        _ => return None,
    };
    Some(label.to_owned())
}

/// The code page of a font's character set ([RTF] `\fcharset`); `None` for one without its own.
pub(super) fn of_font_charset(charset: i32) -> Option<u32> {
    Some(match charset {
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}
