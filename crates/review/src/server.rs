//! The listener of the HTTP side.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::desk::Desk;
use crate::desk::Health;
use crate::endpoints;
use crate::pages::{self, PageSettings};

/// Quarantine review as it is served.
pub struct Review {
    /// Its operations.
    pub desk: Desk,
    /// What is configured for its pages.
    pub pages: PageSettings,
}

/// An open listener of the HTTP side.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on `address`; port 0 takes any free port.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the endpoints for supervisors, and quarantine review beside them, until `stop` is done.
    pub async fn serve(
        self,
        health: Arc<dyn Health>,
        review: Option<Review>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let mut router = endpoints::router(Arc::clone(&health) as _);
        if let Some(Review { desk, pages }) = review {
            router = router.merge(pages::router(desk, pages, Some(health)));
        }
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(self.listener, service).with_graceful_shutdown(stop).await
    }
}
