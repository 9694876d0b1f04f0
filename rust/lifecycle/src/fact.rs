//! What an event states: which operations should stand at which rank.

use crate::event::{Dispute, DisputeStage, DisputeStatus, Event, EventKind};
use crate::lattice::{STATED, authorization, dispute_rank, movement};
use crate::payment::{Operation, OperationKind};
use crate::sums::SUM_LIMIT_MINOR;
use crate::verdict::Reason;

/// One operation that an event speaks of, at the rank that the event gives it.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub kind: OperationKind,
    pub operation_id: &'a str,
    pub parent_id: Option<&'a str>,
    pub rank: i32,
    /// 0 for a dispute case, whose amount moves nothing and is restated, and for a cancellation.
    pub amount_minor: i64,
}

/// The operations of one event: two for a sale, one for all else.
#[derive(Clone, Copy)]
pub(crate) struct Fact<'a> {
    first: Part<'a>,
    second: Option<Part<'a>>,
}

impl<'a> Fact<'a> {
    /// Reads an event, or says in what it is malformed.
    pub fn of(event: &'a Event) -> Result<Self, Reason> {
        use OperationKind as Op;
        let amount_minor = amount_of(event)?;
        let part = |kind, rank| Part {
            kind,
            operation_id: &event.operation_id,
            parent_id: event.parent_id.as_deref(),
            rank,
            amount_minor,
        };
        let first = match event.kind {
            EventKind::AuthorizationRequested => part(Op::Authorization, authorization::REQUESTED),
            EventKind::AuthorizationPending => part(Op::Authorization, authorization::PENDING),
            EventKind::AuthorizationUnknown => part(Op::Authorization, authorization::UNKNOWN),
            EventKind::AuthorizationSucceeded => part(Op::Authorization, authorization::SUCCEEDED),
            EventKind::AuthorizationFailed => part(Op::Authorization, authorization::FAILED),
            EventKind::AuthorizationAdjusted => Part {
                operation_id: &event.event_id,
                parent_id: Some(&event.operation_id),
                ..part(Op::Adjustment, STATED)
            },
            EventKind::AuthorizationReleased => part(Op::Release, movement::SUCCEEDED),
            EventKind::ReleaseRequested => part(Op::Release, movement::REQUESTED),
            EventKind::ReleasePending => part(Op::Release, movement::PENDING),
            EventKind::ReleaseUnknown => part(Op::Release, movement::UNKNOWN),
            EventKind::ReleaseFailed => part(Op::Release, movement::FAILED),
            EventKind::SaleSucceeded => return Ok(Self::sale(&event.operation_id, amount_minor)),
            EventKind::CaptureRequested => part(Op::Capture, movement::REQUESTED),
            EventKind::CapturePending => part(Op::Capture, movement::PENDING),
            EventKind::CaptureUnknown => part(Op::Capture, movement::UNKNOWN),
            EventKind::CaptureSucceeded => part(Op::Capture, movement::SUCCEEDED),
            EventKind::CaptureFailed => part(Op::Capture, movement::FAILED),
            EventKind::RefundRequested => part(Op::Refund, movement::REQUESTED),
            EventKind::RefundPending => part(Op::Refund, movement::PENDING),
            EventKind::RefundUnknown => part(Op::Refund, movement::UNKNOWN),
            EventKind::RefundSucceeded => part(Op::Refund, movement::SUCCEEDED),
            EventKind::RefundFailed => part(Op::Refund, movement::FAILED),
            EventKind::DisputeInquiry
            | EventKind::DisputeOpened
            | EventKind::DisputeUpdated
            | EventKind::DisputeClosed => {
                Part { amount_minor: 0, ..part(Op::Dispute, dispute_rank(case_of(event)?)) }
            }
            EventKind::DisputeFundsWithdrawn => part(Op::DisputeWithdrawal, STATED),
            EventKind::DisputeFundsReinstated => part(Op::DisputeReinstatement, STATED),
            EventKind::PaymentCreated => part(Op::Intent, STATED),
            EventKind::CancellationRequested => cancellation(event, movement::REQUESTED),
            EventKind::CancellationPending => cancellation(event, movement::PENDING),
            EventKind::CancellationUnknown => cancellation(event, movement::UNKNOWN),
            EventKind::CancellationSucceeded => cancellation(event, movement::SUCCEEDED),
            EventKind::CancellationFailed => cancellation(event, movement::FAILED),
        };
        Ok(Self { first, second: None })
    }

    /// An authorization and its capture in one. Its parent, if any, belongs to neither.
    fn sale(operation_id: &'a str, amount_minor: i64) -> Self {
        let part = |kind, rank| Part { kind, operation_id, parent_id: None, rank, amount_minor };
        Self {
            first: part(OperationKind::Authorization, authorization::SUCCEEDED),
            second: Some(part(OperationKind::Capture, movement::SUCCEEDED)),
        }
    }

    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> {
        std::iter::once(self.first).chain(self.second)
    }
}

impl Part<'_> {
    /// Whether the event tells the same rank later, with a reason or time that the derived status depends on: the
    /// action that a pending authorization requires, and what ended an authorization.
    /// The latest word stands, so that two reports of one rank mean the same in either order.
    pub fn updates_detail(&self, known: &Operation, event: &Event) -> bool {
        let told = match self.kind {
            OperationKind::Release => self.rank == movement::SUCCEEDED,
            OperationKind::Authorization => self.rank <= authorization::PENDING,
            _ => false,
        };
        told && self.rank == known.rank
            && (event.occurred_at_us, &event.reason) > (known.occurred_at_us, &known.reason)
    }
}

fn cancellation(event: &Event, rank: i32) -> Part<'_> {
    Part {
        kind: OperationKind::Cancellation,
        operation_id: &event.operation_id,
        parent_id: event.parent_id.as_deref(),
        rank,
        amount_minor: 0,
    }
}

fn amount_of(event: &Event) -> Result<i64, Reason> {
    match event.money {
        Some(money) if (1..=SUM_LIMIT_MINOR).contains(&money.amount_minor) => Ok(money.amount_minor),
        Some(_) => Err(Reason::AmountOutOfRange),
        None if event.kind.is_moneyless() => Ok(0),
        None => Err(Reason::AmountMissing),
    }
}

/// The stage and status of a dispute event; its kind alone says enough for the two that open a case.
fn case_of(event: &Event) -> Result<Dispute, Reason> {
    let opened = |stage| Dispute { stage, status: DisputeStatus::Opened };
    match (event.dispute, event.kind) {
        (Some(dispute), _) => Ok(dispute),
        (None, EventKind::DisputeInquiry) => Ok(opened(DisputeStage::Inquiry)),
        (None, EventKind::DisputeOpened) => Ok(opened(DisputeStage::Chargeback)),
        (None, _) => Err(Reason::DisputeMissing),
    }
}
