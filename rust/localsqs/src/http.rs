//! The HTTP face: reads requests, waits where waiting is asked for, and writes replies.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{HeaderMap, Request, Response, StatusCode};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::action::Action;
use crate::admin;
use crate::calls::receive::Ask;
use crate::calls::{Call, Origin, carry_out};
use crate::engine::Engine;
use crate::error::{ErrorKind, SqsError};
use crate::ident::push_uuid;
use crate::limits::REQUEST_BYTES_MAX;

/// Longest time that a client may take to send a request body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
const TARGET_HEADER: &str = "x-amz-target";
const TARGET_PREFIX: &str = "AmazonSQS.";
const NOTHING: &[u8] = b"{}";

/// What all connections share.
#[derive(Debug)]
pub struct Server {
    /// The state; borrowed only between two waits, never across one.
    pub engine: RefCell<Engine>,
    /// What queue URLs start with, if not the `Host` header of the request.
    pub base_url: Option<String>,
    /// Turns true when the server shall stop; long polls then end at once.
    pub stopping: watch::Receiver<bool>,
    clock: Clock,
}

/// Wall time that never runs backwards.
#[derive(Debug)]
struct Clock {
    start: Instant,
    start_ms: u64,
}

/// Why a connection ends without a reply: a switch asked for it.
#[derive(Debug)]
pub struct LostReply;

impl fmt::Display for LostReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fault switch lost_reply cut this reply off")
    }
}

impl std::error::Error for LostReply {}

impl Server {
    /// Shares `engine` among connections.
    pub fn new(engine: Engine, base_url: Option<String>, stopping: watch::Receiver<bool>) -> Self {
        let start_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        let clock = Clock { start: Instant::now(), start_ms };
        Self { engine: RefCell::new(engine), base_url, stopping, clock }
    }

    /// Now, in ms since the epoch.
    pub fn now_ms(&self) -> u64 {
        self.clock.start_ms + self.clock.start.elapsed().as_millis() as u64
    }
}

/// Answers one request.
pub async fn answer(
    server: Rc<Server>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, LostReply> {
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_TIMEOUT, Limited::new(body, REQUEST_BYTES_MAX).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) | Err(_) => return Ok(refuse(&server, &unreadable_body())),
    };
    if head.uri.path().starts_with(admin::PREFIX) {
        let mut engine = server.engine.borrow_mut();
        let (status, json) = admin::answer(&mut engine, &head.method, head.uri.path(), &body);
        return Ok(reply_with(&mut engine, status, "application/json", json));
    }
    let action = match action_of(&head.headers) {
        Ok(action) => action,
        Err(error) => return Ok(refuse(&server, &error)),
    };
    let plan = {
        let mut engine = server.engine.borrow_mut();
        engine.stats.calls[action as usize] += 1;
        engine.stats.bytes_in += body.len() as u64;
        engine.faults.plan_call(action)
    };
    wait_ms(plan.latency_ms / 2).await;
    let result = if plan.is_throttled {
        server.engine.borrow_mut().stats.calls_throttled += 1;
        Err(SqsError::new(ErrorKind::RequestThrottled, "The fault switch throttle refused this call."))
    } else {
        perform(&server, action, &head.headers, &body).await
    };
    wait_ms(plan.latency_ms - plan.latency_ms / 2).await;
    if plan.loses_reply {
        server.engine.borrow_mut().stats.replies_lost += 1;
        return Err(LostReply);
    }
    Ok(match result {
        Ok(json) => {
            let mut engine = server.engine.borrow_mut();
            engine.stats.bytes_out += json.len() as u64;
            reply_with(&mut engine, StatusCode::OK, "application/x-amz-json-1.0", json)
        }
        Err(error) => refuse(&server, &error),
    })
}

async fn wait_ms(latency_ms: u64) {
    if latency_ms > 0 {
        sleep(Duration::from_millis(latency_ms)).await;
    }
}

