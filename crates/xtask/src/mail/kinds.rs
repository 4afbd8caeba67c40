//! The messages of each kind, with blank markers.

use std::fmt::Write as _;

use super::content::{letter, quoted, wrapped};
use super::encode::{
    base64_lines, encoded_words, encoded_words_iso_2022_jp, iso_2022_jp, quoted_printable,
};
use super::{BLANK, Kind, content, layout};
use crate::sequence::Sequence;

/// The message of a kind, CRLF line ends.
pub(super) fn build(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Text => text(),
        Kind::Newsletter => newsletter(),
        Kind::Attachment => attachment(217_500),
        Kind::Forwarded => forwarded(),
    }
}

/// The head that every kind begins with; `from` and `subject` are encoded already.
fn head(from: &str, subject: &str) -> String {
    format!(
        "Received: from mta01.isp.example.jp (mta01.isp.example.jp [192.0.2.25])\r\n\
         \tby mx1.pref.example.jp (Postfix) with ESMTPS id 4XkQ2c3yZzz9s\r\n\
         \tfor <clerk@town.example.lg.jp>; Mon, 21 Sep 2026 09:14:03 +0900 (JST)\r\n\
         Date: Mon, 21 Sep 2026 09:14:01 +0900\r\n\
         From: {from} <office@association.example.jp>\r\n\
         To: <clerk@town.example.lg.jp>\r\n\
         Message-ID: <{BLANK}@association.example.jp>\r\n\
         Subject: {subject}\r\n\
         MIME-Version: 1.0\r\n"
    )
}

fn text() -> Vec<u8> {
    let mut sequence = Sequence::new(1);
    let mut message = head(
        &encoded_words_iso_2022_jp("広域組合事務局"),
        &encoded_words_iso_2022_jp("【回覧】令和８年度町内一斉清掃の実施について（依頼）"),
    );
    message.push_str(
        "X-Mailer: Becky! ver. 2.81.05 [ja]\r\n\
         Content-Type: text/plain; charset=\"ISO-2022-JP\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n",
    );
    let mut body = letter(&mut sequence, 9);
    let _ = writeln!(body, "整理番号\n{BLANK}");
    let mut octets = message.into_bytes();
    octets.extend(iso_2022_jp(&body));
    octets
}

fn newsletter() -> Vec<u8> {
    let mut sequence = Sequence::new(2);
    let html = layout::newsletter(&mut sequence, 45_000);
    let mut plain = format!("湯川町メールだより　10月号\n\n{BLANK}\n\n");
    for number in 1..=7 {
        let title = sequence.choose(&content::TITLES);
        let lead = content::paragraph(&mut sequence, 1);
        let _ = writeln!(plain, "■{number}　{title}\n{}\n", wrapped(&lead));
    }
    let mut message = head(
        &encoded_words("湯川町メールだより"),
        &encoded_words("湯川町メールだより 2026年10月号「秋の清掃と健診のお知らせ」"),
    );
    message.push_str(
        "List-Unsubscribe: <https://news.town.example.jp/u?i=31a7>\r\n\
         Precedence: bulk\r\n\
         Content-Type: multipart/alternative; boundary=\"----=_Part_7731_1093.1789974841\"\r\n\r\n\
         ------=_Part_7731_1093.1789974841\r\n\
         Content-Type: text/plain; charset=UTF-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n",
    );
    message.push_str(&quoted_printable(&plain));
    message.push_str(
        "------=_Part_7731_1093.1789974841\r\n\
         Content-Type: text/html; charset=UTF-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
    );
    message.push_str(&base64_lines(html.as_bytes()));
    message.push_str("------=_Part_7731_1093.1789974841--\r\n");
    message.into_bytes()
}

/// A file of `octets` octets that looks like a PDF and does not compress, as those in use.
fn document(sequence: &mut Sequence, octets: usize) -> Vec<u8> {
    let mut file =
        b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nstream\n".to_vec();
    let rest = octets.saturating_sub(file.len());
    file.extend(sequence.octets(rest));
    file
}

