//! Credentials and region from AWS's own chain: environment, profile, web identity, container or instance role.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::error::CallError;

/// Temporary credentials are renewed this long before they expire, as the SDKs do.
const RENEWED_BEFORE_EXPIRY: Duration = Duration::from_mins(5);

/// A renewal that takes longer than this has failed.
const RENEWAL_DEADLINE: Duration = Duration::from_secs(15);

/// A key pair given in the settings. Meant for local servers, which take any.
#[derive(Clone)]
pub struct StaticKey {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

/// Where credentials come from, and the last ones got from there.
pub struct CredentialSource {
    provider: SharedCredentialsProvider,
    current: Mutex<Option<Credentials>>,
    renewal: tokio::sync::Mutex<()>,
}

impl CredentialSource {
    /// Finds the source of credentials and the region to sign for. What the settings name wins over the chain.
    pub async fn discover(
        key: Option<&StaticKey>,
        region: Option<&str>,
    ) -> Result<(Self, String), CallError> {
        if let (Some(key), Some(region)) = (key, region) {
            return Ok((Self::of(Self::fixed(key)), region.to_owned()));
        }
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config =
            aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http).load().await;
        let region = region
            .map(str::to_owned)
            .or_else(|| config.region().map(ToString::to_string))
            .ok_or_else(|| {
                CallError::Setting(
                    "region: none found; set it, or AWS_REGION, or one in the profile".to_owned(),
                )
            })?;
        let provider = match key {
            Some(key) => Self::fixed(key),
            None => config
                .credentials_provider()
                .ok_or_else(|| CallError::Credentials("the chain has no provider".to_owned()))?,
        };
        Ok((Self::of(provider), region))
    }

    fn fixed(key: &StaticKey) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Credentials::from_keys(
            key.access_key_id.as_str(),
            key.secret_access_key.as_str(),
            None,
        ))
    }

    fn of(provider: SharedCredentialsProvider) -> Self {
        Self { provider, current: Mutex::new(None), renewal: tokio::sync::Mutex::new(()) }
    }

    /// Credentials that are good for the next call. Only one caller renews; the others wait for it.
    pub async fn get(&self) -> Result<Credentials, CallError> {
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let _turn = self.renewal.lock().await;
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let renewed = tokio::time::timeout(RENEWAL_DEADLINE, self.provider.provide_credentials())
            .await
            .map_err(|_| CallError::Credentials("the provider did not answer in time".to_owned()))?
            .map_err(|error| CallError::Credentials(describe(&error)))?;
        *self.current.lock().expect("credentials lock") = Some(renewed.clone());
        Ok(renewed)
    }

    fn fresh(&self) -> Option<Credentials> {
        let current = self.current.lock().expect("credentials lock");
        let renew_after = SystemTime::now() + RENEWED_BEFORE_EXPIRY;
        current.clone().filter(|known| known.expiry().is_none_or(|expiry| expiry > renew_after))
    }
}

/// The error with its causes, which the SDK's own message leaves out.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
