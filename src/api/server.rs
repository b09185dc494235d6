//! Serves the API on a listener until it is told to stop, and never waits for ever for those who stay.

use super::router::{Api, router};
use super::tls::{Ends, TlsListener};
use axum::serve::ListenerExt;
use futures::future::Either;
use std::future::IntoFuture;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves until `api` is stopped, over TLS if it is given. Requests that are open then have `grace` to end.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    api: Api,
    grace: Duration,
) -> io::Result<()> {
    let stop = api.stop.clone();
    let stopped = stop.clone().cancelled_owned();
    let server = match tls {
        Some(tls) => {
            let service = router(api).into_make_service_with_connect_info::<Ends>();
            let server = axum::serve(TlsListener::new(listener, tls), service);
            Either::Left(server.with_graceful_shutdown(stopped).into_future())
        }
        None => {
            // Events are small and wanted at once.
            let listener = listener.tap_io(|stream| {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection keeps its delay");
                }
            });
            let server = axum::serve(listener, router(api));
            Either::Right(server.with_graceful_shutdown(stopped).into_future())
        }
    };
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        ended = server => ended,
        () = deadline => {
            tracing::warn!("requests that did not end in time are cut off");
            Ok(())
        }
    }
}
