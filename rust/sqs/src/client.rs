//! One signed call to SQS: JSON over kept-alive HTTP/1.1, with a deadline.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::counters::Counter;
use crate::credentials::{CredentialSource, StaticKey};
use crate::error::CallError;
use crate::wire::{Action, ErrorAnswer};

/// Ten messages of 1 MiB, each byte escaped as `\u00xx`, and the frame around them.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// SQS closes idle connections after about a minute; ours go before.
const IDLE_CONNECTION_AGE: Duration = Duration::from_secs(45);

type Http = Pool<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// How to reach the service.
#[derive(Clone)]
pub struct Target {
    /// Queue URL; its origin is where calls go unless `endpoint_url` says otherwise.
    pub queue_url: String,
    /// Other origin, for local servers and VPC endpoints.
    pub endpoint_url: Option<String>,
    /// Region to sign for; None asks AWS's default chain.
    pub region: Option<String>,
    /// Key pair; None asks AWS's default chain.
    pub key: Option<StaticKey>,
    /// A connection that takes longer to open has failed.
    pub connect_timeout: Duration,
}

/// Speaks to one endpoint; cheap to share.
pub struct Client {
    uri: Uri,
    authority: String,
    region: String,
    credentials: CredentialSource,
    connect_timeout: Duration,
    http: Mutex<Arc<Http>>,
    rebuilt: Counter,
}

impl Client {
    /// Resolves region and credentials; opens no connection yet.
    pub async fn open(target: &Target) -> Result<Self, CallError> {
        let origin = target.endpoint_url.as_deref().unwrap_or(&target.queue_url);
        let uri: Uri = origin.parse().map_err(|_| unusable(origin))?;
        let authority = uri.authority().ok_or_else(|| unusable(origin))?.to_string();
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let scheme = scheme.ok_or_else(|| unusable(origin))?.to_owned();
        let uri: Uri = format!("{scheme}://{authority}/").parse().map_err(|_| unusable(origin))?;
        let (credentials, region) =
            CredentialSource::discover(target.key.as_ref(), target.region.as_deref()).await?;
        let http = Mutex::new(Arc::new(pool(&uri, target.connect_timeout)?));
        let (connect_timeout, rebuilt) = (target.connect_timeout, Counter::default());
        Ok(Self { uri, authority, region, credentials, connect_timeout, http, rebuilt })
    }

    /// Sends `request` and reads the answer, all within `deadline`. A call that missed its deadline may hang on
    /// a dead connection, and so may its neighbours: the pool is thrown away with it.
    pub async fn call(
        &self,
        action: Action,
        request: &impl Serialize,
        deadline: Duration,
    ) -> Result<Bytes, CallError> {
        let http = Arc::clone(&self.http.lock().expect("pool lock"));
        let Ok(answer) = tokio::time::timeout(deadline, self.exchange(&http, action, request)).await else {
            self.rebuild(&http);
            return Err(CallError::Deadline);
        };
        answer
    }

    /// Like `call`, with the answer decoded.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        action: Action,
        request: &impl Serialize,
        deadline: Duration,
    ) -> Result<T, CallError> {
        let answer = self.call(action, request, deadline).await?;
        // DeleteMessage and its like answer with nothing at all.
        let text: &[u8] = if answer.is_empty() { b"{}" } else { &answer };
        serde_json::from_slice(text).map_err(|error| CallError::Protocol(error.to_string()))
    }

    async fn exchange(
        &self,
        http: &Http,
        action: Action,
        request: &impl Serialize,
    ) -> Result<Bytes, CallError> {
        let body = serde_json::to_vec(request).map_err(|error| CallError::Protocol(error.to_string()))?;
        let request = self.signed(action, body).await?;
        let answer = http.request(request).await.map_err(|error| CallError::Connect(describe(&error)))?;
        let status = answer.status();
        let bytes = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| CallError::Connect(error.to_string()))?
            .to_bytes();
        if status.is_success() {
            return Ok(bytes);
        }
        let error: ErrorAnswer = serde_json::from_slice(&bytes).unwrap_or_default();
        let code = error.kind.rsplit('#').next().unwrap_or_default();
        let code = if code.is_empty() { format!("Http{}", status.as_u16()) } else { code.to_owned() };
        Err(CallError::Service { code, message: error.into_text(), status: status.as_u16() })
    }

    async fn signed(&self, action: Action, body: Vec<u8>) -> Result<Request<Full<Bytes>>, CallError> {
        const JSON: &str = "application/x-amz-json-1.0";
        let identity = self.credentials.get().await?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("sqs")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| CallError::Credentials(error.to_string()))?
            .into();
        let uri = self.uri.to_string();
        let headers = [("host", &*self.authority), ("content-type", JSON), ("x-amz-target", action.target())];
        let instructions = SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(&body))
            .and_then(|request| sign(request, &params))
            .map_err(|error| CallError::Credentials(error.to_string()))?
            .into_parts()
            .0;
        let mut request = Request::post(&self.uri)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, JSON)
            .header("x-amz-target", action.target())
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| CallError::Protocol(error.to_string()))?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    /// Times that a call hung and the pool was replaced.
    pub fn rebuilt(&self) -> u64 {
        self.rebuilt.get()
    }

    /// Replaces the pool, unless another call that hung on the same one has done so.
    fn rebuild(&self, hung: &Arc<Http>) {
        let mut current = self.http.lock().expect("pool lock");
        if Arc::ptr_eq(&current, hung)
            && let Ok(fresh) = pool(&self.uri, self.connect_timeout)
        {
            *current = Arc::new(fresh);
            self.rebuilt.add(1);
        }
    }
}

fn unusable(url: &str) -> CallError {
    CallError::Setting(format!(
        "endpoint_url or queue_url: {url:?} is no http:// or https:// address; correct it"
    ))
}

fn describe(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// Roots are read only where TLS is spoken: a container that talks to a local server may have none.
fn pool(uri: &Uri, connect_timeout: Duration) -> Result<Http, CallError> {
    let provider = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new();
    let schemes = if uri.scheme_str() == Some("https") {
        builder
            .with_provider_and_native_roots(provider)
            .map_err(|error| CallError::Setting(format!("no TLS root certificates: {error}")))?
    } else {
        let plain = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| CallError::Setting(error.to_string()))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder.with_tls_config(plain)
    };
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    tcp.set_keepalive(Some(Duration::from_secs(30)));
    tcp.enforce_http(false);
    let connector = schemes.https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Pool::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_CONNECTION_AGE)
        .build(connector))
}
