//! Attachments in the clothes of text: no octet of them crosses in any encoding.

use sekimori_policy::Code;

use super::{Town, removed};

#[test]
fn encoded_blocks_inside_text_are_cut_and_listed() {
    let block =
        "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n".repeat(6);
    for quote in ["", "> "] {
        let quoted = block.replace("TVq", &format!("{quote}TVq"));
        let body = format!("前\n{quoted}\n後\n\nbegin 644 b.exe\n#0V%T\n`\nend\n最後\n");
        let result = Town::new().run_with("Content-Type: text/plain; charset=utf-8", &body);
        assert!(!result.text.contains("TVqQ"), "{}", result.text);
        assert!(!result.text.contains("begin 644"), "{}", result.text);
        assert_eq!(removed(&result), ["添付1", "b.exe"]);
        assert_eq!(result.removed[0].section, "1#1");
        assert_eq!(
            result.removed[0].detected_type,
            "application/vnd.microsoft.portable-executable"
        );
        assert!(
            result.text.contains("前\n〔符号化されたデータを削除：添付1〕\n\n後"),
            "{}",
            result.text
        );
        assert_eq!(result.decisions.count(Code::EncodedBlockRemoved), 2);
    }
}

#[test]
fn invisible_characters_do_not_hide_encoded_data() {
    let line = "TVqQAAMAAAAEAAAA\u{200B}//8AALgAAAAAAAAAQAAAAAAAAA\u{AD}AAAAAAAAAAAAAAAAAAAAAAAA\n";
    let result = Town::new().run_with("Content-Type: text/plain; charset=utf-8", &line.repeat(6));
    assert!(!result.text.contains("TVqQ"), "{}", result.text);
}

#[test]
fn encoded_data_in_a_report_or_an_invitation_is_cut_as_well() {
    let data = "TVqQAAMAAAAEAAAA".repeat(20);
    let calendar =
        format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\nDESCRIPTION:{data}\nEND:VEVENT\n");
    for (kind, body) in
        [("text/calendar", calendar.as_str()), ("message/delivery-status", &format!("X: {data}\n"))]
    {
        let result = Town::new().run_with(&format!("Content-Type: {kind}"), body);
        assert!(!result.text.contains("TVqQAAMA"), "{}", result.text);
        assert_eq!(result.decisions.count(Code::EncodedBlockRemoved), 1);
    }
}

#[test]
fn a_password_zip_and_a_false_name_are_noted() {
    let result = Town::new().run_with(
        "Content-Type: multipart/mixed; boundary=b",
        "--b\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\n\
         UEsDBBQAAQAAAAAAAAAAAAAAAAAAAAAAAAAFAAAAYS50eHQ=\n--b--\n",
    );
    assert!(result.decisions.contains(Code::EncryptedArchive));
    assert!(result.decisions.contains(Code::TypeMismatch));
    assert!(result.text.contains("注意　　："), "{}", result.text);
}

#[test]
fn encoded_data_in_a_subject_is_cut() {
    let inner = format!(
        "--b\nContent-Type: message/rfc822\n\nSubject: {}\n\ninside\n--b--\n",
        "TVqQAAMA".repeat(60)
    );
    let header = format!(
        "Subject: A {} Z\nContent-Type: multipart/mixed; boundary=b",
        "TVqQAAMA".repeat(60)
    );
    let result = Town::new().run_with(&header, &inner);
    assert_eq!(result.summary.subject, "A 〔符号化されたデータを削除：添付1〕 Z");
    assert!(!result.text.contains("TVqQAAMA"), "{}", result.text);
    assert_eq!(
        result.removed.iter().map(|p| p.section.as_str()).collect::<Vec<_>>(),
        ["HEADER#1", "1#1"]
    );
}

#[test]
fn a_file_that_begins_in_one_part_and_goes_on_in_the_next_is_cut() {
    let body = "--b\nContent-Type: text/plain\n\n本文\n\nContent-Type: application/x-test\nContent-Disposition: attachment\n\
                --b\nContent-Type: text/plain\n\nMARK and more\n--b--\n";
    let result = Town::new().run_with("Content-Type: multipart/mixed; boundary=b", body);
    assert!(result.text.contains("本文"), "{}", result.text);
    assert!(!result.text.contains("MARK"), "{}", result.text);
    assert_eq!(result.removed[0].section, "TEXT#1");
}