fn action_of(headers: &HeaderMap) -> Result<Action, SqsError> {
    let target = headers.get(TARGET_HEADER).and_then(|target| target.to_str().ok()).ok_or_else(|| {
        SqsError::new(
            ErrorKind::UnknownOperation,
            "The X-Amz-Target header is missing. This server speaks the AWS JSON 1.0 protocol, not the older query \
             protocol; use an SDK of 2024 or later.",
        )
    })?;
    target.strip_prefix(TARGET_PREFIX).and_then(Action::parse).ok_or_else(|| {
        SqsError::new(
            ErrorKind::UnknownOperation,
            format!("The action {target} is not one that this server knows."),
        )
    })
}

async fn perform(
    server: &Server,
    action: Action,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Vec<u8>, SqsError> {
    if action == Action::ReceiveMessage {
        return receive(server, body).await;
    }
    let host = || headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let origin = server.base_url.as_deref().map_or_else(|| Origin::Host(host()), Origin::Fixed);
    let now_ms = server.now_ms();
    carry_out(action, Call { engine: &mut server.engine.borrow_mut(), now_ms, origin, body })
}

async fn receive(server: &Server, body: &Bytes) -> Result<Vec<u8>, SqsError> {
    let ask = Ask::read(&mut server.engine.borrow_mut(), body)?;
    let attempt = || ask.attempt(&mut server.engine.borrow_mut(), server.now_ms());
    if let Some(reply) = attempt()? {
        return Ok(reply);
    }
    if ask.wait_s == 0 {
        return Ok(NOTHING.to_vec());
    }
    let deadline = Instant::now() + Duration::from_secs(ask.wait_s);
    let waiting = Waiting::start(server, ask.queue_id)?;
    let wake = Rc::clone(&server.engine.borrow_mut().queue(ask.queue_id)?.wake);
    let mut stopping = server.stopping.clone();
    loop {
        tokio::select! {
            biased;
            () = wake.notified() => {}
            () = sleep_until(deadline) => break,
            _ = stopping.wait_for(|is_stopping| *is_stopping) => break,
        }
        if let Some(reply) = attempt()? {
            return Ok(reply);
        }
    }
    drop(waiting);
    Ok(NOTHING.to_vec())
}

/// Counts a long poll as waiting for as long as it does, even if its client goes away.
struct Waiting<'a> {
    server: &'a Server,
    queue_id: u32,
}

impl<'a> Waiting<'a> {
    fn start(server: &'a Server, queue_id: u32) -> Result<Self, SqsError> {
        server.engine.borrow_mut().queue(queue_id)?.waiting_count += 1;
        Ok(Self { server, queue_id })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // A queue that was deleted meanwhile counts nobody any more.
        if let Ok(queue) = self.server.engine.borrow_mut().queue(self.queue_id) {
            queue.waiting_count -= 1;
        }
    }
}

fn unreadable_body() -> SqsError {
    let text =
        format!("The request body must arrive within 30 s and have at most {REQUEST_BYTES_MAX} bytes.");
    SqsError::new(ErrorKind::InvalidParameterValue, text)
}

fn refuse(server: &Server, error: &SqsError) -> Response<Full<Bytes>> {
    let mut engine = server.engine.borrow_mut();
    engine.stats.calls_refused += 1;
    let json = serde_json::json!({ "__type": error.kind.shape(), "message": error.message });
    let status = if error.kind.is_sender_fault() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let mut reply =
        reply_with(&mut engine, status, "application/x-amz-json-1.0", json.to_string().into_bytes());
    let fault = if error.kind.is_sender_fault() { "Sender" } else { "Receiver" };
    if let Ok(code) = HeaderValue::from_str(&format!("{};{fault}", error.kind.query_code())) {
        reply.headers_mut().insert("x-amzn-query-error", code);
    }
    reply
}

