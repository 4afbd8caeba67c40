//! Signing in through an identity provider (`OpenID` Connect): the authorization code flow with PKCE
//! (RFC 7636), a state and a nonce, and ID tokens checked against the provider's keys.
//!
//! # Bounds
//! [`TIME_OUT`] and [`MAX_OCTETS`] of each answer of the provider; what it says of itself is read anew
//! after [`KEPT`]. No redirection is followed: the provider is the one that is configured.
//!
//! Calls wait for the network: HTTP handlers make them on threads for that.

use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::ureq::{Agent, AgentBuilder};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse, http,
};
use sekimori_journal::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest wait for an answer of the provider.
pub const TIME_OUT: Duration = Duration::from_secs(10);
/// Longest answer of the provider that is read, in octets.
pub const MAX_OCTETS: u64 = 1024 * 1024;
/// How long what the provider says of itself is believed.
pub const KEPT: Duration = Duration::from_secs(60 * 60);
/// Most groups of one person that are looked at.
pub const MAX_GROUPS: usize = 1_000;

/// An identity provider, as it is configured.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenIdSettings {
    /// Its issuer identifier: a URL that its description is found below.
    pub issuer: String,
    /// How it knows us.
    pub client_id: String,
    /// What we prove that by.
    pub client_secret: String,
    /// Its name, on the button.
    pub name: String,
    /// The claim with a person's groups.
    pub groups_claim: String,
    /// What membership of a group gives.
    pub groups: Vec<GroupRole>,
    /// Where it sends people back to: the pages' address and `/openid/back`.
    pub redirect_url: String,
}

impl std::fmt::Debug for OpenIdSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenIdSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What membership of a group gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRole {
    /// The group, as the provider names it.
    pub group: String,
    /// The organisation.
    pub organisation: String,
    /// The role in it.
    pub role: Role,
}

/// Who came back from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person, by the provider's own name, which never changes.
    pub subject: String,
    /// The login that the person uses there; empty where the provider does not say.
    pub login: String,
    /// The person's name; empty where the provider does not say.
    pub name: String,
    /// The person's mail address, where the provider says that it is verified.
    pub address: Option<String>,
    /// The groups that the person is in.
    pub groups: Vec<String>,
}

/// A sign-in that is under way, as the session keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UnderWay {
    state: String,
    nonce: String,
    verifier: String,
    /// Where to go afterwards.
    pub(crate) back: String,
}

/// Why somebody could not sign in through the provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdError {
    /// The provider does not answer as it should; the words are for the machine's operator.
    #[error("the identity provider does not answer as it should: {0}")]
    Provider(String),
    /// What came back does not belong to a sign-in of this session, or is not signed by the provider.
    #[error("what came back from the identity provider is not good: {0}")]
    Answer(String),
}

/// All claims beside the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Provider = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// An identity provider.
pub(crate) struct OpenId {
    settings: OpenIdSettings,
    agent: Agent,
    described: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

impl OpenId {
    pub(crate) fn new(settings: OpenIdSettings) -> Self {
        let agent = AgentBuilder::new().timeout(TIME_OUT).redirects(0).build();
        Self { settings, agent, described: Mutex::new(None) }
    }

    pub(crate) fn settings(&self) -> &OpenIdSettings {
        &self.settings
    }

    /// Where a browser goes to sign in, and what its session must keep until it comes back.
    pub(crate) fn begin(&self, back: &str) -> Result<(String, UnderWay), OpenIdError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let provider = self.provider()?;
        let request = provider
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = request.url();
        let under_way = UnderWay {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            back: back.to_owned(),
        };
        Ok((url.to_string(), under_way))
    }

    /// Who came back with a state and a code.
    pub(crate) fn finish(
        &self,
        under_way: UnderWay,
        state: &str,
        code: &str,
    ) -> Result<Identity, OpenIdError> {
        use subtle::ConstantTimeEq;
        if !bool::from(under_way.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err(OpenIdError::Answer("another state".to_owned()));
        }
        let provider = self.provider()?;
        let answer = |error: &dyn std::fmt::Display| OpenIdError::Answer(error.to_string());
        let tokens: Tokens = provider
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OpenIdError::Provider(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(under_way.verifier))
            .request(&|request: HttpRequest| self.call(&request))
            .map_err(|error| answer(&error))?;
        let token =
            tokens.id_token().ok_or_else(|| OpenIdError::Answer("no ID token".to_owned()))?;
        let nonce = Nonce::new(under_way.nonce);
        let claims =
            token.claims(&provider.id_token_verifier(), &nonce).map_err(|error| answer(&error))?;
        let name = claims.name().and_then(|name| name.get(None));
        let is_verified = claims.email_verified() == Some(true);
        Ok(Identity {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            login: claims.preferred_username().map(|login| login.to_string()).unwrap_or_default(),
            name: name.map(|name| name.to_string()).unwrap_or_default(),
            address: claims.email().filter(|_| is_verified).map(|email| email.to_string()),
            groups: groups(claims.additional_claims(), &self.settings.groups_claim),
        })
    }

    fn provider(&self) -> Result<Provider, OpenIdError> {
        let metadata = self.metadata()?;
        let wrong = |error: &dyn std::fmt::Display| OpenIdError::Provider(error.to_string());
        let redirect =
            RedirectUrl::new(self.settings.redirect_url.clone()).map_err(|error| wrong(&error))?;
        Ok(Client::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.clone())),
        )
        .set_redirect_uri(redirect))
    }

    fn metadata(&self) -> Result<CoreProviderMetadata, OpenIdError> {
        let mut described = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, metadata)) = described.as_ref().filter(|(at, _)| at.elapsed() < KEPT) {
            return Ok(metadata.clone());
        }
        let wrong = |error: &dyn std::fmt::Display| OpenIdError::Provider(error.to_string());
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| wrong(&error))?;
        let metadata =
            CoreProviderMetadata::discover(&issuer, &|request: HttpRequest| self.call(&request))
                .map_err(|error| wrong(&error))?;
        *described = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    /// Asks the provider, within the bounds.
    fn call(&self, request: &HttpRequest) -> Result<HttpResponse, OpenIdError> {
        let wrong = |error: &dyn std::fmt::Display| OpenIdError::Provider(error.to_string());
        let uri = request.uri().to_string();
        let mut asked = self.agent.request(request.method().as_str(), &uri);
        for (name, value) in request.headers() {
            asked = asked.set(name.as_str(), value.to_str().map_err(|error| wrong(&error))?);
        }
        let answered =
            if request.body().is_empty() { asked.call() } else { asked.send_bytes(request.body()) };
        let response = match answered {
            Ok(response) | Err(openidconnect::ureq::Error::Status(_, response)) => response,
            Err(error) => return Err(wrong(&error)),
        };
        let mut answer = http::Response::builder().status(response.status());
        if let Some(media_type) = response.header("content-type") {
            answer = answer.header(http::header::CONTENT_TYPE, media_type);
        }
        let mut body = Vec::new();
        let mut reader = response.into_reader().take(MAX_OCTETS);
        reader.read_to_end(&mut body).map_err(|error| wrong(&error))?;
        answer.body(body).map_err(|error| wrong(&error))
    }
}

/// The groups that a claim names: a list of texts, or one text.
fn groups(claims: &Claims, name: &str) -> Vec<String> {
    let listed = match claims.0.get(name) {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    };
    listed.into_iter().take(MAX_GROUPS).map(str::to_owned).collect()
}
