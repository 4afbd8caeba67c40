//! From a TOML file and the environment to [`FileSettings`], with the place of every mistake.
//!
//! The `config` crate merges file and environment. It says neither the line of a value nor refuses a
//! string where a number is meant, so the merged values are read strictly here, and lines are looked
//! up in the file's own syntax tree.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use config::{Config, File, FileFormat, Value, ValueKind};
use serde_json::json;
use toml_edit::{Item, Table};

use super::settings::{FileSettings, OrganisationKeys, RuleKeys};

/// Prefix of the variables that override the file: `SEKIMORI__RECEIVE__HOSTNAME`.
const PREFIX: &str = "SEKIMORI__";

/// A mistake in the configuration: where, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Path of the key, such as `receive.listen[0]`; empty for the file as a whole.
    pub(crate) key: String,
    /// What is wrong and what would be right.
    pub(crate) reason: String,
    /// File and line, or the environment variable.
    pub(crate) place: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(f, "{}: {}", self.place, self.reason)
        } else {
            write!(f, "{}: {}: {}", self.place, self.key, self.reason)
        }
    }
}

/// The settings as written, and where each key stands.
pub(crate) struct Source {
    /// The merged settings.
    pub(crate) settings: FileSettings,
    places: Places,
}

impl Source {
    /// A mistake in the value of `key`, with its place.
    pub(crate) fn mistake(&self, key: &str, reason: impl Into<String>) -> Mistake {
        Mistake { key: key.to_owned(), reason: reason.into(), place: self.places.of(key) }
    }

    /// Where the value of a key comes from: `file:line`, a variable, or `default`.
    pub(crate) fn origin(&self, key: &str) -> String {
        self.places.exactly(key).unwrap_or_else(|| "default".to_owned())
    }
}

/// Where keys stand in the file and the environment.
struct Places {
    file: String,
    lines: BTreeMap<String, usize>,
    variables: BTreeMap<String, String>,
}

impl Places {
    /// The place of `key` itself, if it stands anywhere.
    fn exactly(&self, key: &str) -> Option<String> {
        let variable =
            self.variables.get(key).map(|variable| format!("environment variable {variable}"));
        variable.or_else(|| self.lines.get(key).map(|line| format!("{}:{line}", self.file)))
    }

    /// The place of `key`, or of the nearest table around it.
    fn of(&self, key: &str) -> String {
        let mut path = key;
        loop {
            if let Some(place) = self.exactly(path) {
                return place;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None => return self.file.clone(),
            }
        }
    }
}

/// Reads `path`, or the defaults alone without one, under the variables of `environment`.
pub(crate) fn load(
    path: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Source, Mistake> {
    let (name, text) = match path {
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| Mistake {
                key: String::new(),
                reason: format!("the configuration cannot be read: {error}"),
                place: name.clone(),
            })?;
            (name, text)
        }
        None => ("built-in defaults".to_owned(), String::new()),
    };
    parse(&name, &text, environment)
}

/// Reads the text of a configuration file called `name`.
pub(crate) fn parse(
    name: &str,
    text: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Source, Mistake> {
    let lines = lines_of(name, text)?;
    let mut places = Places { file: name.to_owned(), lines, variables: BTreeMap::new() };
    let mut builder = Config::builder().add_source(File::from_str(text, FileFormat::Toml));
    let mut variables: Vec<_> =
        environment.filter(|(variable, _)| variable.starts_with(PREFIX)).collect();
    variables.sort();
    for (variable, value) in variables {
        let key = key_of(&variable);
        let wrong = |reason: String| Mistake {
            key: key.clone(),
            reason,
            place: format!("environment variable {variable}"),
        };
        let value = typed(&key, &value).map_err(wrong)?;
        builder = builder.set_override(key.as_str(), value).map_err(|e| wrong(e.to_string()))?;
        places.variables.insert(key, variable);
    }
    let whole = |reason: String| Mistake { key: String::new(), reason, place: name.to_owned() };
    let merged = builder.build().map_err(|e| whole(e.to_string()))?;
    let value = merged.try_deserialize::<Value>().map_err(|e| whole(e.to_string()))?;
    let settings = serde_path_to_error::deserialize(plain(value)).map_err(|error| {
        let key = error.path().to_string();
        let key = if key == "." { String::new() } else { key };
        let reason = error.inner().to_string();
        let key = match unknown_field(&reason) {
            Some(field) if key.is_empty() => field.to_owned(),
            Some(field) if !key.ends_with(field) => format!("{key}.{field}"),
            _ => key,
        };
        Mistake { place: places.of(&key), key, reason }
    })?;
    Ok(Source { settings, places })
}

/// The field that serde calls unknown.
fn unknown_field(reason: &str) -> Option<&str> {
    reason.strip_prefix("unknown field `")?.split('`').next()
}

/// `SEKIMORI__ORGANISATION__0__MODE` names `organisation[0].mode`.
fn key_of(variable: &str) -> String {
    let mut key = String::new();
    for step in variable.strip_prefix(PREFIX).unwrap_or_default().split("__") {
        if !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()) {
            key.push_str(&format!("[{step}]"));
        } else {
            if !key.is_empty() {
                key.push('.');
            }
            key.push_str(&step.to_lowercase());
        }
    }
    key
}

