//! Every way in which a server for the network cannot be made ready.

use rustls::pki_types::pem;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LanError {
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot make a certificate")]
    Make { source: rcgen::Error },
    #[error("cannot read a certificate from {}", path.display())]
    Certificate { path: PathBuf, source: pem::Error },
    #[error("there is no certificate in {}", path.display())]
    NoCertificate { path: PathBuf },
    #[error("cannot read a private key from {}", path.display())]
    Key { path: PathBuf, source: pem::Error },
    #[error("the certificate in {} and its key cannot be used", path.display())]
    Unusable { path: PathBuf, source: rustls::Error },
    #[error("the system gives no random numbers for a token")]
    Random,
}
