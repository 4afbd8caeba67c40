//! How elements are found: by selector, by the text they show, by what they are to those who hear.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::page::{Page, refuse_exception};
use super::pipe::text;

const FIND: &str = include_str!("find.js");

/// A way to find elements. A text is a CSS selector: `"#approve".into()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    how: How,
    having: Option<String>,
    nth: Option<usize>,
    within: Option<Box<Find>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    Css(String),
    Text(String),
    Role(String, String),
}

impl Find {
    fn new(how: How) -> Self {
        Self { how, having: None, nth: None, within: None }
    }

    /// By CSS selector; what is not shown is found as well.
    pub fn css(selector: impl Into<String>) -> Self {
        Self::new(How::Css(selector.into()))
    }

    /// The innermost element that shows exactly this text, or where there is none, that shows it
    /// among other text. A button's own text counts.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(How::Text(text.into()))
    }

    /// By the role and the name that assistive software is told: `Find::role("button", "承認")`. The
    /// whole name, or where there is none, a part of one. Roles are those of WAI-ARIA: `link`,
    /// `button`, `textbox`, `searchbox`, `checkbox`, `combobox`, `heading`, `row`, `cell`, `status`.
    pub fn role(role: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(How::Role(role.into(), name.into()))
    }

    /// Of those, only the ones that show this text somewhere in them.
    #[must_use]
    pub fn having(mut self, text: impl Into<String>) -> Self {
        self.having = Some(text.into());
        self
    }

    /// Of those, only the one at this place, from 0.
    #[must_use]
    pub fn nth(mut self, place: usize) -> Self {
        self.nth = Some(place);
        self
    }

    /// Only what is inside the one element that `outer` finds.
    #[must_use]
    pub fn within(mut self, outer: impl Into<Find>) -> Self {
        self.within = Some(Box::new(outer.into()));
        self
    }
}

impl From<&str> for Find {
    fn from(selector: &str) -> Self {
        Self::css(selector)
    }
}

impl From<&Find> for Find {
    fn from(find: &Find) -> Self {
        find.clone()
    }
}

impl fmt::Display for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Css(selector) => write!(f, "`{selector}`")?,
            How::Text(text) => write!(f, "the text “{text}”")?,
            How::Role(role, name) => write!(f, "the {role} “{name}”")?,
        }
        if let Some(text) = &self.having {
            write!(f, " having “{text}”")?;
        }
        if let Some(place) = self.nth {
            write!(f, " at place {place}")?;
        }
        self.within.as_ref().map_or(Ok(()), |outer| write!(f, " within {outer}"))
    }
}

/// An element of the document, for as long as that is shown.
#[derive(Debug, Clone)]
pub(super) struct Element(pub(super) String);

impl Page {
    /// All elements, in the order of the document.
    pub(super) fn all(&self, find: &Find) -> Result<Vec<Element>> {
        let scope = match &find.within {
            Some(outer) => self.one(outer)?,
            None => self.element_of("document")?,
        };
        let mut found = match &find.how {
            How::Css(selector) => self.find(&scope, "css", selector, find.having.as_deref())?,
            How::Text(text) => self.find(&scope, "text", text, find.having.as_deref())?,
            How::Role(role, name) => self.find_by_role(&scope, role, name)?,
        };
        if let (How::Role(..), Some(having)) = (&find.how, &find.having) {
            let mut kept = Vec::new();
            for element in found {
                if self.shown_text(&element)?.contains(having) {
                    kept.push(element);
                }
            }
            found = kept;
        }
        Ok(match find.nth {
            Some(place) => found.into_iter().skip(place).take(1).collect(),
            None => found,
        })
    }

    /// The one element that is found.
    pub(super) fn one(&self, find: &Find) -> Result<Element> {
        let found = self.all(find)?;
        ensure!(found.len() < 2, "{} elements, where one was meant: {find}", found.len());
        let Some(element) = found.into_iter().next() else {
            let url = self.url().unwrap_or_default();
            anyhow::bail!("{url} does not have {find}");
        };
        Ok(element)
    }