/// Reads a variable's value as the type that its key has by default.
fn typed(key: &str, value: &str) -> Result<Value, String> {
    // What may be left out must stand there to tell its type.
    let rule = RuleKeys { size_at_least: Some(0), encrypted: Some(false), ..RuleKeys::default() };
    let example = json!(FileSettings {
        organisation: vec![OrganisationKeys { rule: vec![rule], ..OrganisationKeys::default() }],
        ..FileSettings::default()
    });
    let mut node = &example;
    for step in key.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
        let next =
            if step.bytes().all(|b| b.is_ascii_digit()) { node.get(0) } else { node.get(step) };
        node = next.ok_or_else(|| "there is no such key".to_owned())?;
    }
    match node {
        serde_json::Value::Number(_) => value
            .trim()
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| "must be a whole number".to_owned()),
        serde_json::Value::Bool(_) => value
            .trim()
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| "must be true or false".to_owned()),
        serde_json::Value::Array(_) => Ok(Value::from(
            value
                .split(',')
                .map(str::trim)
                .filter(|element| !element.is_empty())
                .map(|element| Value::from(element.to_owned()))
                .collect::<Vec<_>>(),
        )),
        serde_json::Value::String(_) => Ok(Value::from(value.to_owned())),
        serde_json::Value::Null | serde_json::Value::Object(_) => {
            Err("names a table, not a key".to_owned())
        }
    }
}

/// The merged values with the types they were written in.
fn plain(value: Value) -> serde_json::Value {
    match value.kind {
        ValueKind::Nil => serde_json::Value::Null,
        ValueKind::Boolean(b) => json!(b),
        ValueKind::I64(n) => json!(n),
        ValueKind::I128(n) => i64::try_from(n).map_or_else(|_| json!(n.to_string()), |n| json!(n)),
        ValueKind::U64(n) => json!(n),
        ValueKind::U128(n) => u64::try_from(n).map_or_else(|_| json!(n.to_string()), |n| json!(n)),
        ValueKind::Float(n) => json!(n),
        ValueKind::String(s) => json!(s),
        ValueKind::Table(table) => {
            let sorted: BTreeMap<_, _> = table.into_iter().map(|(k, v)| (k, plain(v))).collect();
            json!(sorted)
        }
        ValueKind::Array(array) => array.into_iter().map(plain).collect(),
    }
}

/// The line of every key and element of a TOML text, counted from 1.
fn lines_of(name: &str, text: &str) -> Result<BTreeMap<String, usize>, Mistake> {
    let document = toml_edit::Document::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        Mistake {
            key: String::new(),
            reason: error.message().trim().replace('\n', ", "),
            place: format!("{name}:{}", line_at(text, start)),
        }
    })?;
    let mut lines = BTreeMap::new();
    walk_table(text, "", document.as_table(), &mut lines);
    Ok(lines)
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

