//! What is wrapped in a signature, in winmail.dat, in a contact, or encrypted.

use sekimori_policy::{Code, EncryptedParts, Language, Outcome};

use super::{Town, codes, removed};
use crate::wrapped::MAX_SIGNED;

const MIXED: &str = "Content-Type: multipart/mixed; boundary=b";
const SIGNED: &str = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\
     Content-Transfer-Encoding: base64";

fn base64(octets: &[u8]) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in octets.chunks(3) {
        let mut bits = three.iter().fold(0_u32, |bits, &octet| bits << 8 | u32::from(octet));
        bits <<= 8 * (3 - three.len());
        for place in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > three.len() { '=' } else { char::from(symbol) });
        }
        if out.len() % 77 == 76 {
            out.push('\n');
        }
    }
    out + "\n"
}

/// An entity in an opaque signature without signers.
fn signed(entity: &str) -> Vec<u8> {
    let value = |tag: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84][..], &length, content].concat()
    };
    let identifier = |last: u8| [b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07", &[last][..]].concat();
    let entity = entity.replace('\n', "\r\n");
    let wrapped = value(0xA0, &value(0x04, entity.as_bytes()));
    let inner = value(0x30, &[identifier(1), wrapped].concat());
    let data = [&[2, 1, 1, 0x31, 0][..], &inner, &[0x31, 0]].concat();
    value(0x30, &[identifier(2), value(0xA0, &value(0x30, &data))].concat())
}

#[test]
fn what_a_signature_wraps_is_shown_and_its_files_are_listed() {
    let entity = "Content-Type: multipart/mixed; boundary=c\n\n--c\n\
        Content-Type: text/plain; charset=utf-8\n\n通知です。\n--c\n\
        Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.7\n--c--\n";
    let result = Town::new().run_with(SIGNED, &base64(&signed(entity)));
    assert_eq!(removed(&result), ["smime.p7m", "a.pdf"]);
    let sections: Vec<&str> = result.removed.iter().map(|part| part.section.as_str()).collect();
    assert_eq!(sections, ["1", "1/2"]);
    assert_eq!(result.removed[0].reason, Code::SignatureRemoved);
    assert_eq!(codes(&result.decisions)[..2], ["signed-as-text", "signature-removed"]);
    assert!(
        result.text.ends_with(
            "\n\n〔以下は電子署名で包まれていた部分です。署名は検証していません。〕\n\n通知です。\n"
        ),
        "{}",
        result.text
    );
    assert!(
        result.text.contains("電子署名で包まれた部分1件をテキストに展開（検証はしていません）")
    );
    let file = format!(
        "--b\nContent-Type: application/octet-stream; name=smime.p7m\n\
         Content-Transfer-Encoding: base64\n\n{}--b--\n",
        base64(&signed(entity))
    );
    let mut town = Town::new();
    town.organisation.language = Language::English;
    let result = town.run_with(MIXED, &file);
    assert_eq!(removed(&result), ["smime.p7m", "a.pdf"]);
    assert_eq!(result.removed[1].section, "1/2");
    assert!(result.text.contains("which was not checked.]\n\n通知です。\n"), "{}", result.text);
}

#[test]
fn signatures_in_signatures_are_opened_to_the_bound() {
    let wrapped = |times: usize| {
        let mut entity = "Content-Type: text/plain\n\nINNERMOST\n".to_owned();
        for _ in 1..times {
            entity = format!("{SIGNED}\n\n{}", base64(&signed(&entity)));
        }
        Town::new().run_with(SIGNED, &base64(&signed(&entity)))
    };
    let result = wrapped(MAX_SIGNED);
    assert!(result.text.ends_with("INNERMOST\n"), "{}", result.text);
    assert_eq!(result.removed[2].section, "1/1/1");
    let result = wrapped(MAX_SIGNED + 1);
    assert!(!result.text.contains("INNERMOST"));
    assert_eq!(result.removed[3].reason, Code::SignedRemoved);
}

