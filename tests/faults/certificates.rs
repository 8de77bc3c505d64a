//! Certificates of servers: one that is right, and wrong ones.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// An authority that a test trusts, and servers with certificates.
pub(crate) struct Certificates {
    folder: TempDir,
    /// For `localhost`, by the authority.
    pub(crate) right: TlsAcceptor,
    /// For another name.
    pub(crate) of_another: TlsAcceptor,
    /// For `localhost`, in the year 2020.
    pub(crate) expired: TlsAcceptor,
    /// For `localhost`, by nobody but itself.
    pub(crate) by_itself: TlsAcceptor,
    /// For `localhost`, by an authority that nobody trusts.
    pub(crate) by_a_stranger: TlsAcceptor,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        risposta::net::install_tls_provider();
        let (authority, stranger) = (authority(), authority());
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let right = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let mut expired = right.clone();
        (expired.not_before, expired.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
        Self {
            folder,
            of_another: signed(&CertificateParams::new(vec!["altrove.example".to_owned()]).unwrap(), &authority),
            expired: signed(&expired, &authority),
            by_a_stranger: signed(&right, &stranger),
            by_itself: by_itself(&right),
            right: signed(&right, &authority),
        }
    }

    /// The authority's file, for `ca_file`.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file for `ca_file` that does not exist.
    pub(crate) fn no_file(&self) -> PathBuf {
        Path::join(self.folder.path(), "none.pem")
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(params: &CertificateParams, authority: &CertifiedIssuer<'static, KeyPair>) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    acceptor(certificate.der().clone(), &key)
}

fn by_itself(params: &CertificateParams) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    acceptor(params.self_signed(&key).unwrap().der().clone(), &key)
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}
