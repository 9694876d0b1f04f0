//! What a call may be refused with: one row for each error that SQS names, with the code older clients know.
//!
//! Both names travel: `__type` in the body is read by the Rust and Go SDKs, the `x-amzn-query-error` header by
//! botocore, which reports the code of the older query protocol.

use std::fmt;

/// The errors this server answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Two entries of a batch share an id.
    BatchEntryIdsNotDistinct,
    /// The messages of a batch are too large together.
    BatchRequestTooLong,
    /// A batch without entries.
    EmptyBatchRequest,
    /// Something broke here, not at the caller; only fault switches cause it.
    InternalFailure,
    /// A queue URL that no queue of this server can have.
    InvalidAddress,
    /// An attribute name that SQS does not know.
    InvalidAttributeName,
    /// A value that the attribute can't take.
    InvalidAttributeValue,
    /// A batch entry id with characters that are not allowed.
    InvalidBatchEntryId,
    /// A body with characters that XML 1.0 does not allow.
    InvalidMessageContents,
    /// A parameter out of its range.
    InvalidParameterValue,
    /// The visibility of a message that is not in flight can't be changed.
    MessageNotInflight,
    /// A parameter that must be there is not.
    MissingParameter,
    /// Too many messages in flight.
    OverLimit,
    /// A second purge within a minute.
    PurgeQueueInProgress,
    /// The queue is not there.
    QueueDoesNotExist,
    /// A queue of that name has other attributes.
    QueueNameExists,
    /// The receipt handle was not made by this queue.
    ReceiptHandleIsInvalid,
    /// Too many calls, or the memory cap is reached.
    RequestThrottled,
    /// The task handle names no task.
    ResourceNotFound,
    /// The request body is not the JSON that the action takes.
    Serialization,
    /// More than ten entries.
    TooManyEntriesInBatchRequest,
    /// The action is not one of SQS.
    UnknownOperation,
    /// What the action asks for is not possible here.
    UnsupportedOperation,
}

impl ErrorKind {
    /// The value of `__type` in the body.
    pub fn shape(self) -> &'static str {
        match self {
            Self::BatchEntryIdsNotDistinct => "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
            Self::BatchRequestTooLong => "com.amazonaws.sqs#BatchRequestTooLong",
            Self::EmptyBatchRequest => "com.amazonaws.sqs#EmptyBatchRequest",
            Self::InternalFailure => "com.amazon.coral.service#InternalFailure",
            Self::InvalidAddress => "com.amazonaws.sqs#InvalidAddress",
            Self::InvalidAttributeName => "com.amazonaws.sqs#InvalidAttributeName",
            Self::InvalidAttributeValue => "com.amazonaws.sqs#InvalidAttributeValue",
            Self::InvalidBatchEntryId => "com.amazonaws.sqs#InvalidBatchEntryId",
            Self::InvalidMessageContents => "com.amazonaws.sqs#InvalidMessageContents",
            Self::InvalidParameterValue => "com.amazon.coral.service#InvalidParameterValueException",
            Self::MessageNotInflight => "com.amazonaws.sqs#MessageNotInflight",
            Self::MissingParameter => "com.amazon.coral.service#MissingRequiredParameterException",
            Self::OverLimit => "com.amazonaws.sqs#OverLimit",
            Self::PurgeQueueInProgress => "com.amazonaws.sqs#PurgeQueueInProgress",
            Self::QueueDoesNotExist => "com.amazonaws.sqs#QueueDoesNotExist",
            Self::QueueNameExists => "com.amazonaws.sqs#QueueNameExists",
            Self::ReceiptHandleIsInvalid => "com.amazonaws.sqs#ReceiptHandleIsInvalid",
            Self::RequestThrottled => "com.amazonaws.sqs#RequestThrottled",
            Self::ResourceNotFound => "com.amazonaws.sqs#ResourceNotFoundException",
            Self::Serialization => "com.amazon.coral.service#SerializationException",
            Self::TooManyEntriesInBatchRequest => "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            Self::UnknownOperation => "com.amazon.coral.service#UnknownOperationException",
            Self::UnsupportedOperation => "com.amazonaws.sqs#UnsupportedOperation",
        }
    }

    /// The code of the query protocol, which botocore puts into `Error.Code`.
    pub fn query_code(self) -> &'static str {
        match self {
            Self::BatchEntryIdsNotDistinct => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            Self::BatchRequestTooLong => "AWS.SimpleQueueService.BatchRequestTooLong",
            Self::EmptyBatchRequest => "AWS.SimpleQueueService.EmptyBatchRequest",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAddress => "InvalidAddress",
            Self::InvalidAttributeName => "InvalidAttributeName",
            Self::InvalidAttributeValue => "InvalidAttributeValue",
            Self::InvalidBatchEntryId => "AWS.SimpleQueueService.InvalidBatchEntryId",
            Self::InvalidMessageContents => "InvalidMessageContents",
            Self::InvalidParameterValue => "InvalidParameterValue",
            Self::MessageNotInflight => "AWS.SimpleQueueService.MessageNotInflight",
            Self::MissingParameter => "MissingParameter",
            Self::OverLimit => "OverLimit",
            Self::PurgeQueueInProgress => "AWS.SimpleQueueService.PurgeQueueInProgress",
            Self::QueueDoesNotExist => "AWS.SimpleQueueService.NonExistentQueue",
            Self::QueueNameExists => "QueueAlreadyExists",
            Self::ReceiptHandleIsInvalid => "ReceiptHandleIsInvalid",
            Self::RequestThrottled => "RequestThrottled",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::Serialization => "SerializationException",
            Self::TooManyEntriesInBatchRequest => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            Self::UnknownOperation => "UnknownOperationException",
            Self::UnsupportedOperation => "AWS.SimpleQueueService.UnsupportedOperation",
        }
    }

    /// Whether the caller, not the server, is at fault.
    pub fn is_sender_fault(self) -> bool {
        self != Self::InternalFailure
    }
}

/// A refused call: what kind, and a sentence for whoever reads the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqsError {
    /// Which of the errors it is.
    pub kind: ErrorKind,
    /// Names the field, the rule and the fix.
    pub message: String,
}

impl SqsError {
    /// Makes an error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A parameter that must be there is not.
    pub fn missing(parameter: &str) -> Self {
        Self::new(ErrorKind::MissingParameter, format!("The request must contain the parameter {parameter}."))
    }

    /// A parameter out of its range; `reason` says the range.
    pub fn invalid(value: impl fmt::Display, parameter: &str, reason: &str) -> Self {
        Self::new(
            ErrorKind::InvalidParameterValue,
            format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"),
        )
    }

    /// The queue is not there.
    pub fn no_queue() -> Self {
        Self::new(ErrorKind::QueueDoesNotExist, "The specified queue does not exist.")
    }
}

impl fmt::Display for SqsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.query_code(), self.message)
    }
}

impl std::error::Error for SqsError {}
