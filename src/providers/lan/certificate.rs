//! The certificate that the server shows: one of our own, made anew when it no longer fits, or the user's.

use super::{LanError, private};
use crate::domain::digest::hex;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Browsers take certificates of at most 397 days; the one before the first allows for clocks that are behind.
const DAYS: i64 = 395;
const DAYS_BEFORE: i64 = 1;
/// A certificate that ends sooner is made anew at the start: a server runs for a while.
const DAYS_LEFT_MIN: i64 = 14;

/// A certificate with its key, ready to be shown.
#[derive(Debug)]
pub struct Identity {
    pub tls: Arc<ServerConfig>,
    pub fingerprint: String,
}

/// The certificate of the data folder. It stays the same for as long as every one of `names` may use it.
pub fn of_our_own(
    folder: &Path,
    names: &[String],
    now: DateTime<Utc>,
) -> Result<Identity, LanError> {
    let (cert, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    if let Some(kept) = kept(&cert, &key, names, now + TimeDelta::days(DAYS_LEFT_MIN)) {
        return Ok(kept);
    }
    let (certificate, secret) = make(names, now).map_err(|source| LanError::Make { source })?;
    // A crash in between leaves two that do not belong together, which is as good as none.
    private::write(&key, secret.as_bytes())?;
    private::write(&cert, certificate.as_bytes())?;
    tracing::info!("a new certificate was made");
    of_files(&cert, &key)
}

/// A certificate chain and its key in PEM.
pub fn of_files(cert: &Path, key: &Path) -> Result<Identity, LanError> {
    let unread = |source| LanError::Certificate { path: cert.to_owned(), source };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(cert).map_err(unread)?.collect();
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|source| LanError::Key { path: key.to_owned(), source })?;
    identity(chain.map_err(unread)?, secret, cert)
}

fn identity(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    path: &Path,
) -> Result<Identity, LanError> {
    let Some(first) = chain.first() else {
        return Err(LanError::NoCertificate { path: path.to_owned() });
    };
    let fingerprint = hex(&Sha256::digest(first));
    let mut tls = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|source| LanError::Unusable { path: path.to_owned(), source })?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity { tls: Arc::new(tls), fingerprint })
}

/// What is kept, if a client that trusts it would take it under every name at `then`.
fn kept(cert: &Path, key: &Path, names: &[String], then: DateTime<Utc>) -> Option<Identity> {
    let certificate = CertificateDer::from_pem_file(cert).ok()?;
    let secret = PrivateKeyDer::from_pem_slice(private::read(key)?.as_bytes()).ok()?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).ok()?;
    let client = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider());
    let client = client.build().ok()?;
    let seconds = u64::try_from(then.timestamp()).ok()?;
    let then = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let fits = |name: &String| {
        let Ok(name) = ServerName::try_from(name.as_str()) else { return true };
        client.verify_server_cert(&certificate, &[], &name, &[], then).is_ok()
    };
    if names.iter().all(fits) { identity(vec![certificate], secret, cert).ok() } else { None }
}

/// A new key on P-256, and a certificate for it that it has signed itself; both in PEM.
fn make(names: &[String], now: DateTime<Utc>) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let day = |days: i64| {
        let date = (now + TimeDelta::days(days)).date_naive();
        // Months and days are small.
        let [month, day] = [date.month(), date.day()].map(|n| u8::try_from(n).unwrap_or(1));
        rcgen::date_time_ymd(date.year(), month, day)
    };
    let mut params = CertificateParams::new(names)?;
    params.not_before = day(-DAYS_BEFORE);
    params.not_after = day(DAYS);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Diarist on this network");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::fs;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_certificate_is_kept_until_a_name_is_missing_or_its_time_is_nearly_over() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("lan");
        let now: DateTime<Utc> = "2026-02-28T12:00:00Z".parse().unwrap();
        let home = names(&["localhost", "127.0.0.1", "::1", "desk", "192.0.2.7"]);
        let made = |names: &[String], days| {
            of_our_own(&folder, names, now + TimeDelta::days(days)).unwrap().fingerprint
        };
        let first = made(&home, 0);
        assert_eq!(made(&home, 380), first);
        assert_eq!(made(&home[..2], 0), first);
        let second = made(&home, 382);
        assert_ne!(second, first);
        // From then on the clock is where the second one was made.
        let moved = names(&["localhost", "192.0.2.8"]);
        let third = made(&moved, 382);
        assert_ne!(third, second);
        fs::write(folder.join("key.pem"), "").unwrap();
        let fourth = made(&moved, 382);
        assert_ne!(fourth, third);
        fs::write(folder.join("certificate.pem"), "nonsense").unwrap();
        assert_ne!(made(&moved, 382), fourth);
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name);
        let now: DateTime<Utc> = "2026-05-03T12:00:00Z".parse().unwrap();
        for name in ["a", "b"] {
            let (cert, key) = make(&names(&["localhost"]), now).unwrap();
            fs::write(file(&format!("{name}.crt")), cert).unwrap();
            fs::write(file(&format!("{name}.key")), key).unwrap();
        }
        assert!(of_files(&file("a.crt"), &file("a.key")).is_ok());
        let told = |cert: &str, key: &str| of_files(&file(cert), &file(key)).unwrap_err();
        assert!(matches!(told("a.crt", "b.key"), LanError::Unusable { .. }));
        assert!(matches!(told("none.crt", "b.key"), LanError::Certificate { .. }));
        assert!(matches!(told("a.crt", "none.key"), LanError::Key { .. }));
        assert!(matches!(told("a.key", "a.key"), LanError::NoCertificate { .. }));
    }
}
