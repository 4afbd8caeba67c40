//! Text that only looks like data: it stays, whole.

use crate::mail::mail;

/// Lines that people and programs write to offices.
const TEXTS: &[&str] = &[
    "SHA-256 (minutes.pdf) = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "d41d8cd98f00b204e9800998ecf8427e  minutes.pdf",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709 commit of Monday",
    "Fingerprint: 3F2A 91C4 77DE 0B56 8A1E  C9D3 4470 6BE2 15FA 98D7",
    "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDBbK3rW5ZqYF1tTmA and a name",
    "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4",
    "52:54:00:12:34:56 192.0.2.15 2001:db8:85a3::8a2e:370:7334",
    "Licence key: X7K9P-2MVTR-4WN8Y-3HDJF-6GCXA",
    "License: AbC12-dEf34-GhI56-jKl78-MnO90",
    "Order 2026-0921-000123, parcel JP1234567890123, invoice INV-2026-09-21-0001-A",
    "Password: Xy7kPq2wLm9Z (initial), user id: Yamada_Taro-01",
    "Account 0123456789 0123456 01234567890123456789012345678901234567890123456789",
    "550e8400-e29b-41d4-a716-446655440000",
    "https://click.example.com/ls/click?upn=u001.x7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5TkBvNy0DhGl3SjEw8RtZq2MxCv7AbKpLf4Yd9UgHn6Oi1WsJ5Te",
    "https://example.sharepoint.com/:b:/s/Soumu/EYx7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5TkBv?e=4Rs8Yb",
    "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.jp%2F&data=05%7C02%7Csoumu%40town.example%7Cabc&sdata=x7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5Tk%3D&reserved=0",
    "https://zoom.example.us/j/81234567890?pwd=UEsDBBQAAAAIAAAAIQx7Kq9Zp2LmVt4RsWn8",
    "https://example.jp/reset?token=QSBzbWFsbCBmaWxlIHRoYXQgc2F5cyBzb21ldGhpbmc",
    "www.example.jp/a/x7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5Tk",
    "C:\\Users\\Taro\\Documents\\2026\\MinutesOfTheMeeting_v12_Final.docx",
    "/usr/share/doc/packages/SomeLibrary-2.14.3/examples/ReadMeFirst.html",
    "org.example.gateway.sanitize.ThisIsTheNameOfSomeFunctionInALargeProgram",
    "java.lang.IllegalStateException: AbstractSingletonProxyFactoryBean failed at Line1234",
    "2026-09-21T16:00:00.123+09:00 INFO  [main-thread-17] RequestId=8f14e45fceea167a5a36dedd4bea2543 took 123ms",
    "Sep 21 16:00:00 mx1 postfix/smtp[12345]: 4XyZ12AbCdEfGh: to=<soumu@town.example>, relay=mx[192.0.2.1]:25",
    "Message-ID: <CAKx7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5TkBv@mail.example.com>",
    "Thread-Topic of bounce+x7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5TkBv=soumu@example.com",
    "65 72 68 71 66 70 74 69 73 67 65 72 68 71 66 70 74 69 73 67 65 72 68 71",
    "12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12 34 56 78 90",
    "| 4月 | 1,234,567 | 98.7% | A1 |",
    "10:00 12:30 14:15 16:45 = 4 trains, 50% 60% 70%",
    "Content-Type: text/html is what the server sends.",
    "Content-Type: application/json",
    "begin 2026 with a new form, end 2027 with the old one",
    "begin 644 reasons why this works",
    "data: 5, 6 and 7; data:none",
    "-- ",
    "----- Original Message -----",
    "-----BEGIN HERE-----",
    "=====================================================================",
    "--------------------------------------------------------------------",
    "ＩＤ：ＡＢＣ１２３４５６７８９０　（全角）",
    "WWW-Authenticate, X-Forwarded-For, Strict-Transport-Security, Content-Security-Policy",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
    "山北町役場総務課　山田太郎　TEL 0465-75-0000　FAX 0465-75-0001",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "ImplItem, ImplItemConst, ImplItemFn, ImplItemMacro, ImplItemType, ImplRestriction, Item,",
    "NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,",
    "\"Win32_Foundation\", \"Win32_System_Console\", \"Win32_Storage_FileSystem\"",
    "BEGIN TRANSACTION; COMMIT;",
];

