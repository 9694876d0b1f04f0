//! The API: each action reads its JSON, works on the engine and writes its JSON.

mod attributes;
mod batch;
mod delete;
mod move_tasks;
mod queues;
pub mod receive;
mod send;
mod tags;
mod visibility;

use serde::Deserialize;

use crate::action::Action;
use crate::engine::{ACCOUNT_ID, Engine};
use crate::error::{ErrorKind, SqsError};
use crate::receipt::Receipt;

/// One call: what it works on and what it was given.
#[derive(Debug)]
pub struct Call<'a> {
    /// The state of the server.
    pub engine: &'a mut Engine,
    /// Time of the call, in ms since the epoch.
    pub now_ms: u64,
    /// What queue URLs start with.
    pub origin: Origin<'a>,
    /// The JSON of the request.
    pub body: &'a [u8],
}

/// What queue URLs start with.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A base that was configured, like `http://host:port`.
    Fixed(&'a str),
    /// The `Host` header of the request, like `host:port`.
    Host(&'a str),
}

type Reply = Result<Vec<u8>, SqsError>;

/// Carries out any action but `ReceiveMessage`, which may have to wait: see [`receive`].
pub fn carry_out(action: Action, mut call: Call<'_>) -> Reply {
    let call = &mut call;
    match action {
        Action::CancelMessageMoveTask => move_tasks::cancel(&call.body_of()?, call.engine),
        Action::ChangeMessageVisibility => visibility::change(call),
        Action::ChangeMessageVisibilityBatch => visibility::change_batch(call),
        Action::CreateQueue => queues::create(call),
        Action::DeleteMessage => delete::delete(call),
        Action::DeleteMessageBatch => delete::delete_batch(call),
        Action::DeleteQueue => queues::delete(call),
        Action::GetQueueAttributes => attributes::get(call),
        Action::GetQueueUrl => queues::url(call),
        Action::ListDeadLetterSourceQueues => queues::list_dead_letter_sources(call),
        Action::ListMessageMoveTasks => move_tasks::list(&call.body_of()?, call.engine),
        Action::ListQueueTags => tags::list(call),
        Action::ListQueues => queues::list(call),
        Action::PurgeQueue => queues::purge(call),
        Action::ReceiveMessage => Ok(receive::Ask::read(call.engine, call.body)?
            .attempt(call.engine, call.now_ms)?
            .unwrap_or_else(|| b"{}".to_vec())),
        Action::SendMessage => send::send(call),
        Action::SendMessageBatch => send::send_batch(call),
        Action::SetQueueAttributes => attributes::set(call),
        Action::StartMessageMoveTask => move_tasks::start(&call.body_of()?, call.engine, call.now_ms),
        Action::TagQueue => tags::tag(call),
        Action::UntagQueue => tags::untag(call),
    }
}

impl<'a> Call<'a> {
    fn body_of<T: Deserialize<'a>>(&self) -> Result<T, SqsError> {
        parse(self.body)
    }

    fn queue_url(&self, name: &str) -> String {
        match self.origin {
            Origin::Fixed(base_url) => format!("{base_url}/{ACCOUNT_ID}/{name}"),
            Origin::Host(host) => format!("http://{host}/{ACCOUNT_ID}/{name}"),
        }
    }
}

/// Reads the JSON of a request.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body)
        .map_err(|error| SqsError::new(ErrorKind::Serialization, format!("Request body: {error}")))
}

/// The reply of actions that answer nothing.
fn nothing() -> Vec<u8> {
    b"{}".to_vec()
}

/// Writes a value that can't fail to be JSON.
fn json(value: &serde_json::Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Checks that a number is within its range.
fn in_range(value: Option<i64>, parameter: &str, min: u64, max: u64) -> Result<Option<u64>, SqsError> {
    let Some(value) = value else { return Ok(None) };
    match u64::try_from(value) {
        Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
        _ => Err(SqsError::invalid(
            value,
            parameter,
            &format!("Must be between {min} and {max}, if provided."),
        )),
    }
}

/// Reads a receipt handle of a queue. `None` when it is of an earlier run of the server, so merely old.
fn receipt(handle: &str, queue_id: u32, epoch: u32) -> Result<Option<Receipt>, SqsError> {
    if handle.is_empty() {
        return Err(SqsError::missing("ReceiptHandle"));
    }
    match Receipt::parse(handle) {
        Some(receipt) if receipt.epoch != epoch => Ok(None),
        Some(receipt) if receipt.queue_id == queue_id => Ok(Some(receipt)),
        _ => Err(SqsError::new(
            ErrorKind::ReceiptHandleIsInvalid,
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
        )),
    }
}
