//! What the browser tells unasked: loading, requests, complaints, dialogs, downloads.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// A request that a page made of the network, whether or not it was let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, such as `GET`; `CONNECT` for a web socket.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Why it got no answer, in the browser's words: `csp` where the page's own policy forbade it.
    pub failed: Option<String>,
    id: String,
}

/// What kind of thing a page complains of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A script threw and nobody caught it.
    Exception,
    /// A script wrote an error to the console.
    Console,
    /// The page broke its content security policy.
    Policy,
    /// A request was answered with an error or not at all.
    Network,
    /// Anything else that the browser calls an error.
    Other,
}

/// Something that the browser would show in red.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What kind of thing it is.
    pub kind: Kind,
    /// What is wrong, and where the browser says so.
    pub text: String,
}

/// A window that a script opened over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    pub kind: String,
    /// What it asks.
    pub text: String,
}

/// What a page did since it was opened, frames and workers within it included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Every request, in the order made; a redirection counts anew. A window that the page opens
    /// beside itself counts as one request, for its address: what that asks further is not told.
    pub requests: Vec<Request>,
    /// Every complaint.
    pub complaints: Vec<Complaint>,
    /// Every dialog.
    pub dialogs: Vec<Dialog>,
}

impl Record {
    /// Requests to anywhere but `origin` (such as `http://127.0.0.1:8080`). What is in the page
    /// itself (`data:`, `blob:` of that origin, `about:`) is no request.
    pub fn foreign(&self, origin: &str) -> Vec<&Request> {
        self.requests.iter().filter(|request| !is_own(&request.url, origin)).collect()
    }

    /// Complaints but those of kind `Network`: what a clean page has none of, whatever its status.
    pub fn faults(&self) -> Vec<&Complaint> {
        self.complaints.iter().filter(|complaint| complaint.kind != Kind::Network).collect()
    }

    /// Complaints of one kind.
    pub fn of(&self, kind: Kind) -> Vec<&Complaint> {
        self.complaints.iter().filter(|complaint| complaint.kind == kind).collect()
    }
}

fn is_own(url: &str, origin: &str) -> bool {
    let origin = origin.trim_end_matches('/');
    let url = url.strip_prefix("blob:").unwrap_or(url);
    url.starts_with("data:")
        || url.starts_with("about:")
        || url
            .strip_prefix(origin)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// A command to be sent because of an event.
#[derive(Debug)]
pub(super) struct Reaction {
    pub(super) session: String,
    pub(super) method: &'static str,
    pub(super) parameters: Value,
}

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) frame: String,
    pub(super) guid: String,
    pub(super) url: String,
    pub(super) name: String,
    /// `inProgress`, `completed` or `canceled`.
    pub(super) state: String,
}

/// All that was told unasked.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) pages: HashMap<String, Loading>,
    pub(super) transfers: Vec<Transfer>,
    /// Sessions of frames and workers, by whose page they are of.
    owners: HashMap<String, String>,
}

/// Where a page is.
#[derive(Debug)]
pub(super) struct Loading {
    pub(super) record: Record,
    pub(super) frame: String,
    /// The identifier of the document that is shown.
    pub(super) loader: String,
    /// The address that could not be reached, where an error is shown instead.
    pub(super) unreachable: Option<String>,
    /// Documents that have loaded with all that belongs to them.
    pub(super) loaded: HashSet<String>,
    /// Statuses of documents, by their identifiers.
    pub(super) statuses: HashMap<String, u16>,
    /// Whether dialogs are answered with yes.
    pub(super) says_yes: bool,
    pub(super) has_crashed: bool,
}

impl Loading {
    pub(super) fn of_frame(frame: &str) -> Self {
        Self {
            record: Record::default(),
            frame: frame.to_owned(),
            loader: String::new(),
            unreachable: None,
            loaded: HashSet::new(),
            statuses: HashMap::new(),
            says_yes: true,
            has_crashed: false,
        }
    }
}

fn str_at<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