    fn find(
        &self,
        scope: &Element,
        how: &str,
        what: &str,
        having: Option<&str>,
    ) -> Result<Vec<Element>> {
        let arguments = [how, what].map(|value| json!({ "value": value }));
        let arguments = [&arguments[..], &[json!({ "value": having })]].concat();
        let ask = json!({
            "objectId": scope.0, "functionDeclaration": FIND,
            "arguments": arguments,
        });
        let answer = self.call("Runtime.callFunctionOn", &ask)?;
        refuse_exception(&answer)?;
        let array = answer.pointer("/result/objectId").context("no array of elements")?;
        let ask = json!({ "objectId": array, "ownProperties": true });
        let answer = self.call("Runtime.getProperties", &ask)?;
        let members = answer.get("result").and_then(Value::as_array).context("no elements")?;
        let is_member = |member: &&Value| {
            member.get("name").and_then(Value::as_str).is_some_and(|n| n.parse::<usize>().is_ok())
        };
        let element =
            |member: &Value| Some(Element(member.pointer("/value/objectId")?.as_str()?.to_owned()));
        Ok(members.iter().filter(is_member).filter_map(element).collect())
    }

    fn find_by_role(&self, scope: &Element, role: &str, name: &str) -> Result<Vec<Element>> {
        let ask = json!({ "objectId": scope.0, "role": role });
        let answer = self.call("Accessibility.queryAXTree", &ask)?;
        let nodes = answer.get("nodes").and_then(Value::as_array).context("no tree")?;
        let name_of = |node: &&Value| {
            let name = node.pointer("/name/value").and_then(Value::as_str).unwrap_or_default();
            name.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let is_heard = |node: &&Value| node.get("ignored").and_then(Value::as_bool) != Some(true);
        let nodes: Vec<&Value> = nodes.iter().filter(is_heard).collect();
        let mut found: Vec<&&Value> = nodes.iter().filter(|node| name_of(node) == name).collect();
        if found.is_empty() {
            found = nodes.iter().filter(|node| name_of(node).contains(name)).collect();
        }
        let world = self.world()?;
        let element = |node: &&&Value| {
            let id = node.get("backendDOMNodeId").context("a node without an element")?;
            let ask = json!({ "backendNodeId": id, "executionContextId": world });
            let answer = self.call("DOM.resolveNode", &ask)?;
            Ok(Element(text(answer.get("object").context("no object")?, "objectId")?.to_owned()))
        };
        found.iter().map(element).collect()
    }

    /// What an expression gives, as an object to ask further.
    pub(super) fn element_of(&self, expression: &str) -> Result<Element> {
        let ask = json!({ "expression": expression, "contextId": self.world()? });
        let answer = self.call("Runtime.evaluate", &ask)?;
        refuse_exception(&answer)?;
        let object = answer.pointer("/result/objectId").and_then(Value::as_str);
        Ok(Element(object.with_context(|| format!("{expression} is no object"))?.to_owned()))
    }

    /// Calls a function with an element as `this`, and gives its value.
    pub(super) fn ask(
        &self,
        element: &Element,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value> {
        let arguments: Vec<Value> =
            arguments.iter().map(|value| json!({ "value": value })).collect();
        let ask = json!({
            "objectId": element.0, "functionDeclaration": function, "arguments": arguments,
            "returnByValue": true, "awaitPromise": true, "userGesture": true,
        });
        let mut answer = self.call("Runtime.callFunctionOn", &ask)?;
        refuse_exception(&answer)?;
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    pub(super) fn shown_text(&self, element: &Element) -> Result<String> {
        let value = self.ask(element, "function () { return this.innerText ?? '' }", &[])?;
        Ok(value.as_str().unwrap_or_default().trim().to_owned())
    }
}
