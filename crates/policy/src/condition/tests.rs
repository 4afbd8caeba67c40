use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

#[test]
fn addresses_domains_and_what_is_below_them_are_told_apart() {
    for (pattern, covered, others) in [
        (
            "Name@Example.jp",
            &["name@example.jp"][..],
            &["other@example.jp", "name@a.example.jp"][..],
        ),
        ("example.jp", &["a@example.jp"], &["a@b.example.jp", "a@badexample.jp"]),
        (
            "*.example.jp",
            &["a@b.example.jp", "a@c.b.example.jp"],
            &["a@example.jp", "a@badexample.jp"],
        ),
    ] {
        let pattern: AddressPattern = pattern.parse().unwrap();
        assert!(covered.iter().all(|a| pattern.covers(Some(&address(a)))), "{pattern}");
        assert!(!others.iter().any(|a| pattern.covers(Some(&address(a)))), "{pattern}");
        assert!(!pattern.covers(None), "{pattern}");
    }
    let name: AddressPattern = "Ürsel@example.jp".parse().unwrap();
    assert!(name.covers(Some(&address("ürsel@example.jp"))));
    let ascii: AddressPattern = "k@example.jp".parse().unwrap();
    assert!(!ascii.covers(Some(&address("\u{212A}@example.jp"))), "a Kelvin sign is no k");
    let null: AddressPattern = "<>".parse().unwrap();
    assert!(null.covers(None) && !null.covers(Some(&address("a@example.jp"))));
}

#[test]
fn what_can_never_be_met_is_refused() {
    for text in ["", "*", "*.", "a b@example.jp", "@", "a@", "*@example.jp", "*.*.jp"] {
        assert!(text.parse::<AddressPattern>().is_err(), "{text:?}");
    }
    for text in ["", "zip", "/", "image/", "*/*", "*/png", "image/**", "im age/png"] {
        assert_eq!(text.parse::<TypePattern>(), Err(ConditionError::MediaType), "{text:?}");
    }
    for text in
        ["", "8:30-17:15", "08:30", "08:30-08:30", "24:00-08:00", "08:60-09:00", "08:00-24:01"]
    {
        assert_eq!(text.parse::<Hours>(), Err(ConditionError::Hours), "{text:?}");
    }
    assert!("montag".parse::<Weekday>().is_err());
    assert!("passed".parse::<AuthenticationResult>().is_err());
}

#[test]
fn media_types_are_asked_for_one_by_one_or_by_kind() {
    let kind: TypePattern = "Image/*".parse().unwrap();
    assert!(kind.covers("image/png") && !kind.covers("imagex/png"));
    let one: TypePattern = "application/zip".parse().unwrap();
    assert!(one.covers("application/zip") && !one.covers("application/zip2"));
}

#[test]
fn hours_may_go_past_midnight() {
    // 17:00 in Japan.
    let at = Timestamp::japanese_time(1_789_977_600_000);
    for (hours, is) in [
        ("08:30-17:15", true),
        ("08:30-17:00", false),
        ("17:00-24:00", true),
        ("17:15-08:30", false),
        ("16:59-08:30", true),
        ("22:00-17:01", true),
    ] {
        let hours: Hours = hours.parse().unwrap();
        assert_eq!(hours.covers(at), is, "{hours}");
    }
    assert_eq!(at.weekday_in_japan(), Weekday::Monday);
    // Fifteen hours before is Monday still, two in the morning; in Greenwich it is Sunday.
    assert_eq!(
        Timestamp::japanese_time(at.unix_millis() - 15 * 3_600_000).weekday_in_japan(),
        Weekday::Monday
    );
}

fn read(json: &str) -> Result<Conditions, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn conditions_are_written_as_they_are_read() {
    let json = r#"{"sender":["*.example.jp","<>"],"from":["a@example.jp"],"recipient":["example.lg.jp"],"decisions":["text-cut"],"types":["image/*"],"size_at_least":1000,"encrypted":false,"authentication":{"dmarc":["pass"]},"hours":["17:15-08:30"],"weekdays":["sat","sun"]}"#;
    let conditions = read(json).unwrap();
    assert_eq!(serde_json::to_string(&conditions).unwrap(), json);
    assert!(!conditions.is_empty());
    assert!(read(r#"{"sender":[],"recipient":[]}"#).unwrap().is_empty());
}

#[test]
fn what_is_no_condition_is_refused() {
    for json in [
        r#"{"subject":["x"]}"#,
        r#"{"sender":"a@example.jp"}"#,
        r#"{"sender":["a b"]}"#,
        r#"{"decisions":["none-such"]}"#,
        r#"{"authentication":{"arc":["pass"]}}"#,
        r#"{"size_at_least":-1}"#,
    ] {
        assert!(read(json).is_err(), "{json}");
    }
    let many = |number| {
        let values = vec!["\"example.jp\""; number].join(",");
        read(&format!("{{\"sender\":[{values}]}}"))
    };
    assert!(many(MAX_CONDITION_VALUES).is_ok());
    let said = many(MAX_CONDITION_VALUES + 1).unwrap_err().to_string();
    assert!(said.contains("more than 500 values"), "{said}");
}
