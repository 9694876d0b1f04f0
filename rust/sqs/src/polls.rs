//! Receiving: one long poll when the queue is idle, more while they come back full.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::allowance::Share;
use crate::carried::{self, Carried};
use crate::core::{Core, Phase};
use crate::error::CallError;
use crate::lane::lane_of;
use crate::lanes::Queued;
use crate::options::backoff;
use crate::wire::{Action, Message, Receive, Received};

/// A poll under way gets this long to come back with what SQS may just be handing out; then it is dropped.
const PARTING_GRACE: Duration = Duration::from_millis(250);

/// Deliveries below which a poll is one too many.
const SPARSE: usize = 3;

/// How many polls to keep under way, and whether to hold off after failures.
struct Pace {
    target: usize,
    max: usize,
    /// Polls in a row that came back full.
    full: usize,
    failures: u32,
    hold_until: Option<tokio::time::Instant>,
}

impl Pace {
    /// Each full poll asks for one more, so their number doubles with each round trip; sparse ones take one away.
    fn came_back(&mut self, count: usize, asked: usize) {
        self.failures = 0;
        if count >= asked {
            self.full += 1;
            self.target = (self.target + 1).min(self.max);
            return;
        }
        self.full = 0;
        if count < SPARSE {
            self.target = self.target.saturating_sub(1).max(1);
        }
    }

    /// True if as many polls as can be under way all came back full: more waits than they bring.
    fn backlog(&self) -> bool {
        self.full >= self.max
    }

    fn failed(&mut self, error: &CallError, backoff_max: Duration) {
        self.failures = self.failures.saturating_add(1);
        self.target = if error.is_throttle() { (self.target / 2).max(1) } else { 1 };
        self.hold_until = Some(tokio::time::Instant::now() + backoff(self.failures, backoff_max));
    }
}

/// Keeps polls under way until the intake stops.
pub async fn run(core: Arc<Core>) {
    let mut phase = core.phase.subscribe();
    let mut polls = JoinSet::new();
    let mut pace = Pace { target: 1, max: core.options.polls_max, full: 0, failures: 0, hold_until: None };
    loop {
        let receiving = match *phase.borrow_and_update() {
            Phase::Stopping if polls.is_empty() => {
                core.polls_active.store(0, Ordering::Relaxed);
                core.polls_ended.send_replace(true);
                return;
            }
            Phase::Receiving => pace.hold_until.is_none(),
            Phase::Stopping | Phase::Paused => false,
        };
        while receiving
            && polls.len() < pace.target
            && let Some(share) = core.reserve()
        {
            polls.spawn(poll(Arc::clone(&core), share));
        }
        core.polls_active.store(polls.len(), Ordering::Relaxed);
        let hold_until = pace.hold_until;
        tokio::select! {
            Some(done) = polls.join_next() => {
                match done.unwrap_or_else(|panic| Err(CallError::Protocol(panic.to_string()))) {
                    Ok(Some((count, asked))) => {
                        pace.came_back(count, asked);
                        if core.with(|state| state.lanes.set_backlog(pace.backlog())) {
                            core.ripening.notify_one();
                        }
                    }
                    Ok(None) => pace.target = 1,
                    Err(error) => {
                        core.counters.failed(&core.counters.receive_calls_failed, &error);
                        pace.failed(&error, core.options.poll_backoff_max);
                    }
                }
            }
            () = core.room.notified(), if receiving => {}
            () = sleep_until(hold_until.unwrap_or_else(tokio::time::Instant::now)), if hold_until.is_some() => {
                pace.hold_until = None;
            }
            _ = phase.changed() => {}
        }
    }
}

/// One receive. Returns how many deliveries it brought, and of how many that it asked for; None if it was dropped
/// because receiving ended.
async fn poll(core: Arc<Core>, share: Share) -> Result<Option<(usize, usize)>, CallError> {
    let mut reserved = Reserved { core, share, received: 0 };
    let received = receive(&reserved.core, share.size).await?;
    reserved.received = received.unwrap_or(0);
    Ok(received.map(|count| (count, share.size)))
}

/// What one receive was given. However it ends, what it did not use goes back.
struct Reserved {
    core: Arc<Core>,
    share: Share,
    received: usize,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.core.unreserve(self.share, self.received);
    }
}

