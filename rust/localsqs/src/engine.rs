//! All queues of the server, and what crosses from one to another.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::{ErrorKind, SqsError};
use crate::faults::{FaultSettings, Faults};
use crate::ident::{Ids, mix};
use crate::limits::{IN_FLIGHT_MAX, NAME_CHARS_MAX, QUEUES_MAX};
use crate::memory::MemoryGauge;
use crate::message::Content;
use crate::move_tasks::MoveTasks;
use crate::queue::{Ask, Queue};
use crate::settings::{QueueSettings, no_fifo};
use crate::stats::Stats;

/// The account that all queues belong to.
pub const ACCOUNT_ID: &str = "000000000000";
const ARN_PREFIX: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// The state of the server. It never reads a clock and never waits.
#[derive(Debug)]
pub struct Engine {
    /// Fault switches.
    pub faults: Faults,
    /// Makes ids.
    pub ids: Ids,
    /// The memory cap.
    pub memory: Rc<MemoryGauge>,
    /// Counters.
    pub stats: Stats,
    /// Message move tasks.
    pub move_tasks: MoveTasks,
    /// This run of the server; receipt handles of other runs are old.
    pub epoch: u32,
    queues: Vec<Option<Box<Queue>>>,
    ids_by_name: BTreeMap<String, u32>,
}

impl Engine {
    /// A server without queues.
    pub fn new(mut ids: Ids, memory_cap_bytes: u64, faults: FaultSettings) -> Self {
        Self {
            faults: Faults::new(faults),
            memory: Rc::new(MemoryGauge::new(memory_cap_bytes)),
            stats: Stats::default(),
            move_tasks: MoveTasks::default(),
            epoch: mix(ids.next_u64()) as u32,
            ids,
            queues: Vec::new(),
            ids_by_name: BTreeMap::new(),
        }
    }

    /// Forgets queues, messages, tasks and counters, and turns all switches off.
    pub fn reset(&mut self) {
        for name in self.names().map(str::to_owned).collect::<Vec<_>>() {
            self.delete_queue(&name);
        }
        self.faults = Faults::new(FaultSettings::default());
        self.stats = Stats::default();
        self.move_tasks = MoveTasks::default();
    }

