//! The keyboard: keys by the names of `KeyboardEvent.key`, as the browser wants to be told of them.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

/// Modifiers as the browser counts them.
const ALT: u32 = 1;
const CONTROL: u32 = 2;
const META: u32 = 4;
const SHIFT: u32 = 8;

/// Keys that write nothing, with their place on the keyboard where that has another name, and
/// their number in Windows.
const NAMED: [(&str, u32); 15] = [
    ("Backspace", 8),
    ("Tab", 9),
    ("Enter", 13),
    ("Escape", 27),
    ("PageUp", 33),
    ("PageDown", 34),
    ("End", 35),
    ("Home", 36),
    ("ArrowLeft", 37),
    ("ArrowUp", 38),
    ("ArrowRight", 39),
    ("ArrowDown", 40),
    ("Insert", 45),
    ("Delete", 46),
    ("F1", 112),
];

/// Signs on the keys of an American keyboard: without Shift, with it, the place, the number.
const SIGNS: [(char, char, &str, u32); 22] = [
    (' ', ' ', "Space", 32),
    ('0', ')', "Digit0", 48),
    ('1', '!', "Digit1", 49),
    ('2', '@', "Digit2", 50),
    ('3', '#', "Digit3", 51),
    ('4', '$', "Digit4", 52),
    ('5', '%', "Digit5", 53),
    ('6', '^', "Digit6", 54),
    ('7', '&', "Digit7", 55),
    ('8', '*', "Digit8", 56),
    ('9', '(', "Digit9", 57),
    (';', ':', "Semicolon", 186),
    ('=', '+', "Equal", 187),
    (',', '<', "Comma", 188),
    ('-', '_', "Minus", 189),
    ('.', '>', "Period", 190),
    ('/', '?', "Slash", 191),
    ('`', '~', "Backquote", 192),
    ('[', '{', "BracketLeft", 219),
    ('\\', '|', "Backslash", 220),
    (']', '}', "BracketRight", 221),
    ('\'', '"', "Quote", 222),
];

/// Keys pressed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    name: String,
    code: String,
    number: u32,
    modifiers: u32,
    /// What they write.
    text: Option<String>,
}

impl Key {
    pub(super) fn parse(keys: &str) -> Result<Self> {
        let (held, last) = match keys.rsplit_once('+') {
            // The sign itself, alone or behind modifiers.
            Some((held, "")) => (held.strip_suffix('+').unwrap_or(held), "+"),
            Some((held, last)) => (held, last),
            None => ("", keys),
        };
        let mut modifiers = 0;
        for name in held.split('+').filter(|name| !name.is_empty()) {
            modifiers |= match name {
                "Alt" => ALT,
                "Control" => CONTROL,
                "Meta" => META,
                "Shift" => SHIFT,
                _ => bail!("{name} is no key that is held down: {keys}"),
            };
        }
        let key = named(last).or_else(|| written(last, modifiers & SHIFT != 0));
        let mut key = key.with_context(|| format!("no such key: {keys}"))?;
        key.modifiers |= modifiers;
        if key.modifiers & (ALT | CONTROL | META) != 0 {
            key.text = None;
        }
        Ok(key)
    }

    pub(super) fn down(&self) -> Value {
        let mut event = self.event(if self.text.is_some() { "keyDown" } else { "rawKeyDown" });
        let Some(members) = event.as_object_mut() else { return event };
        if let Some(text) = &self.text {
            members.insert("text".to_owned(), json!(text));
        }
        // What a shortcut does in a field is the browser's affair, not the page's.
        if self.modifiers == CONTROL && self.name == "a" {
            members.insert("commands".to_owned(), json!(["selectAll"]));
        }
        event
    }

    pub(super) fn up(&self) -> Value {
        self.event("keyUp")
    }

    fn event(&self, kind: &str) -> Value {
        json!({
            "type": kind, "key": self.name, "code": self.code, "modifiers": self.modifiers,
            "windowsVirtualKeyCode": self.number, "nativeVirtualKeyCode": self.number,
        })
    }
}

fn named(name: &str) -> Option<Key> {
    let name = if name == "Space" { return written(" ", false) } else { name };
    let &(name, number) = NAMED.iter().find(|(known, _)| *known == name)?;
    let text = (name == "Enter").then(|| "\r".to_owned());
    Some(Key { name: name.to_owned(), code: name.to_owned(), number, modifiers: 0, text })
}

fn written(sign: &str, shifted: bool) -> Option<Key> {
    let mut letters = sign.chars();
    let (letter, None) = (letters.next()?, letters.next()) else { return None };
    let (key, code, number, needs_shift) = if letter.is_ascii_alphabetic() {
        let upper = letter.to_ascii_uppercase();
        let key = if shifted { upper } else { letter };
        (key, format!("Key{upper}"), u32::from(upper), letter.is_ascii_uppercase())
    } else {
        let &(plain, with_shift, code, number) = SIGNS
            .iter()
            .find(|(plain, with_shift, ..)| letter == *plain || letter == *with_shift)?;
        let key = if shifted { with_shift } else { letter };
        (key, code.to_owned(), number, letter != plain)
    };
    let modifiers = if needs_shift { SHIFT } else { 0 };
    Some(Key { name: key.to_string(), code, number, modifiers, text: Some(key.to_string()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(keys: &str) -> (String, String, u32, Option<String>) {
        let key = Key::parse(keys).unwrap();
        (key.name, key.code, key.modifiers, key.text)
    }

    #[test]
    fn keys_are_named_as_pages_name_them() {
        assert_eq!(told("Shift+Tab"), ("Tab".into(), "Tab".into(), SHIFT, None));
        assert_eq!(told("Enter"), ("Enter".into(), "Enter".into(), 0, Some("\r".into())));
        assert_eq!(told("j"), ("j".into(), "KeyJ".into(), 0, Some("j".into())));
        assert_eq!(told("J"), ("J".into(), "KeyJ".into(), SHIFT, Some("J".into())));
        assert_eq!(told("Shift+j"), told("J"));
        assert_eq!(told("?"), ("?".into(), "Slash".into(), SHIFT, Some("?".into())));
        assert_eq!(told("Shift+/"), told("?"));
        assert_eq!(told("+"), ("+".into(), "Equal".into(), SHIFT, Some("+".into())));
        assert_eq!(told("Control++").0, "+");
        assert_eq!(told("Control+a"), ("a".into(), "KeyA".into(), CONTROL, None));
        assert_eq!(told("Space"), told(" "));
        for unknown in ["", "Return", "あ", "Hyper+a", "ab"] {
            assert!(Key::parse(unknown).is_err(), "{unknown}");
        }
    }
}
