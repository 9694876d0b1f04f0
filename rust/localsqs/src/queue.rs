//! One queue: which messages it holds, which of them a receive may take, and when the others come back.
//!
//! Messages lie in slots; a deque of tickets says in which order they are visible, timers say when hidden ones
//! become so. No operation looks through the messages: tickets and timers of messages that are gone are dropped when
//! they come up. Time comes in as an argument.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use tokio::sync::Notify;

use crate::error::{ErrorKind, SqsError};
use crate::faults::{CopyPlace, Faults};
use crate::limits::IN_FLIGHT_MAX;
use crate::memory::MemoryGauge;
use crate::message::{Content, Message, Place};
use crate::receipt::Receipt;
use crate::settings::QueueSettings;
use crate::timers::{Timer, Timers};

/// Receives after which a message that comes back stands behind all others instead of before them.
const RECEIVES_AT_FRONT: u32 = 3;

/// A queue with its messages.
#[derive(Debug)]
pub struct Queue {
    /// Its number in this run of the server.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// What clients set on it.
    pub settings: QueueSettings,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was made, in ms since the epoch.
    pub created_ms: u64,
    /// When its settings last changed, in ms since the epoch.
    pub modified_ms: u64,
    /// When it was last purged, in ms since the epoch.
    pub purged_ms: Option<u64>,
    /// Long polls that wait on it.
    pub waiting_count: usize,
    /// Woken once for each message that becomes visible while long polls wait.
    pub wake: Rc<Notify>,
    slots: Vec<Option<Message>>,
    free: Vec<u32>,
    ready: VecDeque<Ticket>,
    timers: Timers,
    counts: Counts,
    serial_next: u64,
    memory: Rc<MemoryGauge>,
}

/// How many messages stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Visible.
    pub ready: usize,
    /// Sent with a delay that has not passed.
    pub delayed: usize,
    /// Received, neither deleted nor visible again.
    pub in_flight: usize,
}

#[derive(Clone, Copy, Debug)]
struct Ticket {
    slot: u32,
    serial: u64,
}

/// What one receive takes out of a queue.
#[derive(Debug, Default)]
pub struct Taken {
    /// Slots of the messages to hand out.
    pub slots: Vec<u32>,
    /// Messages that were received too often, for the dead-letter queue.
    pub dead: Vec<Rc<Content>>,
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Most messages to hand out.
    pub count_max: usize,
    /// How long they stay hidden, in ms.
    pub visibility_ms: u64,
    /// Receives after which a message is dead, if there is a dead-letter queue to take it.
    pub receives_max: Option<u64>,
}

impl Queue {
    /// An empty queue.
    pub fn new(id: u32, name: String, settings: QueueSettings, now_ms: u64, memory: Rc<MemoryGauge>) -> Self {
        Self {
            id,
            name,
            settings,
            tags: BTreeMap::new(),
            created_ms: now_ms,
            modified_ms: now_ms,
            purged_ms: None,
            waiting_count: 0,
            wake: Rc::new(Notify::new()),
            slots: Vec::new(),
            free: Vec::new(),
            ready: VecDeque::new(),
            timers: Timers::default(),
            counts: Counts::default(),
            serial_next: 1,
            memory,
        }
    }

    /// How many messages stand where.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The serial that the next message gets.
    pub fn serial_next(&self) -> u64 {
        self.serial_next
    }

