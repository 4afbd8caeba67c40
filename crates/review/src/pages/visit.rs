//! Who asks for a page, as his session says.

use axum::extract::{FromRef, FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekimori_journal::AccountId;
use sekimori_policy::{Language, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tower_sessions::Session;

use super::client::Client;
use super::failure::Failure;
use super::fields::Fields;
use super::security::MAX_FORM_OCTETS;
use super::shell::Shell;
use super::{Site, clock, menu};
use crate::desk::{Origin, Person, Right, Step};

/// Name of the cookie with the language that a browser was switched to.
pub(crate) const LANGUAGE_COOKIE: &str = "sekimori-language";
/// Where a session keeps who is signed in.
const SIGNED_IN: &str = "person";
/// Where a session keeps what came of the last step.
const TOLD: &str = "told";
/// A session's time of last use is written at most once in so many milliseconds.
const TOUCH_MILLIS: i64 = 60_000;
/// Octets of a form's token before encoding.
const TOKEN_OCTETS: usize = 24;

/// Who is signed in, as the session keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SignedIn {
    account: i64,
    version: i64,
    token: String,
    since: i64,
    seen: i64,
}

/// A signed-in person's visit to a page. As the argument of a handler it leads anybody else to the
/// page for signing in.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// Who it is.
    pub(crate) person: Person,
    /// The language of the page.
    pub(crate) language: Language,
    /// The moment of the visit.
    pub(crate) now: Timestamp,
    /// The path asked for, with its query.
    pub(crate) here: String,
    /// The session.
    pub(crate) session: Session,
    token: String,
    told: Option<String>,
}

impl Visit {
    /// The shell of a page.
    pub(crate) fn shell(&self, title: impl Into<String>) -> Shell {
        let mut shell = Shell::anonymous(self.language, "", self.here.clone());
        shell.title = title.into();
        shell.token.clone_from(&self.token);
        shell.person.clone_from(&self.person.account.name);
        shell.told.clone_from(&self.told);
        shell.menu = menu::entries(self);
        shell
    }

    /// Whether the person may do something anywhere.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.person.may_anywhere(right, self.now)
    }

    /// Whether the page is in Japanese.
    pub(crate) fn is_japanese(&self) -> bool {
        self.language == Language::Japanese
    }

    /// Leaves a sentence for the next page that is shown.
    pub(crate) async fn tell(&self, sentence: &str) -> Result<(), Failure> {
        self.session.insert(TOLD, sentence).await.map_err(broken)
    }
}

/// Puts a person into a session under a new id, as signing in does.
pub(crate) async fn begin(session: &Session, id: AccountId, version: i64) -> Result<(), Failure> {
    let mut token = [0; TOKEN_OCTETS];
    getrandom::fill(&mut token).map_err(|error| Failure::Broken(error.to_string()))?;
    let now = clock::now().unix_millis();
    let signed_in = SignedIn {
        account: id.0,
        version,
        token: URL_SAFE_NO_PAD.encode(token),
        since: now,
        seen: now,
    };
    session.clear().await;
    session.cycle_id().await.map_err(broken)?;
    session.insert(SIGNED_IN, signed_in).await.map_err(broken)
}

/// Goes on with a session whose account got a new version by the person's own doing.
pub(crate) async fn go_on(session: &Session, version: i64) -> Result<(), Failure> {
    if let Some(mut signed_in) = session.get::<SignedIn>(SIGNED_IN).await.map_err(broken)? {
        signed_in.version = version;
        session.cycle_id().await.map_err(broken)?;
        session.insert(SIGNED_IN, signed_in).await.map_err(broken)?;
    }
    Ok(())
}

/// A fault of the session's store.
#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
pub(crate) fn broken(error: tower_sessions::session::Error) -> Failure {
    Failure::Broken(error.to_string())
}

/// The language that a browser was switched to, if it was.
pub(crate) fn chosen_language(headers: &HeaderMap) -> Option<Language> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| match pair.trim().split_once('=')? {
            (LANGUAGE_COOKIE, "ja") => Some(Language::Japanese),
            (LANGUAGE_COOKIE, "en") => Some(Language::English),
            _ => None,
        })
}

/// The path asked for, with its query.
pub(crate) fn here(parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    uri.path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

impl<S: Send + Sync> FromRequestParts<S> for Visit
where
    Site: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let site = Site::from_ref(state);
        let here = here(parts);
        let back = (parts.method == Method::GET && here != "/").then(|| here.clone());
        let Some(session) = parts.extensions.get::<Session>().cloned() else {
            return Err(Failure::Broken("no session layer".to_owned()));
        };
        let signed_in = session.get::<SignedIn>(SIGNED_IN).await.map_err(broken)?;
        let Some(mut signed_in) = signed_in else { return Err(Failure::SignIn { back }) };
        let now = clock::now();
        let age = now.unix_millis().saturating_sub(signed_in.since);
        let from = Origin::Address(Client::of(&parts.extensions).0);
        let (id, version) = (AccountId(signed_in.account), signed_in.version);
        let person = site.ask(move |desk| desk.session_person(id, version, from)).await??;
        let longest = i64::try_from(site.settings().longest_session.as_millis()).unwrap_or(0);
        let (Some(person), true) = (person, age < longest) else {
            session.flush().await.map_err(broken)?;
            return Err(Failure::SignIn { back });
        };
        if let Some(first) = step_before(&person, parts.uri.path()) {
            return Err(Failure::First(first));
        }
        if now.unix_millis().saturating_sub(signed_in.seen) > TOUCH_MILLIS {
            signed_in.seen = now.unix_millis();
            session.insert(SIGNED_IN, &signed_in).await.map_err(broken)?;
        }
        let told = if parts.method == Method::GET {
            session.remove(TOLD).await.map_err(broken)?
        } else {
            None
        };
        let language = chosen_language(&parts.headers).unwrap_or(person.account.language);
        Ok(Self { person, language, now, here, session, token: signed_in.token, told })
    }
}

/// The page that a person has to pass before the one asked for.
fn step_before(person: &Person, path: &str) -> Option<&'static str> {
    let first = match person.steps().first()? {
        Step::ChangePassword => "/password",
        Step::SetUpSecondFactor => "/second-factor",
    };
    let on_the_way = path == "/sign-out" || path.starts_with(first);
    (!on_the_way).then_some(first)
}

/// A form posted from one of our pages in the same session. As the argument of a handler it refuses
/// what has no token of the session.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Whose form it is.
    pub(crate) visit: Visit,
    /// What stands in it.
    pub(crate) fields: Fields,
}

impl<S: Send + Sync> FromRequest<S> for Posted
where
    Site: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, state).await?;
        let body = axum::body::to_bytes(body, MAX_FORM_OCTETS).await;
        let fields = Fields::parse(&body.map_err(|_| Failure::TooLarge)?);
        let same: bool = fields.raw("token").as_bytes().ct_eq(visit.token.as_bytes()).into();
        if same { Ok(Self { visit, fields }) } else { Err(Failure::Forged) }
    }
}
