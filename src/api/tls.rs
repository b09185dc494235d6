//! Accepts TLS connections: handshakes run side by side, each within a time, and never more than a fixed number.

use super::plain;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures::future::{AbortHandle, Abortable, Aborted, BoxFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A phone in the next room needs a tenth of a second.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// One more, and the oldest of them has to give way: it is the one that dawdles.
const HANDSHAKES_MAX: usize = 64;
/// The first byte of every TLS connection.
const HANDSHAKE_RECORD: u8 = 0x16;

type Shaken = Option<(TlsStream<TcpStream>, SocketAddr)>;
type Handshake = BoxFuture<'static, (u64, Result<Shaken, Aborted>)>;

pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    under_way: FuturesUnordered<Handshake>,
    /// The handshakes under way by the number under which they came.
    handles: BTreeMap<u64, AbortHandle>,
    begun: u64,
}

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    pub peer: IpAddr,
    pub local: Option<IpAddr>,
}

impl TlsListener {
    pub fn new(tcp: TcpListener, tls: Arc<rustls::ServerConfig>) -> Self {
        let (under_way, handles) = (FuturesUnordered::new(), BTreeMap::new());
        Self { tcp, acceptor: TlsAcceptor::from(tls), under_way, handles, begun: 0 }
    }

    fn begin(&mut self, stream: TcpStream, peer: SocketAddr) {
        if self.handles.len() >= HANDSHAKES_MAX
            && let Some((_, oldest)) = self.handles.pop_first()
        {
            tracing::debug!("a slow handshake gives way to a new one");
            oldest.abort();
        }
        self.begun += 1;
        let number = self.begun;
        let (handle, registration) = AbortHandle::new_pair();
        self.handles.insert(number, handle);
        let shaking = Abortable::new(shake(self.acceptor.clone(), stream, peer), registration);
        self.under_way.push(Box::pin(async move { (number, shaking.await) }));
    }
}

/// Whatever is lost when `accept` is dropped halfway stays in the listener.
impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                (stream, peer) = Listener::accept(&mut self.tcp) => self.begin(stream, peer),
                Some((number, ended)) = self.under_way.next() => {
                    self.handles.remove(&number);
                    if let Ok(Some(shaken)) = ended {
                        return shaken;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Ends {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let local = stream.io().get_ref().0.local_addr();
        let local = local.ok().map(|local| local.ip().to_canonical());
        Self { peer: stream.remote_addr().ip().to_canonical(), local }
    }
}

async fn shake(acceptor: TlsAcceptor, stream: TcpStream, peer: SocketAddr) -> Shaken {
    // Events are small and wanted at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let shaking = async {
        let mut first = [0];
        stream.peek(&mut first).await?;
        if first[0] != HANDSHAKE_RECORD {
            plain::answer(stream).await?;
            return Err(io::Error::other("it speaks no TLS"));
        }
        acceptor.accept(stream).await
    };
    match tokio::time::timeout(HANDSHAKE_TIME, shaking).await {
        Ok(Ok(shaken)) => return Some((shaken, peer)),
        Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
        Err(_) => tracing::debug!("a handshake took too long"),
    }
    None
}
