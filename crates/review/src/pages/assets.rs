//! The style sheet, the script and the icon: embedded, under names that change with their content.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// Octets of the digest in a name: enough to tell two builds apart.
const NAME_OCTETS: usize = 8;

/// One embedded file.
#[derive(Debug)]
struct Asset {
    path: String,
    media_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(ending: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content.as_bytes());
        let name: String = digest.iter().take(NAME_OCTETS).map(|b| format!("{b:02x}")).collect();
        Self { path: format!("/assets/{name}.{ending}"), media_type, content }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("css", "text/css; charset=utf-8", include_str!("../../assets/sekimori.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("js", "text/javascript; charset=utf-8", include_str!("../../assets/sekimori.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("../../assets/sekimori.svg")));

/// Path of the style sheet.
pub(crate) fn style() -> &'static str {
    &STYLE.path
}

/// Path of the script.
pub(crate) fn script() -> &'static str {
    &SCRIPT.path
}

/// Path of the icon.
pub(crate) fn icon() -> &'static str {
    &ICON.path
}

/// The routes of embedded files. They belong outside the layer that forbids caching.
pub(crate) fn router() -> Router {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    let wanted = [&*STYLE, &*SCRIPT, &*ICON]
        .into_iter()
        .find(|asset| asset.path.strip_prefix("/assets/") == Some(&name));
    match wanted {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.content,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