    /// The message in `slot`, which a receive just handed out.
    pub fn message(&self, slot: u32) -> Option<&Message> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// All messages, in no order.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.slots.iter().flatten()
    }

    /// Visible messages in the order in which they would be handed out, then the hidden ones.
    pub fn messages_in_order(&self) -> impl Iterator<Item = &Message> {
        let is_current =
            |message: &&Message, serial| message.serial == serial && message.place == Place::Ready;
        let visible = self.ready.iter().filter_map(move |ticket| {
            self.message(ticket.slot).filter(|message| is_current(message, ticket.serial))
        });
        visible.chain(self.messages().filter(|message| message.place != Place::Ready))
    }

    /// Adds a message that becomes visible at `visible_ms`.
    pub fn push(&mut self, content: Rc<Content>, now_ms: u64, visible_ms: u64) {
        self.restore(content, now_ms, visible_ms, (0, 0));
    }

    /// Adds a message with the count of its receives and the time of the first, as a snapshot has it.
    pub fn restore(&mut self, content: Rc<Content>, now_ms: u64, visible_ms: u64, received: (u32, u64)) {
        let serial = self.serial_next;
        self.serial_next += 1;
        self.memory.add(content.memory_bytes());
        let (receive_count, first_received_ms) = received;
        let is_late = visible_ms > now_ms;
        let place = if is_late { Place::Delayed } else { Place::Ready };
        let message = Message {
            content,
            serial,
            until_ms: visible_ms,
            first_received_ms,
            receive_count,
            place,
            is_copy: false,
        };
        let slot = self.store(message);
        if is_late {
            self.counts.delayed += 1;
            self.timers.push(Timer { due_ms: visible_ms, serial, slot });
        } else {
            self.show(Ticket { slot, serial }, CopyPlace::Last);
        }
    }

    fn store(&mut self, message: Message) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(message);
            return slot;
        }
        self.slots.push(Some(message));
        (self.slots.len() - 1) as u32
    }

    fn show(&mut self, ticket: Ticket, place: CopyPlace) {
        match place {
            CopyPlace::Next => self.ready.push_front(ticket),
            CopyPlace::Last => self.ready.push_back(ticket),
        }
        self.counts.ready += 1;
        if self.waiting_count > 0 {
            self.wake.notify_one();
        }
    }

    /// Makes all visible whose delay or visibility timeout has ended by `now_ms`.
    pub fn promote(&mut self, now_ms: u64) {
        loop {
            let slots = &self.slots;
            let Some(timer) = self.timers.pop(now_ms, |timer| is_live(slots, timer)) else { return };
            if !is_live(&self.slots, &timer) {
                continue;
            }
            let Some(message) = self.slots[timer.slot as usize].as_mut() else { continue };
            let place = match message.place {
                Place::InFlight if message.receive_count < RECEIVES_AT_FRONT => CopyPlace::Next,
                _ => CopyPlace::Last,
            };
            match message.place {
                Place::Delayed => self.counts.delayed -= 1,
                Place::InFlight => self.counts.in_flight -= 1,
                Place::Ready => continue,
            }
            message.place = Place::Ready;
            self.show(Ticket { slot: timer.slot, serial: timer.serial }, place);
        }
    }

    /// Drops messages past their retention, as far as they are next in line.
    pub fn expire(&mut self, now_ms: u64) {
        while let Some(ticket) = self.ready.front().copied() {
            let is_kept = self.visible(ticket).is_some_and(|message| !self.is_expired(message, now_ms));
            if is_kept {
                return;
            }
            self.ready.pop_front();
            self.drop_visible(ticket);
        }
    }

    fn is_expired(&self, message: &Message, now_ms: u64) -> bool {
        message.content.sent_ms + self.settings.retention_s * 1_000 <= now_ms
    }

    fn visible(&self, ticket: Ticket) -> Option<&Message> {
        self.message(ticket.slot)
            .filter(|message| message.serial == ticket.serial && message.place == Place::Ready)
    }

    fn drop_visible(&mut self, ticket: Ticket) {
        if self.visible(ticket).is_some() {
            self.remove(ticket.slot);
        }
    }

    /// Takes messages out for one receive. `IN_FLIGHT_MAX` bounds what it hands out.
    pub fn take(&mut self, ask: Ask, now_ms: u64, faults: &mut Faults) -> Taken {
        self.promote(now_ms);
        let mut taken = Taken::default();
        let count_max = ask.count_max.min(IN_FLIGHT_MAX.saturating_sub(self.counts.in_flight));
        while taken.slots.len() < count_max {
            let ahead = faults.places_ahead(self.ready.len());
            if ahead > 0 {
                self.ready.swap(0, ahead);
            }
            let Some(ticket) = self.ready.pop_front() else { break };
            let Some(message) = self.visible(ticket) else { continue };
            if self.is_expired(message, now_ms) {
                self.remove(ticket.slot);
            } else if ask.receives_max.is_some_and(|max| u64::from(message.receive_count) >= max) {
                taken.dead.push(Rc::clone(&message.content));
                self.remove(ticket.slot);
            } else {
                self.hand_out(ticket, ask.visibility_ms, now_ms, faults);
                taken.slots.push(ticket.slot);
            }
        }
        taken
    }

    fn hand_out(&mut self, ticket: Ticket, visibility_ms: u64, now_ms: u64, faults: &Faults) {
        let Some(message) = self.slots[ticket.slot as usize].as_mut() else { return };
        message.receive_count += 1;
        message.place = Place::InFlight;
        message.until_ms = now_ms + visibility_ms;
        if message.receive_count == 1 {
            message.first_received_ms = now_ms;
        }
        let is_first = message.receive_count == 1 && !message.is_copy;
        let content = is_first.then(|| Rc::clone(&message.content));
        self.timers.push(Timer { due_ms: message.until_ms, serial: ticket.serial, slot: ticket.slot });
        self.counts.ready -= 1;
        self.counts.in_flight += 1;
        if let (Some(content), Some(place)) = (content, faults.duplicate(ticket.serial)) {
            self.copy(content, place, now_ms);
        }
    }

    fn copy(&mut self, content: Rc<Content>, place: CopyPlace, now_ms: u64) {
        let serial = self.serial_next;
        self.serial_next += 1;
        self.memory.add(content.memory_bytes());
        let slot = self.store(Message {
            content,
            serial,
            until_ms: now_ms,
            first_received_ms: 0,
            receive_count: 0,
            place: Place::Ready,
            is_copy: true,
        });
        self.show(Ticket { slot, serial }, place);
    }

    /// Takes the next visible message away for good, for a message move task.
    pub fn take_away(&mut self, now_ms: u64) -> Option<Rc<Content>> {
        self.promote(now_ms);
        self.expire(now_ms);
        let ticket = self.ready.pop_front()?;
        let content = self.visible(ticket).map(|message| Rc::clone(&message.content))?;
        self.remove(ticket.slot);
        Some(content)
    }

    /// Deletes the message of `receipt`. An old receipt deletes nothing, and that is no error.
    pub fn delete(&mut self, receipt: &Receipt) -> bool {
        let is_current = self.message(receipt.slot).is_some_and(|message| {
            message.serial == receipt.serial && message.receive_count == receipt.receive_number
        });
        if !is_current {
            return false;
        }
        self.remove(receipt.slot);
        true
    }

    /// Hides the message of `receipt` for `visibility_ms` from now on; 0 shows it at once.
    pub fn change_visibility(
        &mut self,
        receipt: &Receipt,
        visibility_ms: u64,
        now_ms: u64,
    ) -> Result<(), SqsError> {
        self.promote(now_ms);
        let message = self.slots.get_mut(receipt.slot as usize).and_then(Option::as_mut);
        let message = message
            .filter(|message| {
                message.serial == receipt.serial && message.receive_count == receipt.receive_number
            })
            .ok_or_else(not_available)?;
        if message.place != Place::InFlight {
            return Err(SqsError::new(
                ErrorKind::MessageNotInflight,
                "The specified message isn't in flight.",
            ));
        }
        message.until_ms = now_ms + visibility_ms;
        self.timers.push(Timer { due_ms: message.until_ms, serial: receipt.serial, slot: receipt.slot });
        self.compact();
        self.promote(now_ms);
        Ok(())
    }

    fn remove(&mut self, slot: u32) {
        let Some(message) = self.slots[slot as usize].take() else { return };
        self.memory.sub(message.content.memory_bytes());
        self.free.push(slot);
        match message.place {
            Place::Ready => self.counts.ready -= 1,
            Place::Delayed => self.counts.delayed -= 1,
            Place::InFlight => {
                self.counts.in_flight -= 1;
                if self.waiting_count > 0 && self.counts.in_flight + 1 == IN_FLIGHT_MAX {
                    self.wake.notify_one();
                }
            }
        }
        self.compact();
    }

    fn compact(&mut self) {
        let (slots, live_count) = (&self.slots, self.counts.delayed + self.counts.in_flight);
        self.timers.compact(live_count, |timer| is_live(slots, timer));
    }

    /// Deletes all messages.
    pub fn purge(&mut self) {
        for message in self.slots.drain(..).flatten() {
            self.memory.sub(message.content.memory_bytes());
        }
        self.free.clear();
        self.ready.clear();
        self.timers.clear();
        self.counts = Counts::default();
    }
}

fn is_live(slots: &[Option<Message>], timer: &Timer) -> bool {
    slots.get(timer.slot as usize).and_then(Option::as_ref).is_some_and(|message| {
        message.serial == timer.serial && message.until_ms == timer.due_ms && message.place != Place::Ready
    })
}

fn not_available() -> SqsError {
    SqsError::new(
        ErrorKind::InvalidParameterValue,
        "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for \
         visibility timeout change.",
    )
}
