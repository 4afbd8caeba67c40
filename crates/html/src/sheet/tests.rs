use super::*;

/// Whether a sheet hides the last of nested elements, each given as name, id and class.
fn hides(css: &str, elements: &[(&str, &str, &str)]) -> bool {
    let mut sheet = Sheet::default();
    sheet.read(css);
    hidden_by(&mut sheet, elements)
}

fn hidden_by(sheet: &mut Sheet, elements: &[(&str, &str, &str)]) -> bool {
    let identities: Vec<Identity> = elements
        .iter()
        .map(|(name, id, class)| {
            let mut attributes = Attributes::default();
            for (name, value) in [("id", id), ("class", class)] {
                attributes.begin();
                attributes.push_name(name.as_bytes());
                attributes.push_value(value.as_bytes());
            }
            attributes.finish();
            sheet.identify(Name::read(name.as_bytes()), &attributes)
        })
        .collect();
    let (own, around) = identities.split_last().unwrap();
    let (usual, important) =
        sheet.style_of(own, |at| around.iter().rev().nth(at)).unwrap_or_default();
    usual.overridden_by(important).removes(own.name.tag)
}

#[test]
fn the_selectors_that_mail_uses_are_followed() {
    let td = &[("table", "t", "w"), ("tr", "", "r s"), ("td", "x", "a B")];
    for selector in [
        "td",
        ".a",
        ".a.b",
        ".B",
        "td.a",
        "#x",
        "td#x.b",
        "p , .a , b",
        ".w .a",
        "table td",
        ".w > .r > td",
        "#t > tr .b",
        "* .a",
        "*",
        "[class]",
        "[class~=b]",
        "[class*='a b']",
        "td[class^=a]",
        "td:not(.c)",
        "[class*=w] td",
        ":not(td) > .a",
    ] {
        assert!(hides(&format!("{selector}{{display:none}}"), td), "{selector}");
    }
    for selector in [
        "th",
        ".c",
        ".a.c",
        "th.a",
        "#y",
        ".a .w",
        "table > td",
        ".r > .w > td",
        "[class=a]",
        "td:not(.a)",
        ".a:hover",
        ".r + .a",
        "td .a",
        "p > *",
        "[lang]",
        ":root",
    ] {
        assert!(!hides(&format!("{selector}{{display:none}}"), td), "{selector}");
    }
}

#[test]
fn the_more_specific_rule_wins_then_the_later_one() {
    let p = &[("div", "", "w"), ("p", "i", "x y")];
    for css in [
        ".x{display:none}p{display:block}",
        ".x{display:block}.x{display:none}",
        "#i{display:none}.w .x.y{display:block}",
        ".w p{display:none}p{display:block}",
        ".x{display:none!important}#i{display:block}",
        "p{display:none!important}p{display:block}",
    ] {
        assert!(hides(css, p), "{css}");
    }
    for css in [
        ".x{display:none}p.x{display:block}",
        ".x{display:none}.y{display:block}",
        ".x{display:none!important}#i{display:block!important}",
        "@media print{.x{display:none}}",
        "@media screen and (max-width:600px){.x{display:none!important}}",
    ] {
        assert!(!hides(css, p), "{css}");
    }
}

#[test]
fn what_is_written_badly_counts_as_far_as_in_a_browser() {
    let p = &[("p", "", "x")];
    for css in [
        "<!-- .X{DISPLAY:NONE} -->",
        "@import 'x'; .x{display:none",
        "a{content:'}'} .x{display:none}",
        "@media screen{.x{display:none}} .y{}",
        "@media all{@supports (display:grid){.x{display:none}}}",
        "@font-face{src:url(a;b)}.x{display:none}",
        "/* .y{ */.x{display:none}",
    ] {
        assert!(hides(css, p), "{css}");
    }
    for css in [
        "; .x{display:none}",
        ".x, a:no-such{display:none}",
        ".x,{display:none}",
        "@keyframes k{.x{display:none}}",
        "} .x{display:none}",
    ] {
        assert!(!hides(css, p), "{css}");
    }
    for css in ["{", "}", "{{{{", ".x{", "@", ";", "a{b", "\"", ",,,{}", "/*", "@media"] {
        assert!(!hides(css, p), "{css}");
    }
}

#[test]
fn over_its_bounds_a_sheet_hides_nothing() {
    let p = &[("p", "", "x")];
    let long = format!("{}.x{{display:none}}", " ".repeat(MAX_OCTETS));
    assert!(!hides(&long, p));
    let rules = |n: usize| -> String {
        (0..n).map(|i| format!(".c{i}{{opacity:0}}")).chain([".x{opacity:0}".into()]).collect()
    };
    assert!(hides(&rules(MAX_RULES - 1), p));
    assert!(!hides(&rules(MAX_RULES), p));
    let nested = |n: u32| {
        let n = usize::try_from(n).unwrap();
        format!("{}.x{{opacity:0}}", "@media all{".repeat(n))
    };
    assert!(hides(&nested(MAX_CONDITIONS), p));
    assert!(!hides(&nested(MAX_CONDITIONS + 1), p));
    let questions = |n: usize| -> String {
        let asked = (0..n).map(|i| format!("[class=c{i}]{{opacity:0}}"));
        asked.chain(["[class=x]{opacity:0}".into()]).collect()
    };
    assert!(hides(&questions(MAX_QUESTIONS - 1), p));
    assert!(!hides(&questions(MAX_QUESTIONS), p));
    let value = format!("{} x", "y".repeat(MAX_VALUE));
    assert!(!hides("[class~=x]{opacity:0}", &[("p", "", &value)]));
    let classes: String = (0..MAX_CLASSES_LOOKED_UP).map(|i| format!("c{i} ")).collect();
    assert!(!hides(".x{opacity:0}", &[("p", "", &(classes + "x"))]));
}

#[test]
fn looking_for_rules_takes_no_more_than_its_share() {
    let mut sheet = Sheet::default();
    sheet.read(&".y .x{display:none}".repeat(MAX_RULES - 1));
    sheet.read(".x{opacity:0}");
    let deep = vec![("div", "", "z"); 200];
    let deep = [&deep[..], &[("p", "", "x")]].concat();
    assert!(!hidden_by(&mut sheet, &deep), "the last rule is not reached");
    let mut sheet = sheet.for_another_reading();
    for _ in 0..1_000 {
        hidden_by(&mut sheet, &deep);
        assert!(sheet.work <= WORK_AT_FIRST);
    }
    assert!(!hidden_by(&mut sheet, &[("p", "", "x")]), "the bound still holds");
}
