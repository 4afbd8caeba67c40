//! HTML as newsletter services and mail programs of offices write it: layout tables within tables,
//! styles inline and in a sheet, spacer images, counted links.

use std::fmt::Write as _;

use super::content::{PLACES, SECTIONS, TITLES, paragraph};
use super::{BLANK, encode};
use crate::sequence::Sequence;

const SHEET: &str = "body{margin:0;padding:0;background:#f4f4f4}\
table{border-collapse:collapse;mso-table-lspace:0;mso-table-rspace:0}\
img{border:0;display:block;outline:none}a{color:#00639c;text-decoration:underline}\
.preheader{display:none!important;visibility:hidden;opacity:0;height:0;width:0;font-size:1px}\
.article td{padding:12px 24px;font-family:'Hiragino Kaku Gothic ProN',Meiryo,sans-serif}\
@media only screen and (max-width:600px){.wrap{width:100%!important}.half{display:block!important}}";

/// A newsletter of at least `octets` octets of HTML, with one marker that base64 leaves whole.
pub(super) fn newsletter(sequence: &mut Sequence, octets: usize) -> String {
    let mut html = format!(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \
         \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html lang=\"ja\"><head>\
         <meta charset=\"utf-8\"><title>湯川町メールだより</title>\n\
         <style type=\"text/css\">{SHEET}</style></head>\n<body>\
         <div class=\"preheader\">今月の町からのお知らせをお届けします。</div>\n\
         <table width=\"100%\" bgcolor=\"#f4f4f4\"><tr><td align=\"center\">\
         <table class=\"wrap\" width=\"600\" style=\"background:#ffffff\"><tr>\
         <td style=\"background:#0b5d3b;color:#ffffff;padding:20px;font-size:22px\">\
         <img src=\"https://news.town.example.jp/img/logo.png\" width=\"64\" height=\"64\" \
         alt=\"湯川町\">湯川町メールだより　10月号</td></tr>\n<tr><td>"
    );
    while !html.len().is_multiple_of(encode::LINE) {
        html.push(' ');
    }
    let _ = writeln!(html, "{BLANK}</td></tr>");
    let mut number = 1_u32;
    while html.len() + 900 < octets {
        article(sequence, &mut html, number);
        number += 1;
    }
    html.push_str(
        "<tr><td style=\"font-size:11px;color:#666666;padding:16px 24px\">このメールは登録された方に\
         お送りしています。配信の停止は<a href=\"https://news.town.example.jp/u?i=31a7&amp;c=off\">\
         こちら</a>から。<br>発行　湯川町企画総務課<img \
         src=\"https://t.news.town.example.jp/o/31a7.gif\" width=\"1\" height=\"1\" alt=\"\">\
         </td></tr></table></td></tr></table></body></html>\n",
    );
    html
}

fn article(sequence: &mut Sequence, html: &mut String, number: u32) {
    let title = sequence.choose(&TITLES);
    let place = sequence.choose(&PLACES);
    let section = sequence.choose(&SECTIONS);
    let lead = paragraph(sequence, 2);
    let more = paragraph(sequence, 3);
    let _ = write!(
        html,
        "<tr><td><table class=\"article\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
         style=\"border-bottom:1px solid #d9d9d9;mso-line-height-rule:exactly\"><tr>\
         <td width=\"160\" valign=\"top\" class=\"half\" style=\"padding:12px 0 12px 24px\">\
         <img src=\"https://news.town.example.jp/img/2026/10/{number:02}.jpg\" width=\"140\" \
         height=\"105\" alt=\"{title}\"></td>\n<td valign=\"top\" class=\"half\">\
         <h2 style=\"margin:0 0 8px;font-size:17px;color:#0b5d3b\">{number}　{title}</h2>\
         <p style=\"margin:0 0 8px;font-size:14px;line-height:1.7\">{lead}<br>\n{more}</p>\
         <table width=\"100%\" style=\"font-size:13px;background:#eef6f1\"><tr>\
         <td style=\"padding:4px 8px;white-space:nowrap\"><b>と&nbsp;&nbsp;き</b></td>\
         <td style=\"padding:4px 8px\">10月{day}日（土）9:00&#65374;12:00</td></tr>\
         <tr><td style=\"padding:4px 8px\"><b>ところ</b></td><td style=\"padding:4px 8px\">{place}\
         </td></tr>\n<tr><td style=\"padding:4px 8px\"><b>問合せ</b></td>\
         <td style=\"padding:4px 8px\"><font color=\"#333333\">{section}</font> &#9742; \
         0465-00-11{number:02}</td></tr></table>\
         <p style=\"margin:8px 0 0\"><a \
         href=\"https://news.town.example.jp/c/{link:016x}?u=31a7&amp;n={number}\" \
         style=\"color:#00639c\" target=\"_blank\">くわしくはこちら &raquo;</a></p>\
         </td></tr></table></td></tr>\n",
        day = sequence.below(27) + 1,
        link = sequence.next_number(),
    );
}

/// HTML of at least `octets` octets as a mail program writes it: paragraphs of spans.
pub(super) fn correspondence(sequence: &mut Sequence, octets: usize) -> String {
    let mut html = String::from(
        "<html><head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\n\
         <style><!-- p.MsoNormal {margin:0mm; font-size:10.5pt; font-family:\"游ゴシック\"} \
         div.WordSection1 {page:WordSection1} --></style></head>\n\
         <body lang=\"JA\" link=\"#0563C1\"><div class=\"WordSection1\">\n<p class=\"MsoNormal\">",
    );
    let _ = writeln!(html, "\n{BLANK}\n</p>");
    while html.len() + 400 < octets {
        let text = paragraph(sequence, 2);
        let _ = write!(
            html,
            "<p class=\"MsoNormal\"><span style=\"font-family:&quot;游ゴシック&quot;\">{text}\
             <o:p></o:p></span></p>\n<p class=\"MsoNormal\"><span lang=\"EN-US\">\
             <o:p>&nbsp;</o:p></span></p>\n"
        );
    }
    html.push_str(
        "<p class=\"MsoNormal\"><a href=\"https://www.town.example.jp/soshiki/12/index.html\">\
         https://www.town.example.jp/</a></p>\n</div></body></html>\n",
    );
    html
}
