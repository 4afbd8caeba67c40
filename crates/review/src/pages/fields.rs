//! Names and values of a query or a posted form, in order, names repeated as often as they come.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Most fields that are read; what is more is left out.
pub(crate) const MAX_FIELDS: usize = 20_000;

/// Names and values of a query or a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().take(MAX_FIELDS).collect())
    }

    /// The first value of a name, without blanks around it; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value of a name as it came; empty when there is none.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every name, as often as it comes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a name stands there with a value.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default().as_bytes()))
    }
}

/// A path of ours with a query, built from names and values.
pub(crate) fn path_with(path: &str, fields: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Longest path that is led back to, in octets.
const MAX_BACK_OCTETS: usize = 4_000;

/// A path to lead back to, if it is one of ours: nothing that a browser would take for another host.
pub(crate) fn own_path(text: &str) -> Option<&str> {
    let own = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= MAX_BACK_OCTETS
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    own.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_come_more_than_once() {
        let fields = Fields::parse("id=1&id=2&text=+%E8%A6%8B%E7%A9%8D+".as_bytes());
        assert_eq!(fields.all("id").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.get("text"), "見積");
        assert!(!fields.is_set("absent"));
    }

    #[test]
    fn fields_over_the_bound_are_left_out() {
        let many = "a=1&".repeat(MAX_FIELDS + 1);
        assert_eq!(Fields::parse(many.as_bytes()).all("a").count(), MAX_FIELDS);
    }

    #[test]
    fn only_our_own_paths_are_led_back_to() {
        assert_eq!(own_path("/messages?text=a#m-1"), Some("/messages?text=a#m-1"));
        let long = format!("/{}", "a".repeat(MAX_BACK_OCTETS));
        for other in
            ["", "messages", "//example.com", "/\\example.com", "/a\r\nX: y", "https://a/", &long]
        {
            assert_eq!(own_path(other), None, "{other}");
        }
    }
}
