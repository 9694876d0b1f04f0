//! Turns what a batch decided into the parameters of `write.sql`: one array literal for each column.

use std::collections::HashMap;

use payflow_lifecycle::{Change, Event, Operation, Payment, Status, rank_name};

use crate::literal::Literal;

/// Array literals of `write.sql` ahead of the payload column: 21 of payments, 11 of operations, 13 of the trail.
pub const WRITE_COLUMNS_BEFORE_PAYLOAD: usize = 45;
/// Array literals of `write.sql` behind it: 18 of facts to park, 3 of parked facts to remove, 10 of alerts.
pub const WRITE_COLUMNS_AFTER_PAYLOAD: usize = 31;

/// What is fixed when a payment is created, beyond what the machine keeps.
#[derive(Debug, Clone, Copy)]
pub struct Creation<'a> {
    /// Source of the creating event.
    pub source: &'a str,
    /// Its metadata as JSON.
    pub metadata: Option<&'a str>,
}

/// A payment before and after a fact.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// `None` when the payment did not exist.
    pub from: Option<Status>,
    /// Status after.
    pub to: Status,
    /// Version after.
    pub version: i64,
}

/// One row of the trail.
#[derive(Debug, Clone, Copy)]
pub struct TrailEntry<'a> {
    /// True on the first sight of an event in this ledger.
    pub first: bool,
    /// The delivered (or re-judged) event.
    pub event: &'a Event,
    /// Name of the verdict.
    pub verdict: &'a str,
    /// Slug of the reason.
    pub reason: &'a str,
    /// `None` where the payment was not looked at (a duplicate that Redis knew).
    pub transition: Option<Transition>,
}

/// One alert.
#[derive(Debug, Clone, Copy)]
pub struct AlertRow<'a> {
    /// Row of `rules` that fired.
    pub rule_id: i64,
    /// Name of the severity.
    pub severity: &'a str,
    /// The event that it fired on.
    pub event: &'a Event,
    /// Name of the verdict.
    pub verdict: &'a str,
    /// Slug of the verdict's reason.
    pub reason: &'a str,
}

/// A payment with what the machine doesn't keep of it.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// The payment after the batch.
    pub payment: &'a Payment,
    /// Set if this batch created it.
    pub creation: Option<Creation<'a>>,
}

/// Everything that one batch writes.
pub struct WriteSet<'a> {
    /// Every payment of the batch; unchanged ones are left out here.
    pub payments: Vec<Decided<'a>>,
    /// The trail, in order.
    pub trail: Vec<TrailEntry<'a>>,
    /// Alerts.
    pub alerts: Vec<AlertRow<'a>>,
}