fn walk_table(text: &str, path: &str, table: &Table, lines: &mut BTreeMap<String, usize>) {
    for (key, item) in table {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let span = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
        if let Some(span) = span {
            lines.insert(path.clone(), line_at(text, span.start));
        }
        match item {
            Item::Table(inner) => walk_table(text, &path, inner, lines),
            Item::ArrayOfTables(tables) => {
                for (index, inner) in tables.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    if let Some(span) = inner.span() {
                        lines.insert(path.clone(), line_at(text, span.start));
                    }
                    walk_table(text, &path, inner, lines);
                }
            }
            Item::Value(toml_edit::Value::Array(array)) => {
                for (index, element) in array.iter().enumerate() {
                    if let Some(span) = element.span() {
                        lines.insert(format!("{path}[{index}]"), line_at(text, span.start));
                    }
                }
            }
            Item::Value(toml_edit::Value::InlineTable(inner)) => {
                walk_table(text, &path, &inner.clone().into_table(), lines);
            }
            Item::Value(_) | Item::None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Source, Mistake> {
        parse("sekimori.toml", text, std::iter::empty())
    }

    fn mistake(text: &str) -> String {
        read(text).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_has_the_defaults() {
        let source = read("").unwrap();
        assert_eq!(source.settings.receive.max_recipients, 1_000);
        assert!(source.settings.organisation.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let said = mistake("[receive]\nlisten = []\nlisten_on = 25\n");
        assert!(said.starts_with("sekimori.toml:3: receive.listen_on: unknown field"), "{said}");
        let said = mistake("[receiver]\n");
        assert!(said.starts_with("sekimori.toml:1: receiver: unknown field"), "{said}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_with_its_line() {
        let said = mistake("[receive]\n\nmax_recipients = \"1000\"\n");
        assert!(
            said.starts_with("sekimori.toml:3: receive.max_recipients: invalid type"),
            "{said}"
        );
        let said = mistake("[receive]\nlisten = [\"127.0.0.1:25\",\n 25]\n");
        assert!(said.starts_with("sekimori.toml:3: receive.listen[1]: invalid type"), "{said}");
        let said = mistake("[receive]\nmax_recipients = -1\n");
        assert!(said.starts_with("sekimori.toml:2: receive.max_recipients:"), "{said}");
        let said = mistake("[[organisation]]\nname='a'\n[[organisation]]\nname='b'\nmode='open'\n");
        assert!(
            said.starts_with("sekimori.toml:5: organisation[1].mode: unknown variant"),
            "{said}"
        );
    }

    #[test]
    fn what_is_no_toml_is_refused_with_its_line() {
        let said = mistake("[receive]\nlisten = \n");
        assert!(said.starts_with("sekimori.toml:2: "), "{said}");
        let said = mistake("[receive]\n[receive]\n");
        assert!(said.starts_with("sekimori.toml:2: "), "{said}");
    }

    #[test]
    fn the_environment_overrides_every_kind_of_key() {
        let environment = [
            ("SEKIMORI__RECEIVE__LISTEN", "127.0.0.1:1, 127.0.0.1:2"),
            ("SEKIMORI__RECEIVE__MAX_RECIPIENTS", "7"),
            ("SEKIMORI__RECEIVE__HOSTNAME", "25"),
            ("SEKIMORI__ORGANISATION__0__MODE", "review"),
            ("SEKIMORI__SANITIZE__LIMITS__DEPTH", "9"),
            ("SEKIMORI__ORGANISATION__0__RULE__0__SHADOW", "true"),
            ("SEKIMORI__ORGANISATION__0__RULE__0__ENCRYPTED", "false"),
            ("SEKIMORI__ORGANISATION__0__RULE__0__SIZE_AT_LEAST", "5"),
            ("SEKIMORI__ORGANISATION__0__RULE__0__AUTHENTICATION__SPF", "fail,none"),
            ("PATH", "/bin"),
        ];
        let source = parse(
            "f",
            "[[organisation]]\nname = 'a'\ndomains = ['a.jp']\n[[organisation.rule]]\nname = 'r'\n",
            environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
        .unwrap();
        let settings = source.settings;
        assert_eq!(settings.receive.listen, ["127.0.0.1:1", "127.0.0.1:2"]);
        assert_eq!(settings.receive.max_recipients, 7);
        assert_eq!(settings.receive.hostname, "25");
        assert_eq!(settings.organisation[0].mode, sekimori_policy::Mode::Review);
        assert_eq!(settings.organisation[0].name, "a");
        assert_eq!(settings.sanitize.limits.depth, 9);
        let rule = &settings.organisation[0].rule[0];
        assert_eq!((rule.name.as_str(), rule.shadow, rule.encrypted), ("r", true, Some(false)));
        assert_eq!(rule.size_at_least, Some(5));
        assert_eq!(rule.authentication.spf, ["fail", "none"]);
    }

    #[test]
    fn a_mistake_in_the_environment_names_the_variable() {
        for (variable, value) in [
            ("SEKIMORI__RECEIVE__MAX_RECIPIENTS", "many"),
            ("SEKIMORI__RECEIVE__NO_SUCH", "1"),
            ("SEKIMORI__RECEIVE", "1"),
            ("SEKIMORI__RECEIVE__TLS_REQUIRED", "yes"),
        ] {
            let environment = std::iter::once((variable.to_owned(), value.to_owned()));
            let said = parse("f", "", environment).map(|_| ()).unwrap_err().to_string();
            assert!(said.starts_with(&format!("environment variable {variable}: ")), "{said}");
        }
    }
}