async fn receive(core: &Core, size: usize) -> Result<Option<usize>, CallError> {
    const ATTRIBUTES: &[&str] = &["SentTimestamp", "ApproximateReceiveCount"];
    let options = &core.options;
    let request = Receive {
        queue_url: &options.target.queue_url,
        max_number_of_messages: size,
        wait_time_seconds: options.wait_time_s,
        visibility_timeout: options.visibility_timeout_s,
        message_system_attribute_names: ATTRIBUTES,
        message_attribute_names: &[carried::ATTRIBUTE],
    };
    core.counters.receive_calls.add(1);
    let deadline = Duration::from_secs(u64::from(options.wait_time_s)) + options.poll_slack;
    let answer = core.client.call(Action::ReceiveMessage, &request, deadline);
    tokio::pin!(answer);
    let mut phase = core.phase.subscribe();
    let bytes = tokio::select! {
        bytes = &mut answer => bytes?,
        () = left_receiving(&mut phase) => match timeout(PARTING_GRACE, answer).await {
            Ok(bytes) => bytes?,
            Err(_) => return Ok(None),
        },
    };
    let received: Received<'_> =
        serde_json::from_slice(&bytes).map_err(|error| CallError::Protocol(error.to_string()))?;
    Ok(Some(admit(core, received)))
}

async fn left_receiving(phase: &mut watch::Receiver<Phase>) {
    let _ = phase.wait_for(|phase| *phase != Phase::Receiving).await;
}

/// Takes what a poll brought in hand and puts it into its lanes.
fn admit(core: &Core, received: Received<'_>) -> usize {
    let messages = received.messages.unwrap_or_default();
    let count = messages.len();
    if count == 0 {
        return 0;
    }
    let arrived = Instant::now();
    let received_at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
    let lanes = core.options.lanes;
    let placed: Vec<_> = messages
        .into_iter()
        .map(|message| (lane_of(message.body.as_bytes(), &message.id, lanes), message))
        .collect();
    core.counters.received.add(count as u64);
    core.with(|state| {
        for (lane, message) in placed {
            let (receipt, mut queued) = queued(message, received_at_ms, arrived);
            queued.token = state.tracker.admit(receipt, queued.receive_count <= 1, arrived);
            state.lanes.push(lane, queued);
        }
    });
    core.ripening.notify_one();
    count
}

/// The receipt of a message and what waits in a lane; who waited in the database is who it was before.
fn queued(message: Message<'_>, received_at_ms: i64, arrived: Instant) -> (Arc<str>, Queued) {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    let receive_count = number(message.attributes.approximate_receive_count.as_deref()).unwrap_or(1) as u32;
    let sent_at_ms = number(message.attributes.sent_timestamp.as_deref()).unwrap_or(received_at_ms);
    let attribute = message.own_attributes.payflow_deferred.and_then(|attribute| attribute.string_value);
    let queued = match attribute.and_then(|text| Carried::read(&text)) {
        None => Queued {
            token: 0,
            body: message.body,
            message_id: message.id.into_owned(),
            receive_count,
            sent_at_ms,
            received_at_ms,
            carried: None,
            arrived,
        },
        Some(carried) => Queued {
            token: 0,
            body: message.body,
            message_id: carried.message_id,
            receive_count: receive_count.saturating_add(carried.receives),
            sent_at_ms: carried.sent_at_ms,
            received_at_ms,
            carried: Some((carried.attempts, carried.receives)),
            arrived,
        },
    };
    (message.receipt_handle.into(), queued)
}

/// Wakes the consumer whenever a lane that it waits for has a ripe batch.
pub async fn ripen(core: Arc<Core>) {
    loop {
        let (next, ready) = core.with(|state| (state.lanes.ripen(Instant::now()), state.lanes.has_ready()));
        if ready {
            core.wake.raise();
        }
        match next {
            Some(due) => {
                tokio::select! {
                    () = sleep_until(due.into()) => {}
                    () = core.ripening.notified() => {}
                }
            }
            None => core.ripening.notified().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CallError, Duration, Pace};

    fn pace() -> Pace {
        Pace { target: 1, max: 4, full: 0, failures: 0, hold_until: None }
    }

    #[test]
    fn full_polls_ask_for_more_up_to_the_bound_and_sparse_ones_for_fewer_down_to_one() {
        let mut pace = pace();
        for _ in 0..9 {
            pace.came_back(10, 10);
        }
        assert_eq!(pace.target, 4);
        assert!(pace.backlog());
        pace.came_back(5, 10);
        assert!(!pace.backlog());
        assert_eq!(pace.target, 4);
        for _ in 0..9 {
            pace.came_back(0, 10);
        }
        assert_eq!(pace.target, 1);
        pace.came_back(2, 2);
        assert_eq!(pace.target, 2, "it brought all that it was allowed to ask for");
    }

    #[tokio::test]
    async fn throttling_halves_the_polls_and_other_failures_leave_one() {
        let mut pace = Pace { target: 4, ..pace() };
        let throttled = CallError::Service {
            code: "ThrottlingException".to_owned(),
            message: String::new(),
            status: 400,
        };
        pace.failed(&throttled, Duration::from_secs(1));
        assert_eq!(pace.target, 2);
        assert!(pace.hold_until.is_some());
        pace.target = 4;
        pace.failed(&CallError::Deadline, Duration::from_secs(1));
        assert_eq!((pace.target, pace.failures), (1, 2));
    }
}
