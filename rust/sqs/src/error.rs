//! Why a call to SQS gave no answer, or a bad one.

use thiserror::Error;

/// One failed call.
#[derive(Debug, Clone, Error)]
pub enum CallError {
    /// SQS answered with an error.
    #[error("SQS answered {code} (HTTP {status}): {message}")]
    Service {
        /// Error code without its namespace, such as `QueueDoesNotExist`.
        code: String,
        /// Text for people.
        message: String,
        /// HTTP status.
        status: u16,
    },
    /// No whole answer within the deadline; the call was dropped.
    #[error("no answer from SQS within the deadline; check the network path to the endpoint")]
    Deadline,
    /// The connection could not be made, or broke.
    #[error("no connection to SQS: {0}")]
    Connect(String),
    /// The answer was not what the protocol says.
    #[error("unreadable answer from SQS: {0}")]
    Protocol(String),
    /// No credentials, so nothing could be signed.
    #[error("no AWS credentials: {0}; set them in the environment, a profile or a role")]
    Credentials(String),
    /// A setting is unusable.
    #[error("{0}")]
    Setting(String),
}

impl CallError {
    /// Name of the failure for counting: the SQS code, or the kind of the local failure.
    pub fn kind(&self) -> &str {
        match self {
            Self::Service { code, .. } => code,
            Self::Deadline => "deadline",
            Self::Connect(_) => "connect",
            Self::Protocol(_) => "protocol",
            Self::Credentials(_) => "credentials",
            Self::Setting(_) => "setting",
        }
    }

    /// True if SQS asks for fewer calls.
    pub fn is_throttle(&self) -> bool {
        matches!(self, Self::Service { code, status, .. }
            if *status == 429 || code.contains("Throttl") || code == "OverLimit")
    }

    /// True if asking again cannot help: the queue is not there, or it is not ours.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Service { status, .. } if (400..500).contains(status)) && !self.is_throttle()
            || matches!(self, Self::Setting(_))
    }
}
