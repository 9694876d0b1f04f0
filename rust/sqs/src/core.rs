//! What the tasks of one intake share.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use tokio::sync::{Notify, watch};

use crate::allowance::{Allowance, Share};
use crate::buffer::Buffer;
use crate::changes::Change;
use crate::client::Client;
use crate::counters::Counters;
use crate::deletes::Deletion;
use crate::lanes::Lanes;
use crate::options::Options;
use crate::tracker::Tracker;
use crate::wake::Wake;

/// Whether the intake receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Polls run.
    Receiving,
    /// No polls; what is in hand stays.
    Paused,
    /// No polls, for good.
    Stopping,
}

/// Deliveries in hand and their lanes; locked for microseconds at a time.
pub struct State {
    /// Every delivery.
    pub tracker: Tracker,
    /// Those that nobody has taken.
    pub lanes: Lanes,
    /// What may still be received.
    pub allowance: Allowance,
    /// True once lanes stay empty.
    pub closed: bool,
}

/// The parts of an intake.
pub struct Core {
    /// Settings.
    pub options: Options,
    /// Calls SQS.
    pub client: Client,
    /// What is in hand.
    pub state: Mutex<State>,
    /// Wakes the consumer.
    pub wake: Wake,
    /// What happened.
    pub counters: Counters,
    /// Deliveries to delete.
    pub deletes: Buffer<Deletion>,
    /// Deliveries to extend or to return.
    pub changes: Buffer<Change>,
    /// Receives, or not.
    pub phase: watch::Sender<Phase>,
    /// Signalled when room for receives may have come free.
    pub room: Notify,
    /// Signalled when the moment at which the next batch closes may have changed.
    pub ripening: Notify,
    /// Signalled when nothing is in hand.
    pub idle: Notify,
    /// Polls under way.
    pub polls_active: AtomicUsize,
    /// True once no poll will bring anything any more.
    pub polls_ended: watch::Sender<bool>,
}

impl Core {
    /// Puts the parts together; nothing runs yet.
    pub fn new(options: Options, client: Client) -> std::io::Result<Self> {
        let tracker = Tracker::new(
            options.in_flight_max,
            options.visibility_timeout(),
            options.extension_total_max,
            Instant::now(),
        );
        let lanes = Lanes::new(options.lanes, options.batch_size_max, options.batch_age_max);
        Ok(Self {
            client,
            state: Mutex::new(State { tracker, lanes, allowance: Allowance::default(), closed: false }),
            wake: Wake::new()?,
            counters: Counters::default(),
            deletes: Buffer::new(options.delete_batch_age),
            changes: Buffer::new(options.delete_batch_age),
            phase: watch::Sender::new(if options.paused { Phase::Paused } else { Phase::Receiving }),
            room: Notify::new(),
            ripening: Notify::new(),
            idle: Notify::new(),
            polls_active: AtomicUsize::new(0),
            polls_ended: watch::Sender::new(false),
            options,
        })
    }

    /// Runs `work` on the shared state.
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().expect("state lock"))
    }

    /// Sets aside room and allowance for one receive. None while the pipeline lags or the allowance is used up.
    pub fn reserve(&self) -> Option<Share> {
        self.with(|state| {
            if !state.tracker.reserve() {
                return None;
            }
            let share = state.allowance.take();
            if share.is_none() {
                state.tracker.unreserve();
            }
            share
        })
    }

    /// Gives back what a receive did not use, now that it is over.
    pub fn unreserve(&self, share: Share, received: usize) {
        self.with(|state| {
            state.tracker.unreserve();
            state.allowance.give_back(share, received);
        });
    }

    /// Lets go of deliveries that SQS has taken the decision on, or that are given up.
    pub fn settle(&self, tokens: impl IntoIterator<Item = u64>) {
        let in_flight = self.with(|state| {
            for token in tokens {
                state.tracker.settle(token);
            }
            state.tracker.in_flight()
        });
        self.room.notify_one();
        if in_flight == 0 {
            self.idle.notify_waiters();
        }
    }

    /// Waits until nothing is in hand.
    pub async fn emptied(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.with(|state| state.tracker.in_flight()) == 0 {
                return;
            }
            idle.await;
        }
    }
}
