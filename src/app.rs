//! Puts one node together: data folder and lock, database, engine, API; and takes it apart in the reverse order.

use crate::actors::engine::{Engine, EngineError, Parts};
use crate::api::{self, Api};
use crate::config::Config;
use crate::domain::ids::NodeId;
use crate::providers::models::Library;
use crate::providers::storage::{Folder, Holder, Lock, LockError};
use crate::store::{Store, StoreError};
use crate::telemetry::metrics::Metrics;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A node that has started and is ready to serve.
pub struct Node {
    engine: Engine,
    api: Api,
    listener: TcpListener,
    url: String,
    stop: CancellationToken,
    lock: Lock,
}

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("cannot make the data folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the data folder {} is in use by another process", path.display())]
    Held { path: PathBuf, holder: Option<Holder> },
    #[error("cannot use the data folder")]
    Lock { source: LockError },
    #[error("cannot clear half-done uploads")]
    Uploads { source: io::Error },
    #[error("cannot open the store")]
    Store { source: StoreError },
    #[error("cannot start the engine")]
    Engine { source: Box<EngineError> },
    #[error("cannot find the path of this program")]
    Exe { source: io::Error },
    #[error("cannot listen on {bind}")]
    Bind { bind: SocketAddr, source: io::Error },
    #[error("cannot say where this node listens")]
    Announce { source: io::Error },
    #[error("the server ended")]
    Server { source: io::Error },
    #[error("the engine has failed too often and gave up; see the log, then start again")]
    Broken,
}

impl Node {
    /// Starts everything. Jobs that were left unfinished go on at once.
    pub async fn start(config: &Config, bind: SocketAddr) -> Result<Self, AppError> {
        let exe = std::env::current_exe().map_err(|source| AppError::Exe { source })?;
        Self::start_with(config, bind, exe).await
    }

    /// The same with the program that the child processes run, for callers that are not that program.
    pub async fn start_with(
        config: &Config,
        bind: SocketAddr,
        exe: PathBuf,
    ) -> Result<Self, AppError> {
        let root = &config.storage.data_dir;
        let folder =
            Folder::make(root).map_err(|source| AppError::Folder { path: root.clone(), source })?;
        let lock = take_lock(root)?;
        folder.clear_uploads().map_err(|source| AppError::Uploads { source })?;
        let store =
            Store::open(&folder.database()).await.map_err(|source| AppError::Store { source })?;
        let listener =
            TcpListener::bind(bind).await.map_err(|source| AppError::Bind { bind, source })?;
        let bound = listener.local_addr().map_err(|source| AppError::Bind { bind, source })?;
        let node = NodeId(uuid::Uuid::now_v7().to_string());
        let metrics = Arc::new(Metrics::default());
        let parts = Parts {
            config: config.clone(),
            store,
            folder,
            library: Library::new(config.storage.models_dir.clone()),
            exe,
            node: node.clone(),
            metrics: metrics.clone(),
        };
        let engine = Engine::start(parts)
            .await
            .map_err(|source| AppError::Engine { source: Box::new(source) })?;
        let (url, stop) = (format!("http://{bound}"), CancellationToken::new());
        let holder = Holder { node: node.0, pid: std::process::id(), url: url.clone() };
        lock.announce(&holder).map_err(|source| AppError::Announce { source })?;
        let api = Api::new(engine.clone(), metrics, stop.clone(), bound);
        Ok(Self { engine, api, listener, url, stop, lock })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Serves while `work` goes on, then ends in good order: no new requests, no actors, no connections.
    pub async fn serve_while<T>(self, work: impl Future<Output = T>) -> Result<T, AppError> {
        let Self { engine, api, listener, url: _, stop, lock } = self;
        let grace = engine.config().server.shutdown_grace();
        let server = api::serve(listener, api, grace);
        tokio::pin!(server);
        let outcome = tokio::select! {
            done = work => Ok(done),
            () = engine.broken() => Err(AppError::Broken),
            ended = &mut server => {
                engine.stop().await;
                engine.store().close().await;
                let source = ended.err().unwrap_or_else(|| io::Error::other("without a reason"));
                return Err(AppError::Server { source });
            }
        };
        stop.cancel();
        if let Err(error) = server.await {
            tracing::warn!(%error, "the server did not end well");
        }
        engine.stop().await;
        engine.store().close().await;
        drop(lock);
        outcome
    }
}

fn take_lock(root: &Path) -> Result<Lock, AppError> {
    Lock::take(root).map_err(|error| match error {
        LockError::Held => AppError::Held { path: root.to_owned(), holder: Lock::holder(root) },
        source @ LockError::Io { .. } => AppError::Lock { source },
    })
}