/// Fields that must not be touched.
const IDENTIFIERS: &[&str] = &[
    "CAKx7Kq9Zp2LmVt4RsWn8Yb3HdJf6GcXa1QeUoPi5TkBv@mail.example.com",
    "TYAPR01MB1234ABCDEF0123456789ABCDEF01234567@TYAPR01MB1234.jpnprd01.prod.example.com",
    "8f14e45f-ceea-167a-5a36-dedd4bea2543@example.jp",
    "MTIzNDU2Nzg5MC4xMjM0NTY3@geopod-ismtpd-1",
    "20260921160000.12345.Yamada.Taro@mail.town.example.lg.jp",
];

fn shown(kind: &str, body: &str) -> String {
    let result = sekimori_laws::crossing(mail(kind, body).replace('\n', "\r\n").as_bytes());
    assert!(result.removed.is_empty(), "{:?} of {body}", result.removed);
    result.text
}

#[test]
fn lines_that_look_like_data_stay_alone_and_together() {
    let plain = "Content-Type: text/plain; charset=utf-8\n";
    for text in TEXTS {
        let body = format!("前の行\n{text}\n後の行\n");
        assert!(shown(plain, &body).contains(text.trim_end()), "{text}");
        let quoted = format!("> {text}\n> {text}\n");
        assert!(shown(plain, &quoted).contains(text.trim_end()), "{text}");
    }
    for pair in TEXTS.windows(2) {
        let body = pair.join("\n");
        assert!(shown(plain, &body).contains(pair[0].trim_end()), "{body}");
    }
    let all = TEXTS.join("\n");
    assert!(shown(plain, &all).contains(TEXTS.last().unwrap()));
}

#[test]
fn lists_of_hash_values_identifiers_and_numbers_stay() {
    // Digits that no two lines share: a digest of digests would do no better.
    let digit = |n: usize| char::from(b"0123456789abcdef"[(n * n * 7 + n / 3 + n * 11) % 16]);
    for length in [32, 40, 56, 64, 96, 128] {
        let line = |n: usize| (0..length).map(|at| digit(n * 131 + at * 17)).collect::<String>();
        let bare: String = (1..60).map(|n| line(n) + "\n").collect();
        let named: String = (1..60).map(|n| format!("{}  file-{n}.pdf\n", line(n))).collect();
        for text in [bare, named] {
            let left = shown("Content-Type: text/plain; charset=utf-8\n", &text);
            assert!(left.contains(text.trim_end()), "{length}: {left}");
        }
    }
    let uuids: String =
        (0..60).map(|n| format!("550e84{n:02}-e29b-41d4-a716-4466554400{n:02}\n")).collect();
    let numbers: String = (0..300).map(|n| format!("{:012}\n", n * 7_919 + 100_000)).collect();
    let table: String =
        (0..80).map(|n| format!("{} {} {}\n", 40 + n % 39, 61 + n % 17, 48 + n % 9)).collect();
    let codes: String = (0..60).map(|n| format!("A-{n:04}-X{:03} 済\n", n * 13)).collect();
    for text in [uuids, numbers, table, codes] {
        assert!(shown("", &text).contains(text.trim_end()), "{text}");
    }
}

#[test]
fn identifiers_of_messages_stay() {
    for id in IDENTIFIERS {
        let raw = mail(&format!("Message-ID: <{id}>\nReferences: <{id}>\n"), "text\n");
        let result = sekimori_laws::crossing(raw.as_bytes());
        assert_eq!(result.summary.message_id.unwrap().trim_matches(['<', '>']), *id);
    }
}