fn reply_with(
    engine: &mut Engine,
    status: StatusCode,
    content_type: &'static str,
    json: Vec<u8>,
) -> Response<Full<Bytes>> {
    let mut request_id = Vec::with_capacity(36);
    push_uuid(&mut request_id, engine.ids.next_uuid());
    let mut reply = Response::new(Full::new(Bytes::from(json)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(request_id) = HeaderValue::from_maybe_shared(Bytes::from(request_id)) {
        headers.insert("x-amzn-requestid", request_id);
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultSettings;
    use crate::ident::Ids;
    use crate::limits::MEMORY_CAP_BYTES_DEFAULT;
    use tokio::task::{JoinHandle, LocalSet, spawn_local, yield_now};

    const URL: &str = "http://localhost/000000000000/q";

    fn server() -> (Rc<Server>, watch::Sender<bool>) {
        let (stop, stopping) = watch::channel(false);
        let engine = Engine::new(Ids::seeded(1), MEMORY_CAP_BYTES_DEFAULT, FaultSettings::default());
        let server = Rc::new(Server::new(engine, None, stopping));
        call(&server, Action::CreateQueue, r#"{"QueueName": "q"}"#);
        (server, stop)
    }

    fn call(server: &Server, action: Action, body: &str) -> String {
        let (now_ms, origin, body) = (server.now_ms(), Origin::Host("localhost"), body.as_bytes());
        let call = Call { engine: &mut server.engine.borrow_mut(), now_ms, origin, body };
        String::from_utf8(carry_out(action, call).unwrap()).unwrap()
    }

    fn send(server: &Server, delay_s: u64) {
        let body = format!(r#"{{"QueueUrl": "{URL}", "MessageBody": "x", "DelaySeconds": {delay_s}}}"#);
        call(server, Action::SendMessage, &body);
    }

    /// A long poll that is waiting when this returns.
    async fn poll(server: &Rc<Server>) -> JoinHandle<Result<Vec<u8>, SqsError>> {
        let server = Rc::clone(server);
        let polling = spawn_local(async move {
            let body = format!(r#"{{"QueueUrl": "{URL}", "WaitTimeSeconds": 20}}"#);
            receive(&server, &Bytes::from(body)).await
        });
        yield_now().await;
        polling
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_ends_as_soon_as_a_message_is_sent() {
        LocalSet::new()
            .run_until(async {
                let (server, _stop) = server();
                let polling = poll(&server).await;
                let before = Instant::now();
                send(&server, 0);
                assert!(polling.await.unwrap().unwrap().starts_with(b"{\"Messages\""));
                assert_eq!(before.elapsed(), Duration::ZERO);
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_without_messages_ends_empty_after_its_wait() {
        LocalSet::new()
            .run_until(async {
                let (server, _stop) = server();
                let before = Instant::now();
                assert_eq!(poll(&server).await.await.unwrap().unwrap(), NOTHING);
                assert_eq!(before.elapsed(), Duration::from_secs(20));
                assert_eq!(server.engine.borrow_mut().queue(0).unwrap().waiting_count, 0);
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_gets_a_delayed_message_when_it_comes_due() {
        LocalSet::new()
            .run_until(async {
                let (server, _stop) = server();
                let polling = poll(&server).await;
                send(&server, 5);
                tokio::time::advance(Duration::from_secs(5)).await;
                assert!(!polling.is_finished());
                server.engine.borrow_mut().promote_awaited(server.now_ms());
                assert!(polling.await.unwrap().unwrap().starts_with(b"{\"Messages\""));
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn each_message_ends_one_long_poll_and_the_others_wait_on() {
        LocalSet::new()
            .run_until(async {
                let (server, stop) = server();
                let polls = [poll(&server).await, poll(&server).await, poll(&server).await];
                send(&server, 0);
                send(&server, 0);
                tokio::time::advance(Duration::from_millis(1)).await;
                assert_eq!(polls.iter().filter(|polling| polling.is_finished()).count(), 2);
                stop.send_replace(true);
                for polling in polls {
                    polling.await.unwrap().unwrap();
                }
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_that_is_given_up_takes_no_message_with_it() {
        LocalSet::new()
            .run_until(async {
                let (server, _stop) = server();
                let (given_up, kept) = (poll(&server).await, poll(&server).await);
                send(&server, 0);
                given_up.abort();
                assert!(kept.await.unwrap().unwrap().starts_with(b"{\"Messages\""));
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn deleting_the_queue_ends_long_polls_with_an_error() {
        LocalSet::new()
            .run_until(async {
                let (server, _stop) = server();
                let polling = poll(&server).await;
                call(&server, Action::DeleteQueue, &format!(r#"{{"QueueUrl": "{URL}"}}"#));
                assert_eq!(polling.await.unwrap().unwrap_err().kind, ErrorKind::QueueDoesNotExist);
            })
            .await;
    }
}
