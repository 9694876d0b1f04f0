//! The intake as its consumer sees it: started, woken through a descriptor, emptied by lane, stopped.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::changes::{self, Purpose};
use crate::client::Client;
use crate::core::{Core, Phase};
use crate::counters::Counters;
use crate::deletes::{self, Deletion};
use crate::error::CallError;
use crate::lanes::Queued;
use crate::letters::{Letter, dead_letter};
use crate::options::Options;
use crate::polls;
use crate::wire::{Action, Ignored, QueueAttributes};

/// What became of the deliveries in hand at the end.
#[derive(Debug, Clone, Copy)]
pub struct StopReport {
    /// Everything was deleted, returned or released in time.
    pub clean: bool,
    /// Deliveries made visible again because nobody had decided on them.
    pub released: u64,
    /// Deliveries left to their visibility timeout.
    pub abandoned: u64,
}

/// What is the case at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Gauges {
    /// Deliveries in hand.
    pub in_flight: usize,
    /// Part of them that nobody has taken.
    pub buffered: usize,
    /// Receives under way.
    pub polls_active: usize,
    /// Times that connections were thrown away because a call hung, since the start.
    pub clients_rebuilt: u64,
    /// Deliveries that may still be received; None while nobody counts.
    pub allowance: Option<u64>,
}

/// A running intake, with a thread of its own.
pub struct Intake {
    core: Arc<Core>,
    runtime: Handle,
    /// Dropping the sender ends the thread.
    life: Mutex<Option<oneshot::Sender<()>>>,
}

impl Intake {
    /// Starts the thread, finds credentials, looks whether the queue is there, and begins to receive.
    pub fn start(options: Options) -> Result<Self, CallError> {
        let (life, ended) = oneshot::channel::<()>();
        let (ready, started) = oneshot::channel();
        thread::Builder::new()
            .name("payflow-sqs".to_owned())
            .spawn(move || live(options, ready, ended))
            .map_err(|error| CallError::Setting(format!("no thread for the intake: {error}")))?;
        let (core, runtime) = started
            .blocking_recv()
            .map_err(|_| CallError::Setting("the intake's thread died".to_owned()))??;
        Ok(Self { core, runtime, life: Mutex::new(Some(life)) })
    }

    /// What happened since the start.
    pub fn counters(&self) -> &Counters {
        &self.core.counters
    }

    /// What is the case now.
    pub fn gauges(&self) -> Gauges {
        let polls_active = self.core.polls_active.load(Ordering::Relaxed);
        let clients_rebuilt = self.core.client.rebuilt();
        self.core.with(|state| Gauges {
            in_flight: state.tracker.in_flight(),
            buffered: state.lanes.buffered(),
            polls_active,
            clients_rebuilt,
            allowance: state.allowance.left(),
        })
    }

    /// Descriptor that is readable when `ready` has something to say.
    pub fn fd(&self) -> i32 {
        self.core.wake.fd()
    }

    /// Lanes for which `take` found nothing and now has something, or never will.
    pub fn ready(&self) -> Vec<usize> {
        self.core.wake.lower();
        self.core.with(|state| state.lanes.drain_ready())
    }

    /// The next batch of `lane`; None if there is none yet: `ready` will name the lane. Never an empty batch.
    pub fn take(&self, lane: usize) -> Option<Vec<Queued>> {
        let taken = self.core.with(|state| {
            loop {
                let mut taken = state.lanes.take(lane, Instant::now())?;
                taken.retain(|queued| state.tracker.hand_out(queued.token));
                if !taken.is_empty() {
                    return Some(taken);
                }
            }
        });
        if taken.is_none() {
            self.core.ripening.notify_one();
        }
        taken
    }

    /// True once no lane gets anything any more.
    pub fn is_closed(&self) -> bool {
        self.core.with(|state| state.closed)
    }

    /// Puts deliveries into the delete buffer.
    pub fn acknowledge(&self, tokens: &[u64]) {
        self.core.acknowledge(tokens.iter().copied());
    }

    /// Makes each delivery visible after its delay, in seconds.
    pub fn retry(&self, returns: impl IntoIterator<Item = (u64, u32)>) {
        changes::give_back(&self.core, returns, Purpose::Retry);
    }

    /// Sends dead letters; blocks until SQS has answered. Returns the tokens of those that could not be sent.
    pub fn dead_letter(&self, letters: Vec<Letter>) -> Vec<u64> {
        let tokens = letters.iter().map(|letter| letter.token).collect();
        let (done, answer) = oneshot::channel();
        let core = Arc::clone(&self.core);
        self.runtime.spawn(async move { done.send(dead_letter(core, letters).await) });
        answer.blocking_recv().unwrap_or(tokens)
    }