/// A message of about so many octets, nearly all of them an attachment's.
pub(super) fn large(octets: usize) -> Vec<u8> {
    // A line of 76 symbols and its CRLF stand for 57 octets.
    attachment(octets.saturating_sub(16 * 1024) / 78 * 57)
}

/// HTML with a file of so many octets.
fn attachment(file: usize) -> Vec<u8> {
    let mut sequence = Sequence::new(3);
    let mut message = head(
        &encoded_words("湯川建設コンサルタント"),
        &encoded_words("町道３号線橋梁補修設計の成果品（案）の送付"),
    );
    message.push_str(
        "Content-Language: ja-JP\r\n\
         Content-Type: multipart/mixed; boundary=\"_004_TYAPR01MB31\"\r\n\r\n\
         --_004_TYAPR01MB31\r\n\
         Content-Type: text/html; charset=\"utf-8\"\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n",
    );
    message.push_str(&quoted_printable(&layout::correspondence(&mut sequence, 8_000)));
    attach(&mut message, "_004_TYAPR01MB31", "成果品（案）.pdf", &document(&mut sequence, file));
    message.push_str("--_004_TYAPR01MB31--\r\n");
    message.into_bytes()
}

fn attach(message: &mut String, boundary: &str, name: &str, file: &[u8]) {
    let name = encoded_words(name);
    let _ = write!(
        message,
        "--{boundary}\r\n\
         Content-Type: application/pdf; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    );
    message.push_str(&base64_lines(file));
}

/// A thread: the cover, the message that was forwarded with its attachment, and within it an older
/// one in plain text full of quotes.
fn forwarded() -> Vec<u8> {
    let mut sequence = Sequence::new(4);
    let mut quotes = letter(&mut sequence, 3);
    for depth in 1..=4 {
        let earlier = letter(&mut sequence, 4);
        quotes.push_str("\n----- 元のメッセージ -----\n");
        quotes.push_str(&quoted(&earlier, depth));
    }
    let cover = format!(
        "担当各位\n\n下記のメールを転送します。ご確認ください。\n\n{BLANK}\n\n{}",
        letter(&mut sequence, 2)
    );
    let mut message = head(
        &encoded_words("県西広域連絡協議会"),
        &encoded_words("Fwd: Re: 【照会】災害時相互応援協定の見直しについて"),
    )
    .into_bytes();
    message.extend_from_slice(
        b"Content-Type: multipart/mixed; boundary=\"=_fwd_outer_51\"\r\n\r\n\
         --=_fwd_outer_51\r\n\
         Content-Type: text/plain; charset=iso-2022-jp\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n",
    );
    message.extend(iso_2022_jp(&cover));
    message.extend_from_slice(
        b"--=_fwd_outer_51\r\nContent-Type: message/rfc822\r\n\r\n\
         Date: Fri, 18 Sep 2026 17:40:12 +0900\r\n\
         From: <bosai@pref.example.jp>\r\nTo: <office@association.example.jp>\r\n",
    );
    let subject = encoded_words("Re: 【照会】災害時相互応援協定の見直しについて");
    message.extend_from_slice(format!("Subject: {subject}\r\n").as_bytes());
    message.extend_from_slice(
        b"MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"=_fwd_inner_52\"\r\n\r\n\
         --=_fwd_inner_52\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
    );
    let html = layout::correspondence(&mut sequence, 3_000);
    message.extend_from_slice(base64_lines(html.as_bytes()).as_bytes());
    let mut attached = String::new();
    let file = document(&mut sequence, 59_900);
    attach(&mut attached, "=_fwd_inner_52", "協定書（新旧対照表）.pdf", &file);
    message.extend_from_slice(attached.as_bytes());
    message.extend_from_slice(
        b"--=_fwd_inner_52\r\nContent-Type: message/rfc822\r\n\r\n\
         Date: Tue, 15 Sep 2026 11:02:45 +0900\r\n\
         From: <soumu@city.example.jp>\r\nTo: <bosai@pref.example.jp>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n",
    );
    message.extend(iso_2022_jp(&quotes));
    message.extend_from_slice(b"--=_fwd_inner_52--\r\n\r\n--=_fwd_outer_51--\r\n");
    message
}