impl WriteSet<'_> {
    /// The array literals of `write.sql`: those ahead of the payload column, then those behind it.
    /// `deadline_us` says until when a parked fact may wait, in microseconds since the epoch.
    pub fn columns(&self, deadline_us: impl Fn(&Event) -> i64) -> (Vec<String>, Vec<String>) {
        let mut before = Vec::with_capacity(WRITE_COLUMNS_BEFORE_PAYLOAD);
        self.payment_columns(&mut before);
        self.operation_columns(&mut before);
        self.trail_columns(&mut before);
        debug_assert_eq!(before.len(), WRITE_COLUMNS_BEFORE_PAYLOAD);
        let mut after = Vec::with_capacity(WRITE_COLUMNS_AFTER_PAYLOAD);
        self.parking_columns(&mut after, deadline_us);
        self.unparking_columns(&mut after);
        self.alert_columns(&mut after);
        debug_assert_eq!(after.len(), WRITE_COLUMNS_AFTER_PAYLOAD);
        (before, after)
    }

    fn payment_columns(&self, out: &mut Vec<String>) {
        let rows: Vec<&Decided<'_>> =
            self.payments.iter().filter(|decided| decided.payment.change != Change::None).collect();
        let mut column = |width: usize, write: &dyn Fn(&mut Literal, &Decided<'_>)| {
            out.push(column_of(&rows, width, |literal, row| write(literal, row)));
        };
        column(1, &|c, d| c.boolean(d.payment.change == Change::Inserted));
        column(32, &|c, d| c.text(&d.payment.payment_id));
        column(10, &|c, d| c.text_or_null(some_text(&d.payment.merchant_id)));
        column(8, &|c, d| c.text_or_null(d.creation.map(|creation| creation.source)));
        column(3, &|c, d| {
            c.text_or_null(d.payment.currency.as_ref().map(payflow_lifecycle::Currency::as_str));
        });
        column(1, &|c, d| c.integer(i64::from(d.payment.exponent)));
        column(6, &|c, d| c.integer(d.payment.sums.authorized));
        column(6, &|c, d| c.integer(d.payment.sums.released));
        column(6, &|c, d| c.integer(d.payment.sums.captured));
        column(6, &|c, d| c.integer(d.payment.sums.capture_failed));
        column(6, &|c, d| c.integer(d.payment.sums.refunded));
        column(6, &|c, d| c.integer(d.payment.sums.disputed));
        column(6, &|c, d| c.integer(d.payment.sums.capture_pending));
        column(6, &|c, d| c.integer(d.payment.sums.refund_pending));
        column(6, &|c, d| c.integer(d.payment.sums.release_pending));
        column(6, &|c, d| c.integer(d.payment.sums.overcapture_allowance));
        column(6, &|c, d| c.integer(d.payment.amount_minor()));
        column(12, &|c, d| c.word(d.payment.status.as_str()));
        column(6, &|c, d| c.word(d.payment.dispute_state.as_str()));
        column(2, &|c, d| c.integer(d.payment.version));
        column(8, &|c, d| c.text_or_null(d.creation.and_then(|creation| creation.metadata)));
    }

    fn operation_columns(&self, out: &mut Vec<String>) {
        let rows: Vec<(&Payment, &Operation)> = self
            .payments
            .iter()
            .flat_map(|decided| {
                decided.payment.operations.iter().map(move |operation| (decided.payment, operation))
            })
            .filter(|(_, operation)| operation.change != Change::None)
            .collect();
        let mut column = |width: usize, write: &dyn Fn(&mut Literal, &Payment, &Operation)| {
            out.push(column_of(&rows, width, |literal, (payment, operation)| {
                write(literal, payment, operation);
            }));
        };
        column(1, &|c, _, o| c.boolean(o.change == Change::Inserted));
        column(32, &|c, p, _| c.text(&p.payment_id));
        column(8, &|c, _, o| c.text(&o.source));
        column(14, &|c, _, o| c.word(o.kind.as_str()));
        column(20, &|c, _, o| c.text(&o.operation_id));
        column(4, &|c, _, o| c.text_or_null(o.parent_id.as_deref()));
        column(3, &|c, _, o| c.integer(i64::from(o.rank)));
        column(12, &|c, _, o| c.text(&rank_name(o.kind, o.rank)));
        column(6, &|c, _, o| c.integer(o.amount_minor));
        column(4, &|c, _, o| c.text_or_null(o.reason.as_deref()));
        column(16, &|c, _, o| c.integer(o.occurred_at_us));
    }

    fn trail_columns(&self, out: &mut Vec<String>) {
        let mut column = |width: usize, write: &dyn Fn(&mut Literal, &TrailEntry<'_>)| {
            out.push(column_of(&self.trail, width, |literal, entry| write(literal, entry)));
        };
        column(1, &|c, t| c.boolean(t.first));
        column(32, &|c, t| c.text(&t.event.payment_id));
        column(8, &|c, t| c.text(&t.event.source));
        column(20, &|c, t| c.text(&t.event.event_id));
        column(20, &|c, t| c.word(t.event.kind.as_str()));
        column(9, &|c, t| c.word(t.verdict));
        column(12, &|c, t| c.word(t.reason));
        column(12, &|c, t| match t.transition.and_then(|transition| transition.from) {
            Some(status) => c.word(status.as_str()),
            None => c.null(),
        });
        column(12, &|c, t| match t.transition {
            Some(transition) => c.word(transition.to.as_str()),
            None => c.null(),
        });
        column(2, &|c, t| c.integer_or_null(t.transition.map(|transition| transition.version)));
        column(32, &|c, t| c.uuid(t.event.fingerprint.0));
        column(38, &|c, t| c.text(&t.event.correlation_id));
        column(16, &|c, t| c.integer(t.event.occurred_at_us));
    }

    fn parking_columns(&self, out: &mut Vec<String>, deadline_us: impl Fn(&Event) -> i64) {
        if self.parked(Change::Inserted).next().is_none() {
            out.extend(std::iter::repeat_n("{}".to_owned(), 18));
            return;
        }
        let waits: HashMap<Name<'_>, &str> = self
            .trail
            .iter()
            .filter(|entry| entry.first)
            .map(|entry| (name(entry.event), entry.reason))
            .collect();
        let rows: Vec<&Event> = self.parked(Change::Inserted).collect();
        let mut column = |write: &dyn Fn(&mut Literal, &Event)| {
            out.push(column_of(&rows, 16, |literal, event| write(literal, event)));
        };
        column(&|c, e| c.text(&e.payment_id));
        column(&|c, e| c.text(&e.source));
        column(&|c, e| c.text(&e.event_id));
        column(&|c, e| c.word(e.kind.as_str()));
        column(&|c, e| c.text(&e.operation_id));
        column(&|c, e| c.text_or_null(e.parent_id.as_deref()));
        column(&|c, e| c.text(&e.merchant_id));
        column(&|c, e| c.integer_or_null(e.money.map(|money| money.amount_minor)));
        column(&|c, e| c.text_or_null(e.money.as_ref().map(|money| money.currency.as_str())));
        column(&|c, e| c.integer_or_null(e.money.map(|money| i64::from(money.exponent))));
        column(&|c, e| c.integer(e.occurred_at_us));
        column(&|c, e| c.text_or_null(e.reason.as_deref()));
        column(&|c, e| c.text_or_null(e.dispute.map(|dispute| dispute.stage.as_str())));
        column(&|c, e| c.text_or_null(e.dispute.map(|dispute| dispute.status.as_str())));
        column(&|c, e| c.text(&e.correlation_id));
        column(&|c, e| c.uuid(e.fingerprint.0));
        column(&|c, e| c.word(waits.get(&name(e)).copied().unwrap_or("prerequisite")));
        column(&|c, e| c.integer(deadline_us(e)));
    }

    fn unparking_columns(&self, out: &mut Vec<String>) {
        let rows: Vec<&Event> = self.parked(Change::Removed).collect();
        out.push(column_of(&rows, 32, |c, e| c.text(&e.payment_id)));
        out.push(column_of(&rows, 8, |c, e| c.text(&e.source)));
        out.push(column_of(&rows, 20, |c, e| c.text(&e.event_id)));
    }

    fn parked(&self, change: Change) -> impl Iterator<Item = &Event> {
        self.payments
            .iter()
            .flat_map(|decided| decided.payment.parked.iter())
            .filter(move |parked| parked.change == change)
            .map(|parked| &parked.event)
    }

    fn alert_columns(&self, out: &mut Vec<String>) {
        let mut column = |write: &dyn Fn(&mut Literal, &AlertRow<'_>)| {
            out.push(column_of(&self.alerts, 16, |literal, alert| write(literal, alert)));
        };
        column(&|c, a| c.integer(a.rule_id));
        column(&|c, a| c.word(a.severity));
        column(&|c, a| c.text(&a.event.payment_id));
        column(&|c, a| c.text(&a.event.merchant_id));
        column(&|c, a| c.text(&a.event.source));
        column(&|c, a| c.text(&a.event.event_id));
        column(&|c, a| c.uuid(a.event.fingerprint.0));
        column(&|c, a| c.word(a.verdict));
        column(&|c, a| c.word(a.reason));
        column(&|c, a| c.text(&a.event.correlation_id));
    }
}

/// Payment, source and event id: what names an event for ever.
type Name<'a> = (&'a str, &'a str, &'a str);

fn name(event: &Event) -> Name<'_> {
    (&event.payment_id, &event.source, &event.event_id)
}

fn column_of<T>(rows: &[T], width: usize, write: impl Fn(&mut Literal, &T)) -> String {
    let mut literal = Literal::with_room(rows.len(), width);
    for row in rows {
        write(&mut literal, row);
    }
    literal.finish()
}

fn some_text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