    /// Stops or resumes receiving. What is in hand stays in hand.
    pub fn set_receiving(&self, receiving: bool) {
        self.core.phase.send_if_modified(|phase| {
            let wanted = if receiving { Phase::Receiving } else { Phase::Paused };
            let changes = *phase != Phase::Stopping && *phase != wanted;
            if changes {
                *phase = wanted;
            }
            changes
        });
    }

    /// Receives `more` deliveries beyond what is left of those allowed before; None lifts the count.
    pub fn allow(&self, more: Option<u64>) {
        self.core.with(|state| state.allowance.allow(more));
        self.core.room.notify_one();
    }

    /// Closes batches at so many deliveries from now on.
    pub fn set_batch_size_max(&self, size_max: usize) {
        self.core.with(|state| state.lanes.set_size_max(size_max));
        self.core.ripening.notify_one();
    }

    /// Stops for good; blocks for `limit` at most. The second caller gets None.
    pub fn stop(&self, limit: Duration) -> Option<StopReport> {
        let life = self.life.lock().expect("life lock").take()?;
        let (done, report) = oneshot::channel();
        let core = Arc::clone(&self.core);
        self.runtime.spawn(async move { done.send(wind_down(&core, limit).await) });
        let report = report.blocking_recv().ok();
        drop(life);
        report
    }
}

impl Core {
    /// Puts deliveries into the delete buffer; unknown and decided ones are left alone.
    pub fn acknowledge(&self, tokens: impl IntoIterator<Item = u64>) {
        let tickets: Vec<_> =
            self.with(|state| tokens.into_iter().filter_map(|token| state.tracker.delete(token)).collect());
        let decided_at = Instant::now();
        self.deletes.extend(tickets.into_iter().map(|ticket| Deletion { ticket, decided_at, attempts: 0 }));
    }
}

type Started = oneshot::Sender<Result<(Arc<Core>, Handle), CallError>>;

/// The thread: one runtime, whose tasks end with it.
fn live(options: Options, ready: Started, ended: oneshot::Receiver<()>) {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(CallError::Setting(format!("no runtime for the intake: {error}"))));
            return;
        }
    };
    runtime.block_on(async {
        match begin(options).await {
            Ok(core) => {
                if ready.send(Ok((core, Handle::current()))).is_ok() {
                    let _ = ended.await;
                }
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    });
}

async fn begin(options: Options) -> Result<Arc<Core>, CallError> {
    let client = Client::open(&options.target).await?;
    let request =
        QueueAttributes { queue_url: &options.target.queue_url, attribute_names: &["VisibilityTimeout"] };
    let answer: Result<Ignored, _> =
        client.ask(Action::GetQueueAttributes, &request, options.call_timeout).await;
    // A role that may only receive and delete is a good role: what counts is that the queue answers.
    if let Err(error) = answer
        && !error.kind().contains("AccessDenied")
    {
        return Err(error);
    }
    let core =
        Core::new(options, client).map_err(|error| CallError::Setting(format!("no sockets: {error}")))?;
    let core = Arc::new(core);
    tokio::spawn(polls::run(Arc::clone(&core)));
    tokio::spawn(polls::ripen(Arc::clone(&core)));
    tokio::spawn(deletes::run(Arc::clone(&core)));
    tokio::spawn(changes::run(Arc::clone(&core)));
    tokio::spawn(changes::keep_alive(Arc::clone(&core)));
    Ok(core)
}

/// Ends polls, releases what nobody took, waits for decisions on the rest, and at last releases that too.
async fn wind_down(core: &Core, limit: Duration) -> StopReport {
    let started = Instant::now();
    let left = || limit.saturating_sub(started.elapsed());
    let (released_before, abandoned_before) = (core.counters.released.get(), core.counters.abandoned.get());
    core.phase.send_replace(Phase::Stopping);
    let _ = timeout(left(), polls_ended(core)).await;
    let untaken = core.with(|state| {
        state.closed = true;
        state.lanes.close()
    });
    core.wake.raise();
    changes::give_back(core, untaken.into_iter().map(|token| (token, 0)), Purpose::Release);
    let kept_for_release = (limit / 5).min(Duration::from_secs(2));
    let in_time = timeout(left().saturating_sub(kept_for_release), core.emptied()).await.is_ok();
    if !in_time {
        let undecided = core.with(|state| state.tracker.undecided());
        changes::give_back(core, undecided.into_iter().map(|token| (token, 0)), Purpose::Release);
        let _ = timeout(left(), core.emptied()).await;
    }
    let in_flight = core.with(|state| state.tracker.in_flight()) as u64;
    let abandoned = core.counters.abandoned.get() - abandoned_before + in_flight;
    StopReport { clean: abandoned == 0, released: core.counters.released.get() - released_before, abandoned }
}

async fn polls_ended(core: &Core) {
    let mut ended = core.polls_ended.subscribe();
    let _ = ended.wait_for(|ended| *ended).await;
}
