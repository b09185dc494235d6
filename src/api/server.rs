//! Serves the API on a listener until it is told to stop, and never waits for ever for those who stay.

use super::router::{Api, router};
use axum::serve::ListenerExt;
use std::future::IntoFuture;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves until `api` is stopped. Requests that are open then have `grace` to end.
pub async fn serve(listener: TcpListener, api: Api, grace: Duration) -> io::Result<()> {
    let stop = api.stop.clone();
    // Events are small and wanted at once.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let server = axum::serve(listener, router(api))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
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
