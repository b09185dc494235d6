//! Puts one node together: data folder and lock, database, engine, API; and takes it apart in the reverse order.

use crate::actors::engine::{Engine, EngineError, Parts, Stages};
use crate::api::{self, Api, Reach};
use crate::clock;
use crate::config::{Config, Secret, ServerConfig, Tls};
use crate::domain::ids::NodeId;
use crate::providers::lan::{self, Lan, LanError};
use crate::providers::models::Library;
use crate::providers::storage::{Folder, Holder, Lock, LockError, NotWritable};
use crate::store::{Store, StoreError};
use crate::telemetry::metrics::Metrics;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A node that has started and is ready to serve.
pub struct Node {
    engine: Engine,
    api: Api,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    url: String,
    invitation: Option<Invitation>,
    stop: CancellationToken,
    lock: Lock,
}

/// What a person needs to use this node from another device.
pub struct Invitation {
    /// Where other devices reach it, the likeliest first; this machine itself if there is no network.
    pub addresses: Vec<String>,
    pub token: Secret,
    /// SHA-256 of its certificate, as 64 hexadecimal digits.
    pub fingerprint: String,
    pub self_signed: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("cannot make the data folder {}", path.display())]
    Folder { path: PathBuf, source: NotWritable },
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
    #[error("cannot serve over TLS")]
    Lan { source: LanError },
    #[error("cannot say where this node listens")]
    Announce { source: io::Error },
    #[error("the server ended")]
    Server { source: io::Error },
    #[error("the engine has failed too often and gave up; see the log, then start again")]
    Broken,
}

impl Node {
    /// Starts everything for this machine alone. Jobs that were left unfinished go on at once.
    pub async fn start(config: &Config, bind: SocketAddr) -> Result<Self, AppError> {
        let exe = std::env::current_exe().map_err(|source| AppError::Exe { source })?;
        Self::start_with(config, bind, exe).await
    }

    /// The same as the configuration says: for other devices too, if it says so.
    pub async fn start_as_configured(config: &Config) -> Result<Self, AppError> {
        let exe = std::env::current_exe().map_err(|source| AppError::Exe { source })?;
        Self::start_at(config, &config.server, exe, true).await
    }

    /// For this machine alone, with the program that the child processes run, for callers that are not that program.
    pub async fn start_with(
        config: &Config,
        bind: SocketAddr,
        exe: PathBuf,
    ) -> Result<Self, AppError> {
        let server = ServerConfig { bind, tls: Tls::Off, ..config.server.clone() };
        Self::start_at(config, &server, exe, false).await
    }

    async fn start_at(
        config: &Config,
        server: &ServerConfig,
        exe: PathBuf,
        is_server: bool,
    ) -> Result<Self, AppError> {
        let root = &config.storage.data_dir;
        let folder =
            Folder::make(root).map_err(|source| AppError::Folder { path: root.clone(), source })?;
        let lock = take_lock(root).await?;
        folder.clear_uploads().map_err(|source| AppError::Uploads { source })?;
        let store = Store::connect(&config.database, &folder.database())
            .await
            .map_err(|source| AppError::Store { source })?;
        let (listener, bound) = listen(server.bind).await?;
        let lan = lan::open(root, server, bound, clock::now())
            .map_err(|source| AppError::Lan { source })?;
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
            stages: Stages::Real,
        };
        let engine = Engine::start(parts)
            .await
            .map_err(|source| AppError::Engine { source: Box::new(source) })?;
        let (url, stop) = (url_of(bound, lan.is_some()), CancellationToken::new());
        let certificate = lan.as_ref().map(|lan| lan.fingerprint.clone());
        let pid = std::process::id();
        let holder = Holder { node: node.0, pid, url: url.clone(), certificate, is_server };
        lock.announce(&holder).map_err(|source| AppError::Announce { source })?;
        let invitation = lan.as_ref().map(|lan| invitation(lan, bound));
        let (tls, asked) = lan.map_or((None, None), |lan| {
            let Lan { tls, token, names, .. } = lan;
            (Some(tls), Some(api::Lan { token, names }))
        });
        let api = Api::new(engine.clone(), metrics, stop.clone(), Reach::new(bound, asked));
        Ok(Self { engine, api, listener, tls, url, invitation, stop, lock })
    }

    /// For a node that other devices reach.
    pub fn invitation(&self) -> Option<&Invitation> {
        self.invitation.as_ref()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Serves while `work` goes on, then ends in good order: no new requests, no actors, no connections.
    pub async fn serve_while<T>(self, work: impl Future<Output = T>) -> Result<T, AppError> {
        let Self { engine, api, listener, tls, stop, lock, .. } = self;
        let grace = engine.config().server.shutdown_grace();
        let server = api::serve(listener, tls, api, grace);
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
        // What is under way in the engine does not wait for a request that is slow to end.
        let (served, ()) = tokio::join!(server, engine.stop());
        if let Err(error) = served {
            tracing::warn!(%error, "the server did not end well");
        }
        engine.store().close().await;
        drop(lock);
        outcome
    }
}

async fn listen(bind: SocketAddr) -> Result<(TcpListener, SocketAddr), AppError> {
    let failed = |source| AppError::Bind { bind, source };
    let listener = TcpListener::bind(bind).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Where this machine itself reaches the node.
fn here(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}

fn url_of(bound: SocketAddr, tls: bool) -> String {
    format!("{}://{}", if tls { "https" } else { "http" }, here(bound))
}

fn invitation(lan: &Lan, bound: SocketAddr) -> Invitation {
    let port = bound.port();
    let to = |name: &String| match name.parse::<Ipv6Addr>() {
        Ok(ip) => format!("[{ip}]:{port}"),
        Err(_) => format!("{name}:{port}"),
    };
    let mut addresses: Vec<_> = lan.reached_at.iter().map(to).collect();
    if addresses.is_empty() {
        addresses.push(here(bound).to_string());
    }
    let (token, fingerprint) = (lan.token.clone(), lan.fingerprint.clone());
    Invitation { addresses, token, fingerprint, self_signed: lan.self_signed }
}

async fn take_lock(root: &Path) -> Result<Lock, AppError> {
    Lock::take_over(root).await.map_err(|error| match error {
        LockError::Held => AppError::Held { path: root.to_owned(), holder: Lock::holder(root) },
        source @ LockError::Io { .. } => AppError::Lock { source },
    })
}