    /// Names of all queues, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ids_by_name.keys().map(String::as_str)
    }

    /// All queues, in order of their names.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.ids_by_name.values().filter_map(|id| self.queues.get(*id as usize)?.as_deref())
    }

    /// All queues, in order of their making.
    pub fn queues_mut(&mut self) -> impl Iterator<Item = &mut Queue> {
        self.queues.iter_mut().flatten().map(Box::as_mut)
    }

    /// The queue with the number `id`.
    pub fn queue(&mut self, id: u32) -> Result<&mut Queue, SqsError> {
        self.queues.get_mut(id as usize).and_then(Option::as_deref_mut).ok_or_else(SqsError::no_queue)
    }

    /// The number of the queue with that name.
    pub fn id_by_name(&self, name: &str) -> Result<u32, SqsError> {
        self.ids_by_name.get(name).copied().ok_or_else(SqsError::no_queue)
    }

    /// The number of the queue at `url`; host and port are not looked at, since a queue has one name everywhere.
    pub fn id_by_url(&self, url: &str) -> Result<u32, SqsError> {
        if url.is_empty() {
            return Err(SqsError::missing("QueueUrl"));
        }
        let mut parts = url.rsplit('/');
        match (parts.next(), parts.next()) {
            (Some(name), Some(ACCOUNT_ID) | None) => self.id_by_name(name),
            _ => Err(SqsError::new(
                ErrorKind::InvalidAddress,
                format!(
                    "The address {url} is not valid for this endpoint; it must end in /{ACCOUNT_ID}/NAME."
                ),
            )),
        }
    }

    /// The number of the queue with that ARN, if it is there.
    pub fn id_by_arn(&self, arn: &str) -> Option<u32> {
        self.ids_by_name.get(arn.strip_prefix(ARN_PREFIX)?).copied()
    }

    /// Makes a queue, or finds the one that is already there with the same attributes.
    pub fn create_queue(
        &mut self,
        now_ms: u64,
        name: &str,
        attributes: &BTreeMap<String, String>,
        tags: BTreeMap<String, String>,
    ) -> Result<u32, SqsError> {
        check_name(name)?;
        if let Ok(id) = self.id_by_name(name) {
            let existing = &self.queue(id)?.settings;
            let Some(differs) = existing.difference(&existing.with(attributes)?) else { return Ok(id) };
            let text = format!(
                "A queue already exists with the same name and a different value for attribute {differs}"
            );
            return Err(SqsError::new(ErrorKind::QueueNameExists, text));
        }
        if self.ids_by_name.len() >= QUEUES_MAX {
            return Err(SqsError::new(
                ErrorKind::OverLimit,
                format!("This server keeps at most {QUEUES_MAX} queues."),
            ));
        }
        let settings = QueueSettings::default().with(attributes)?;
        self.check_redrive(&settings)?;
        Ok(self.add_queue(now_ms, name, settings, tags))
    }

    /// Adds a queue that was checked before.
    pub fn add_queue(
        &mut self,
        now_ms: u64,
        name: &str,
        settings: QueueSettings,
        tags: BTreeMap<String, String>,
    ) -> u32 {
        let id = self.queues.len() as u32;
        let mut queue = Queue::new(id, name.to_owned(), settings, now_ms, Rc::clone(&self.memory));
        queue.tags = tags;
        self.queues.push(Some(Box::new(queue)));
        self.ids_by_name.insert(name.to_owned(), id);
        id
    }

    /// Refuses a redrive policy whose queue is not there.
    pub fn check_redrive(&self, settings: &QueueSettings) -> Result<(), SqsError> {
        let Some(policy) = &settings.redrive else { return Ok(()) };
        if self.id_by_arn(&policy.dead_letter_target_arn).is_some() {
            return Ok(());
        }
        let reason = "Dead letter target does not exist.";
        Err(SqsError::invalid(&policy.dead_letter_target_arn, "RedrivePolicy", reason))
    }

    /// Deletes a queue with all its messages and wakes those who wait on it.
    pub fn delete_queue(&mut self, name: &str) {
        let Some(id) = self.ids_by_name.remove(name) else { return };
        if let Some(mut queue) = self.queues.get_mut(id as usize).and_then(Option::take) {
            queue.purge();
            queue.wake.notify_waiters();
        }
    }

    /// Queues whose dead-letter queue is the one with that ARN, in order of their names.
    pub fn dead_letter_sources<'a>(&'a self, arn: &'a str) -> impl Iterator<Item = &'a str> {
        self.queues()
            .filter(move |queue| {
                queue.settings.redrive.as_ref().is_some_and(|policy| policy.dead_letter_target_arn == arn)
            })
            .map(|queue| queue.name.as_str())
    }

    /// Adds a message to a queue, visible after `delay_s` and what the delay switch adds.
    pub fn push(&mut self, id: u32, content: Content, now_ms: u64, delay_s: u64) -> Result<(), SqsError> {
        let serial = self.queue(id)?.serial_next();
        let visible_ms = now_ms + delay_s * 1_000 + self.faults.delay_ms(serial);
        self.queue(id)?.push(Rc::new(content), now_ms, visible_ms);
        Ok(())
    }

    /// Takes up to `count_max` messages out of a queue and hides them; moves those received too often.
    ///
    /// A short poll that meets the limit of messages in flight is refused; a long poll just gets nothing.
    pub fn receive(
        &mut self,
        id: u32,
        now_ms: u64,
        count_max: usize,
        visibility_s: Option<u64>,
        is_long_poll: bool,
    ) -> Result<Vec<u32>, SqsError> {
        let redrive = self.queue(id)?.settings.redrive.clone();
        let target = redrive.as_ref().and_then(|policy| self.id_by_arn(&policy.dead_letter_target_arn));
        let receives_max = redrive.filter(|_| target.is_some()).map(|policy| policy.max_receive_count);
        let Some(queue) = self.queues.get_mut(id as usize).and_then(Option::as_deref_mut) else {
            return Err(SqsError::no_queue());
        };
        let timeout_s = visibility_s.unwrap_or(queue.settings.visibility_timeout_s);
        let taken = queue.take(
            Ask { count_max, visibility_ms: timeout_s * 1_000, receives_max },
            now_ms,
            &mut self.faults,
        );
        let is_over_limit = taken.slots.is_empty() && queue.counts().in_flight >= IN_FLIGHT_MAX;
        let source_arn = arn(&queue.name);
        if let Some(target) = target {
            for content in taken.dead {
                let content = Rc::new(content.dead_lettered(&source_arn));
                self.queue(target)?.push(content, now_ms, now_ms);
            }
        }
        if is_over_limit && !is_long_poll {
            let text = format!(
                "Too many messages in flight: {IN_FLIGHT_MAX}. Delete some, or wait for their timeout."
            );
            return Err(SqsError::new(ErrorKind::OverLimit, text));
        }
        Ok(taken.slots)
    }

    /// What must happen without a call: messages due become visible for those who wait, old ones go.
    pub fn tick(&mut self, now_ms: u64) {
        for queue in self.queues_mut() {
            queue.promote(now_ms);
            queue.expire(now_ms);
        }
        crate::move_tasks::step(self, now_ms);
    }

    /// Makes messages visible that are due, in queues on which a long poll waits.
    pub fn promote_awaited(&mut self, now_ms: u64) {
        self.queues_mut().filter(|queue| queue.waiting_count > 0).for_each(|queue| queue.promote(now_ms));
    }
}

/// The ARN of the queue with that name.
pub fn arn(name: &str) -> String {
    format!("{ARN_PREFIX}{name}")
}

fn check_name(name: &str) -> Result<(), SqsError> {
    if name.is_empty() {
        return Err(SqsError::missing("QueueName"));
    }
    if std::path::Path::new(name).extension().is_some_and(|suffix| suffix == "fifo") {
        return Err(no_fifo(&format!("queue name {name}")));
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.len() <= NAME_CHARS_MAX && name.bytes().all(is_allowed) {
        return Ok(());
    }
    let reason = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.";
    Err(SqsError::invalid(name, "QueueName", reason))
}
