use super::*;
use crate::scan;

fn read(value: &str) -> Addresses {
    read_octets(value.as_bytes())
}

fn read_octets(value: &[u8]) -> Addresses {
    let raw = [b"To: ", value, b"\r\n\r\n"].concat();
    let message = scan(&raw, &sekimori_policy::Limits::default()).unwrap();
    message.root().header.addresses("to")
}

/// Name and address, or `None` for an unusable one.
fn pairs(addresses: &Addresses) -> Vec<(Option<&str>, Option<&str>)> {
    let pair = |m: &'_ Mailbox| {
        let address = m.address.as_ref().map(Address::as_str);
        (m.name.clone(), address.map(str::to_owned))
    };
    let owned: Vec<_> = addresses.mailboxes.iter().map(pair).collect();
    owned.into_iter().map(|(n, a)| (n.map(|n| &*n.leak()), a.map(|a| &*a.leak()))).collect()
}

#[test]
fn mailboxes_as_mailers_write_them_are_read() {
    for (value, name, address) in [
        ("a@b.example", None, "a@b.example"),
        ("<a@b.example>", None, "a@b.example"),
        ("山田 太郎 <y@b.example>", Some("山田 太郎"), "y@b.example"),
        ("\"Yamada, Taro\" <y@b.example>", Some("Yamada, Taro"), "y@b.example"),
        ("=?UTF-8?B?5bGx55Sw?= <y@b.example>", Some("山田"), "y@b.example"),
        ("y@b.example (Taro)", Some("Taro"), "y@b.example"),
        ("Taro <y@b.example", Some("Taro"), "y@b.example"),
        ("Taro y@b.example", Some("Taro"), "y@b.example"),
        ("\"Taro Y\" y@b.example", Some("Taro Y"), "y@b.example"),
        ("<abc..def@docomo.example.jp>", None, "abc..def@docomo.example.jp"),
        ("abc.@docomo.example.jp", None, "abc.@docomo.example.jp"),
        ("<a@b.example.>", None, "a@b.example"),
        ("<a@例え.example>", None, "a@例え.example"),
        ("<\"a b\"@c.example>", None, "\"a b\"@c.example"),
        ("\"a b\"@c.example", None, "\"a b\"@c.example"),
        ("< a@b.example >", None, "a@b.example"),
        ("Taro\r\n <y@b.example>", Some("Taro"), "y@b.example"),
    ] {
        assert_eq!(pairs(&read(value)), [(name, Some(address))], "{value}");
    }
}

#[test]
fn an_address_in_a_name_stays_a_name() {
    for (value, name) in [
        ("boss@town.example <x@evil.example>", "boss@town.example"),
        ("\"boss@town.example\" <x@evil.example>", "boss@town.example"),
        ("\"<boss@town.example>,\" <x@evil.example>", "<boss@town.example>,"),
        (
            "=?utf-8?q?=22_=3Cboss=40town=2Eexample=3E=2C?= <x@evil.example>",
            "\" <boss@town.example>,",
        ),
    ] {
        assert_eq!(pairs(&read(value)), [(Some(name), Some("x@evil.example"))], "{value}");
    }
    for value in [
        "\"boss@town.example\"",
        "(boss@town.example)",
        "=?utf-8?q?boss=40town=2Eexample?=",
        "=?utf-8?q?=3Cboss=40town=2Eexample=3E?=",
    ] {
        let read = read(value);
        assert!(read.mailboxes[0].address.is_none(), "{value}");
        assert!(read.mailboxes[0].name.as_deref().unwrap().contains("boss@"), "{value}");
    }
}

#[test]
fn pieces_of_a_mailbox_are_never_joined_to_an_address() {
    for value in [
        "<a> @b.example",
        "<a@> b.example",
        "a (x) @b.example",
        "\"a\" @b.example",
        "a@b.example x c@d.example",
        "\"x\"y@b.example \"",
        "=?utf-8?q?a?= @b.example",
        "<a b@c.example>",
    ] {
        let read = read(value);
        assert_eq!(read.mailboxes.len(), 1, "{value}");
        assert!(read.mailboxes[0].address.is_none(), "{value}: {read:?}");
    }
}

#[test]
fn what_is_unusable_is_reported_with_its_name() {
    let read = read("Taro <a b@c>, Hanako, <>, 課: x@y.example;, undisclosed-recipients:;");
    assert_eq!(
        pairs(&read),
        [(Some("Taro"), None), (Some("Hanako"), None), (None, None), (None, Some("x@y.example"))]
    );
    assert_eq!(read.mailboxes[1].unusable, Some(Unusable::Missing));
    assert_eq!(read.groups, ["課", "undisclosed-recipients"]);
}

#[test]
fn two_fields_of_one_name_are_both_read() {
    let raw = b"To: a@b.example\r\nTO: c@d.example\r\n\r\n";
    let message = scan(raw, &sekimori_policy::Limits::default()).unwrap();
    assert_eq!(message.root().header.addresses("To").mailboxes.len(), 2);
}

#[test]
fn names_in_raw_shift_jis_and_jis_are_read() {
    for value in [
        &b"\x8e\x52\x93\x63\x91\xbe\x98\x59 <y@b.example>"[..],
        b"\x1b$B;3EDB@O:\x1b(B <y@b.example>",
    ] {
        assert_eq!(pairs(&read_octets(value)), [(Some("山田太郎"), Some("y@b.example"))]);
    }
}

#[test]
fn more_addresses_than_the_limit_are_counted() {
    let limits = sekimori_policy::Limits { addresses: 3, ..sekimori_policy::Limits::default() };
    let raw = b"To: a@b.jp, a@b.jp, a@b.jp, a@b.jp, g:;, h:;, i:;, j:;\r\n\r\n";
    let message = scan(raw, &limits).unwrap();
    let read = message.root().header.addresses("To");
    assert_eq!((read.mailboxes.len(), read.groups.len(), read.cut), (3, 3, 2));
}

#[test]
fn a_mailbox_over_the_bound_is_not_read() {
    let read = read(&format!("{} <a@b.example>", "x".repeat(MAX_MAILBOX)));
    assert!(matches!(
        read.mailboxes[0].unusable,
        Some(Unusable::TooLong { octets }) if octets > MAX_MAILBOX
    ));
}