impl State {
    /// Takes one event, and tells what is to be answered.
    pub(super) fn take(&mut self, event: &Value) -> Vec<Reaction> {
        let method = str_at(event, "/method");
        let session = str_at(event, "/sessionId");
        let Some(parameters) = event.get("params") else { return Vec::new() };
        if method.starts_with("Browser.") {
            self.take_transfer(method, parameters);
            return Vec::new();
        }
        let page = self.owners.get(session).map_or(session, String::as_str).to_owned();
        let Some(loading) = self.pages.get_mut(&page) else { return Vec::new() };
        match method {
            "Target.attachedToTarget" => {
                let child = str_at(parameters, "/sessionId");
                self.owners.insert(child.to_owned(), page);
                return on_attached(child);
            }
            "Page.javascriptDialogOpening" => {
                let dialog = Dialog {
                    kind: str_at(parameters, "/type").to_owned(),
                    text: str_at(parameters, "/message").to_owned(),
                };
                loading.record.dialogs.push(dialog);
                return vec![Reaction {
                    session: session.to_owned(),
                    method: "Page.handleJavaScriptDialog",
                    parameters: json!({ "accept": loading.says_yes }),
                }];
            }
            _ if session == page => loading.take_loading(method, parameters),
            _ => {}
        }
        loading.record.take(method, parameters);
        Vec::new()
    }

    fn take_transfer(&mut self, method: &str, parameters: &Value) {
        let guid = str_at(parameters, "/guid");
        match method {
            "Browser.downloadWillBegin" => self.transfers.push(Transfer {
                frame: str_at(parameters, "/frameId").to_owned(),
                guid: guid.to_owned(),
                url: str_at(parameters, "/url").to_owned(),
                name: str_at(parameters, "/suggestedFilename").to_owned(),
                state: "inProgress".to_owned(),
            }),
            "Browser.downloadProgress" => {
                if let Some(transfer) = self.transfers.iter_mut().find(|t| t.guid == guid) {
                    str_at(parameters, "/state").clone_into(&mut transfer.state);
                }
            }
            _ => {}
        }
    }
}

/// A frame or worker waits until it is listened to.
fn on_attached(child: &str) -> Vec<Reaction> {
    let further = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
    let steps = [
        ("Network.enable", json!({})),
        ("Runtime.enable", json!({})),
        ("Log.enable", json!({})),
        ("Audits.enable", json!({})),
        ("Target.setAutoAttach", further),
        ("Runtime.runIfWaitingForDebugger", json!({})),
    ];
    let reaction =
        |(method, parameters)| Reaction { session: child.to_owned(), method, parameters };
    steps.into_iter().map(reaction).collect()
}

impl Loading {
    fn take_loading(&mut self, method: &str, parameters: &Value) {
        match method {
            "Page.frameNavigated" if parameters.pointer("/frame/parentId").is_none() => {
                str_at(parameters, "/frame/loaderId").clone_into(&mut self.loader);
                str_at(parameters, "/frame/id").clone_into(&mut self.frame);
                let unreachable = str_at(parameters, "/frame/unreachableUrl");
                self.unreachable = Some(unreachable.to_owned()).filter(|url| !url.is_empty());
            }
            "Page.lifecycleEvent"
                if str_at(parameters, "/name") == "load"
                    && str_at(parameters, "/frameId") == self.frame =>
            {
                self.loaded.insert(str_at(parameters, "/loaderId").to_owned());
            }
            "Network.responseReceived" if str_at(parameters, "/type") == "Document" => {
                let status = parameters.pointer("/response/status").and_then(Value::as_u64);
                let status = status.and_then(|status| u16::try_from(status).ok());
                let loader = str_at(parameters, "/loaderId").to_owned();
                // A frame's document has an identifier of its own.
                self.statuses.insert(loader, status.unwrap_or_default());
            }
            "Inspector.targetCrashed" => self.has_crashed = true,
            _ => {}
        }
    }
}

