//! Refusals as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::desk::Refusal;

/// Why a call was not answered with what it asked for.
#[derive(Debug)]
pub(super) enum Problem {
    /// There is no token, or it is wrong, over or revoked.
    Token,
    /// The body or the query is not what the call takes: the words say what is wrong.
    Form(String),
    /// The desk refused.
    Refused(Refusal),
    /// No such call.
    NotFound,
    /// The call takes another method.
    Method,
    /// A fault of ours; the words are for the machine's operator.
    Broken(String),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NotFound,
            refusal => Self::Refused(refusal),
        }
    }
}

impl Problem {
    fn said(&self) -> (StatusCode, &'static str, String, String) {
        match self {
            Self::Token => (
                StatusCode::UNAUTHORIZED,
                "token",
                "トークンが必要です。期限切れか、失効しているかもしれません。".to_owned(),
                "A token is needed; this one is wrong, its time is over, or it was revoked."
                    .to_owned(),
            ),
            Self::Form(what) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "form",
                format!("送られた内容を読み取れません: {what}"),
                format!("What was sent is not what this call takes: {what}"),
            ),
            Self::Refused(Refusal::Store(error)) => {
                let status = StatusCode::from_u16(Refusal::Store(error.clone()).status());
                broken(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &error.to_string())
            }
            Self::Refused(refusal) => (
                StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::CONFLICT),
                refusal.code(),
                refusal.japanese(),
                refusal.english(),
            ),
            Self::NotFound => {
                let refusal = Refusal::NotFound;
                (StatusCode::NOT_FOUND, refusal.code(), refusal.japanese(), refusal.english())
            }
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "この呼び出しは別のメソッドを使います。".to_owned(),
                "This call takes another method.".to_owned(),
            ),
            Self::Broken(why) => broken(StatusCode::INTERNAL_SERVER_ERROR, why),
        }
    }
}

fn broken(status: StatusCode, why: &str) -> (StatusCode, &'static str, String, String) {
    tracing::error!(%why, "a call of the HTTP API could not be answered");
    let japanese =
        "処理できませんでした。メールはそのまま残っています。時間をおいて試してください。";
    let english = "It could not be done. Mail is as it was; try again later.";
    (status, "store", japanese.to_owned(), english.to_owned())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, japanese, english) = self.said();
        let body = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": english,
            "detail_ja": japanese,
            "code": code,
        });
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, media_type);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
