//! Downloads: the only way in which an original leaves through a browser, and never to be shown by it.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use sekimori_journal::RequestId;
use sekimori_policy::QueueId;

use super::Site;
use super::failure::Failure;
use super::visit::Posted;
use crate::desk::{Download, Source};

/// The routes of downloads.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/messages/{id}/original", post(original_of_message))
        .route("/messages/{id}/part", post(part_of_message))
        .route("/requests/{id}/original", post(original_of_request))
        .route("/requests/{id}/part", post(part_of_request))
}

async fn original_of_message(
    State(site): State<Site>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    original(&site, message(&id)?, posted).await
}

async fn original_of_request(
    State(site): State<Site>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    original(&site, request(&id)?, posted).await
}

async fn part_of_message(
    State(site): State<Site>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    part(&site, message(&id)?, posted).await
}

async fn part_of_request(
    State(site): State<Site>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    part(&site, request(&id)?, posted).await
}

fn message(id: &str) -> Result<Source, Failure> {
    id.parse::<QueueId>().map(Source::Message).map_err(|_| Failure::NotFound)
}

fn request(id: &str) -> Result<Source, Failure> {
    id.parse().map(|id| Source::Request(RequestId(id))).map_err(|_| Failure::NotFound)
}

async fn original(site: &Site, source: Source, posted: Posted) -> Result<Response, Failure> {
    let person = posted.visit.person;
    let download = site.ask(move |desk| desk.download_original(&person, source)).await??;
    Ok(attachment(download))
}

async fn part(site: &Site, source: Source, posted: Posted) -> Result<Response, Failure> {
    let (person, section) = (posted.visit.person, posted.fields.get("section").to_owned());
    let download = site.ask(move |desk| desk.download_part(&person, source, &section)).await??;
    Ok(attachment(download))
}

/// A download as an answer. Whatever it is, a browser saves it and shows nothing of it.
fn attachment(download: Download) -> Response {
    let mut response = download.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    let disposition = HeaderValue::from_str(&disposition(&download.name))
        .unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    response
}

/// `Content-Disposition` of a file name (RFC 6266 section 4): plain ASCII for old programs, and the
/// whole name as RFC 8187 section 3.2.1 writes it.
fn disposition(name: &str) -> String {
    let plain = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | ' ' => c,
        _ => '_',
    };
    let ascii: String = name.chars().map(plain).collect();
    let mut extended = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                extended.push(char::from(byte));
            }
            _ => extended.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{extended}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_japanese_name_is_written_in_both_ways() {
        assert_eq!(
            disposition("見積 1.xlsm"),
            "attachment; filename=\"__ 1.xlsm\"; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%201.xlsm"
        );
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let written = disposition("a\"; filename=evil.exe\r\nSet-Cookie: x");
        assert_eq!(written.matches('"').count(), 2);
        assert!(!written.contains('\r') && !written.contains('\n'), "{written}");
    }
}