impl Record {
    fn take(&mut self, method: &str, parameters: &Value) {
        match method {
            "Network.requestWillBeSent" => self.requests.push(Request {
                method: str_at(parameters, "/request/method").to_owned(),
                url: str_at(parameters, "/request/url").to_owned(),
                failed: None,
                id: str_at(parameters, "/requestId").to_owned(),
            }),
            "Network.webSocketCreated" => self.requests.push(Request {
                method: "CONNECT".to_owned(),
                url: str_at(parameters, "/url").to_owned(),
                failed: None,
                id: str_at(parameters, "/requestId").to_owned(),
            }),
            "Page.windowOpen" => self.requests.push(Request {
                method: "GET".to_owned(),
                url: str_at(parameters, "/url").to_owned(),
                failed: None,
                id: String::new(),
            }),
            "Network.loadingFailed" => {
                let id = str_at(parameters, "/requestId");
                let reason = match str_at(parameters, "/blockedReason") {
                    "" => str_at(parameters, "/errorText"),
                    reason => reason,
                };
                if let Some(request) = self.requests.iter_mut().rev().find(|r| r.id == id) {
                    request.failed = Some(reason.to_owned());
                }
            }
            "Runtime.consoleAPICalled"
                if ["error", "assert"].contains(&str_at(parameters, "/type")) =>
            {
                self.complain(Kind::Console, spoken(parameters));
            }
            "Runtime.exceptionThrown" => {
                let words = match str_at(parameters, "/exceptionDetails/exception/description") {
                    "" => str_at(parameters, "/exceptionDetails/text"),
                    words => words,
                };
                let url = str_at(parameters, "/exceptionDetails/url");
                self.complain(Kind::Exception, located(words, url));
            }
            "Log.entryAdded" if str_at(parameters, "/entry/level") == "error" => {
                let kind = match str_at(parameters, "/entry/source") {
                    "network" => Kind::Network,
                    // An issue tells it as well, in a form that does not change with the wording.
                    "security"
                        if str_at(parameters, "/entry/text").contains("Content Security") =>
                    {
                        return;
                    }
                    _ => Kind::Other,
                };
                let words = str_at(parameters, "/entry/text");
                self.complain(kind, located(words, str_at(parameters, "/entry/url")));
            }
            "Audits.issueAdded"
                if str_at(parameters, "/issue/code") == "ContentSecurityPolicyIssue" =>
            {
                let details = "/issue/details/contentSecurityPolicyIssueDetails";
                let details = parameters.pointer(details).unwrap_or(&Value::Null);
                let words = format!(
                    "{} forbids {}",
                    str_at(details, "/violatedDirective"),
                    match str_at(details, "/blockedURL") {
                        "" => str_at(details, "/contentSecurityPolicyViolationType"),
                        url => url,
                    },
                );
                let place = str_at(details, "/sourceCodeLocation/url");
                self.complain(Kind::Policy, located(&words, place));
            }
            _ => {}
        }
    }

    fn complain(&mut self, kind: Kind, text: String) {
        self.complaints.push(Complaint { kind, text });
    }
}

/// The arguments of a call of the console as one line.
fn spoken(parameters: &Value) -> String {
    let arguments = parameters.get("args").and_then(Value::as_array);
    let words = arguments.into_iter().flatten().map(|argument| match argument.get("value") {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => str_at(argument, "/description").to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn located(words: &str, url: &str) -> String {
    if url.is_empty() { words.to_owned() } else { format!("{words} ({url})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_of_the_origin_itself_is_own() {
        let origin = "http://127.0.0.1:80";
        for own in ["http://127.0.0.1:80/a", "http://127.0.0.1:80", "data:,x", "about:blank"] {
            assert!(is_own(own, origin), "{own}");
        }
        assert!(is_own("blob:http://127.0.0.1:80/1-2", origin));
        for foreign in ["http://127.0.0.1:8080/", "https://127.0.0.1:80/", "http://example.jp/", ""]
        {
            assert!(!is_own(foreign, origin), "{foreign}");
        }
    }
}