#[test]
fn what_a_signature_wraps_is_removed_whole_when_it_is_no_entity_or_over_a_bound() {
    let pdf = Town::new().run_with(SIGNED, &base64(&signed("%PDF-1.7\n\nWRAPPED\n")));
    assert_eq!(codes(&pdf.decisions)[0], "signed-removed");
    let mut town = Town::new();
    town.limits.parts = 3;
    let many = format!(
        "Content-Type: multipart/mixed; boundary=c\n\n{}--c--\n",
        "--c\n\nWRAPPED\n".repeat(5)
    );
    let result = town.run_with(SIGNED, &base64(&signed(&many)));
    assert_eq!(result.removed[0].reason, Code::SignedRemoved);
    assert!(!result.text.contains("WRAPPED"), "{}", result.text);
    let ambiguous = "Content-Type: text/plain\nContent-Type: text/html\n\nWRAPPED\n";
    let result = Town::new().run_with(SIGNED, &base64(&signed(ambiguous)));
    assert_eq!(result.removed[1].reason, Code::StructureAmbiguous);
    assert!(!result.text.contains("WRAPPED"));
}

#[test]
fn what_is_encrypted_holds_the_mail_where_the_organisation_wants_it() {
    let pgp = "-----BEGIN PGP MESSAGE-----\n\nhQEMA4qPxLHg1kRgAQf/SECRET0123456789abcdef\n=abcd\n\
        -----END PGP MESSAGE-----\n";
    let enveloped = base64(b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x80\x00\x00");
    let encoded = "\nContent-Transfer-Encoding: base64";
    for (header, body) in [
        ("Content-Type: text/plain".to_owned(), format!("before\n\n{pgp}\nafter\n")),
        (
            format!("Content-Type: application/pkcs7-mime; smime-type=enveloped-data{encoded}"),
            enveloped.clone(),
        ),
        (format!("Content-Type: application/octet-stream; name=smime.p7m{encoded}"), enveloped),
        ("Content-Type: application/octet-stream; name=message.asc".to_owned(), pgp.to_owned()),
        (
            "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\""
                .to_owned(),
            format!(
                "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n{pgp}\n--b--\n"
            ),
        ),
    ] {
        let listed = Town::new().run_with(&header, &body);
        assert_eq!(listed.outcome, Outcome::Deliver, "{header}");
        assert!(listed.decisions.contains(Code::EncryptedRemoved), "{header}");
        assert!(listed.text.contains("暗号化された部分"), "{}", listed.text);
        assert!(!listed.text.contains("SECRET"));
        let mut town = Town::new();
        town.organisation.encrypted = EncryptedParts::Hold;
        let held = town.run_with(&header, &body);
        assert_eq!(held.outcome, Outcome::Hold, "{header}");
        assert!(held.text.contains(Code::HoldEncrypted.japanese()), "{}", held.text);
    }
    let mut town = Town::new();
    town.organisation.encrypted = EncryptedParts::Hold;
    assert_eq!(town.run_with("Content-Type: text/plain", "text\n").outcome, Outcome::Deliver);
}

#[test]
fn encrypted_armour_in_a_text_is_said_to_be_that() {
    let result = Town::new().run_with(
        "Content-Type: text/plain; charset=utf-8",
        "鍵の件です。\n\n-----BEGIN PGP MESSAGE-----\n\nhQEMA4qPxLHg1kRgAQf\n-----END PGP MESSAGE-----\n",
    );
    assert!(
        result.text.ends_with("鍵の件です。\n\n〔暗号化された部分を削除：添付1〕\n"),
        "{}",
        result.text
    );
    assert_eq!(codes(&result.decisions), ["encrypted-removed"]);
}

/// A winmail.dat with an 8-bit text and a file.
fn winmail(text: &[u8]) -> Vec<u8> {
    let attribute = |level: u8, id: u32, data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [&[level][..], &id.to_le_bytes(), &length, data, &[0, 0]].concat()
    };
    [
        b"\x78\x9F\x3E\x22\x01\x00".to_vec(),
        attribute(1, 0x0006_9007, &[0xA4, 3, 0, 0, 0, 0, 0, 0]),
        attribute(1, 0x0002_800C, text),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0001_8010, b"a.pdf\0"),
        attribute(2, 0x0006_800F, b"%PDF-1.7 /Encrypt 5 0 R"),
    ]
    .concat()
}

fn with_winmail(town: &Town, text: &str, inside: &[u8], times: usize) -> crate::Sanitized {
    let part = format!(
        "--b\nContent-Type: application/octet-stream; name=winmail.dat\n\
         Content-Transfer-Encoding: base64\n\n{}",
        base64(&winmail(inside))
    );
    town.run_with(
        MIXED,
        &format!(
            "--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n{}--b--\n",
            part.repeat(times)
        ),
    )
}

