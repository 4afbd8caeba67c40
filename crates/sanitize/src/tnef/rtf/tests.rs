use super::*;

fn plain(rtf: &str) -> String {
    match read(rtf.as_bytes(), 0) {
        Some((Body::Plain(decoded), _)) => decoded.text,
        other => panic!("{other:?}"),
    }
}

fn html(rtf: &str) -> String {
    match read(rtf.as_bytes(), 0) {
        Some((Body::Html(decoded), _)) => decoded.text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn japanese_text_is_read_in_the_code_page_of_its_font_and_in_unicode() {
    // 表 ends with the octet of a backslash; its first octet may stand escaped alone.
    let rtf = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil Arial;}\
        {\\f1\\fnil\\fcharset128 MS PGothic;}}\\f1\\'8e\\'52\\'96\\'6b\\'92\\'ac\\f0 : caf\\'e9\\par\r\n\
        \\f1\\'95\\'5c\\'82\\'a0\\'83A\\par\\uc2\\u23665\\'8e\\'52\\uc1\\u-10179?\\u-8704?\\tab x\\~y}";
    assert_eq!(plain(rtf), "山北町: café\n表あア\n山😀\tx\u{A0}y");
    let rtf = "{\\rtf1\\ansi\\ansicpg932\\deff0{\\fonttbl{\\f0\\fcharset0 Calibri;}}\\f0\\'8e\\'52\\'96\\'6b}";
    assert_eq!(plain(rtf), "山北", "a font without a charset of its own has the document's");
}

#[test]
fn what_is_no_text_of_the_document_is_passed_over() {
    let rtf = "{\\rtf1{\\stylesheet{\\s0 Normal;}}{\\info{\\author x}}{\\*\\generator Riched20;}\
        {\\pict\\bin5 }}}}} ffd8}{\\object{\\*\\objdata 0105}{\\result y}}a{\\v hidden}\\v hidden\\v0 b\
        \\{c\\}\\\\ \\-d{\\header h}}";
    assert_eq!(plain(rtf), "ab{c}\\ d");
    assert!(read(rtf.as_bytes(), 0).unwrap().1, "something was hidden");
    assert!(!read(b"{\\rtf1 a{\\*\\x y}}", 0).unwrap().1);
}

#[test]
fn a_link_keeps_its_text_and_its_target() {
    let rtf = "{\\rtf1 see {\\field{\\*\\fldinst{HYPERLINK \"https://a.example/\"}}{\\fldrslt{\\ul here}}}.}";
    assert_eq!(plain(rtf), "see here <https://a.example/>.");
    let rtf = "{\\rtf1 {\\field{\\*\\fldinst PAGE}{\\fldrslt 3}} of 4}";
    assert_eq!(plain(rtf), "3 of 4");
}

#[test]
fn html_that_was_wrapped_comes_out_as_it_was() {
    let rtf = "{\\rtf1\\ansi\\ansicpg932\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fcharset128 X;}}\
        {\\*\\htmltag19 <html>}{\\*\\htmltag64 <p class=\"\\'8e\\'52\">}\\htmlrtf {\\f0\\htmlrtf0 \\'8e\\'52\
        {\\*\\htmltag84 &lt;}\\htmlrtf\\f1 only rtf\\htmlrtf0 \\lquote x\\htmlrtf }\\htmlrtf0 \
        {\\*\\mhtmltag64 <p>}{\\*\\htmltag72 </p>}\\par}";
    assert_eq!(html(rtf), "<html><p class=\"山\">山&lt;‘x</p>\n");
}

#[test]
fn plain_text_that_was_wrapped_comes_out_as_it_was() {
    let rtf = "{\\rtf1\\ansi\\ansicpg932\\fromtext \\fbidi \\deff0{\\fonttbl{\\f0 X;}}\\uc1 \
        \\'96\\'7b\\'95\\'b6\\line 2\\par }";
    assert_eq!(plain(rtf), "本文\n2\n");
}

#[test]
fn damage_and_depth_end_nothing_else() {
    assert_eq!(read(b"plain text", 0), None);
    for damaged in
        ["{\\rtf1 a\\'", "{\\rtf1 a\\", "{\\rtf1 a}}}}b", "{\\rtf1 a\\u", "{\\rtf1 a\\bin99999 b"]
    {
        assert!(plain(damaged).starts_with('a'), "{damaged}");
    }
    assert_eq!(plain("{\\rtf1\\uc1\\u-10179 ?x}"), "\u{FFFD}x");
    let deep = format!("{{\\rtf1 a{}deep{}b}}", "{".repeat(MAX_GROUPS), "}".repeat(MAX_GROUPS));
    assert_eq!(plain(&deep), "ab");
    let open = format!("{{\\rtf1 {}", "{\\b x".repeat(300_000));
    assert_eq!(plain(&open).len(), MAX_GROUPS - 1);
}

#[test]
fn text_over_the_bound_is_cut() {
    let long = format!("{{\\rtf1 {}}}", "x".repeat(MAX_OUTPUT + 10));
    assert_eq!(plain(&long).len(), MAX_OUTPUT);
}

#[test]
fn a_document_that_names_no_code_page_is_in_that_of_the_message() {
    let body = read(b"{\\rtf1 \\'8e\\'52}", 932);
    assert!(
        matches!(&body, Some((Body::Plain(text), false)) if text.text == "\u{5C71}"),
        "{body:?}"
    );
}

#[test]
fn many_changes_of_code_page_cost_linear_time_and_end_at_the_bound() {
    for unit in ["\\f1\\'82\\'a0\\f0\\'82\\'a0\\u12354?", "\\'82\\u12354?", "\\f1\\'82\\tab "] {
        let rtf = format!(
            "{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f1\\fcharset128 X;}}}}{}}}",
            unit.repeat(100_000)
        );
        let started = std::time::Instant::now();
        let characters = plain(&rtf).chars().count();
        assert!((output::MAX_RUNS..3 * output::MAX_RUNS).contains(&characters), "{characters}");
        assert!(started.elapsed().as_secs() < 20, "{unit}");
    }
}