#[test]
fn the_text_of_winmail_dat_is_shown_unless_the_mail_says_it_already() {
    let sjis = b"\x8E\x52\x96\x6B\x92\xAC\x82\xCC\x8C\x8F\r\nhttps://a.example/\0";
    let result = with_winmail(&Town::new(), "本文", sjis, 1);
    assert!(
        result.text.ends_with(
            "本文\n\n〔winmail.dat（Outlookの形式）の本文〕\n山北町の件\nhttps://a.example/\n"
        ) || result.text.ends_with(
            "本文\n\n〔winmail.dat（Outlookの形式）の本文〕\n山北町の件\nhttps://a.example/"
        ),
        "{}",
        result.text
    );
    assert!(result.decisions.contains(Code::TnefAsText));
    assert_eq!(removed(&result), ["winmail.dat", "a.pdf"]);
    assert_eq!(result.removed[1].section, "2/1");
    assert_eq!(result.removed[1].detected_type, "application/pdf");
    assert!(result.decisions.contains(Code::EncryptedDocument));
    let result = with_winmail(&Town::new(), "前略　山北町の件\n\nhttps://a.example/", sjis, 1);
    assert_eq!(result.text.matches("山北町の件").count(), 1, "{}", result.text);
    assert!(!result.decisions.contains(Code::TnefAsText));
    assert_eq!(removed(&result), ["winmail.dat", "a.pdf"]);
}

#[test]
fn files_in_winmail_dat_over_the_bound_hold_the_mail() {
    let mut town = Town::new();
    town.limits.parts = 5;
    let result = with_winmail(&town, "x", b"y\0", 3);
    assert_eq!(result.outcome, Outcome::Deliver);
    town.limits.parts = 4;
    let result = with_winmail(&town, "x", b"y\0", 2);
    assert_eq!((result.outcome, removed(&result).len()), (Outcome::Deliver, 4));
    town.limits.parts = 1;
    assert!(town.run_with(MIXED, "--b\n\nx\n--b--\n").decisions.contains(Code::HoldParts));
    let file = "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64";
    let two = [winmail(b"y\0"), winmail(b"")[6..].to_vec()].concat();
    let result = town.run_with(file, &base64(&two));
    assert_eq!((result.outcome, removed(&result).len()), (Outcome::Hold, 2));
    assert!(result.decisions.contains(Code::HoldParts));
}

#[test]
fn a_contact_is_laid_out_and_listed() {
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:今井 真司\nTEL:0465-00-9911\nKEY:SECRET\nEND:VCARD\n";
    for header in [
        "Content-Type: text/vcard; charset=utf-8; name=imai.vcf",
        "Content-Type: text/directory; charset=utf-8; profile=vCard; name=imai.vcf",
        "Content-Type: application/octet-stream; name=imai.vcf",
    ] {
        let result = Town::new().run_with(&format!("{header}\nSubject: x"), card);
        assert!(
            result.text.ends_with("〔連絡先〕\n氏名　：今井 真司\n電話　：0465-00-9911\n"),
            "{}",
            result.text
        );
        assert_eq!(removed(&result), ["imai.vcf"]);
        assert!(result.text.contains("連絡先1件をテキストに展開"), "{}", result.text);
        assert!(!result.text.contains("SECRET"));
    }
    let result = Town::new().run_with("Content-Type: text/vcard; name=x.vcf", "no card\n");
    assert!(!result.decisions.contains(Code::ContactAsText));
}

#[test]
fn a_reader_is_told_where_the_password_of_a_file_may_be() {
    let zip = "Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n\
        UEsDBBQAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAUAAABhLnR4dA==\n";
    let text = "Content-Type: text/plain; charset=utf-8\n\n";
    let town = Town::new();
    let without = town.run_with(MIXED, &format!("--b\n{text}資料です。\n--b\n{zip}--b--\n"));
    assert!(
        without.text.contains(
            "注意　　：パスワード付きの圧縮ファイルがありました。パスワードは別のメールで届くことがあります。\n"
        ),
        "{}",
        without.text
    );
    let told = town
        .run_with(MIXED, &format!("--b\n{text}添付の解凍パスワード：ab12CD34\n--b\n{zip}--b--\n"));
    assert!(told.text.contains("圧縮ファイルがありました。\n"), "{}", told.text);
    assert!(told.text.contains(Code::PasswordTold.japanese()), "{}", told.text);
    let plain = town.run_with(
        "Content-Type: text/plain; charset=utf-8",
        "添付ファイルのパスワードは以下です。\nab12CD34\n",
    );
    assert!(plain.decisions.contains(Code::PasswordTold));
    assert!(!plain.text.contains("無害化のお知らせ"), "an unchanged mail has no notice");
}
