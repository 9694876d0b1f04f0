//! The seven classes of a delivery (PAYMENTS 1.5) and the one reason that each judgement gives.

use crate::slug::slugs;

/// What becomes of one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Verdict {
    /// It cannot be understood: dead-letter queue.
    Malformed,
    /// The same event was delivered before: acknowledge.
    Duplicate,
    /// It contradicts what was recorded: quarantine and a critical alert.
    Conflict,
    /// It can never be true of this payment: quarantine and a critical alert.
    Impossible,
    /// It says less than what is known: acknowledge.
    Stale,
    /// It waits for another fact: park.
    Premature,
    /// It changed the payment.
    Apply,
}

slugs!(Verdict {
    Malformed => "malformed",
    Duplicate => "duplicate",
    Conflict => "conflict",
    Impossible => "impossible",
    Stale => "stale",
    Premature => "premature",
    Apply => "apply",
});

/// Why a delivery got its verdict. Each reason belongs to exactly one verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Reason {
    /// A kind that moves money came without an amount.
    AmountMissing,
    /// The amount is not within 1 to 2^53-1.
    AmountOutOfRange,
    /// `dispute.updated` and `dispute.closed` mean nothing without a stage and a status.
    DisputeMissing,
    /// The same event with the same payload.
    EventSeen,
    /// The same event id with another payload.
    EventIdReused,
    /// The operation id already names an operation of another kind.
    OperationKindDiffers,
    /// The operation is known with another amount.
    OperationAmountDiffers,
    /// The operation is known in another currency.
    OperationCurrencyDiffers,
    /// The operation is known with another parent.
    OperationParentDiffers,
    /// The dispute already ended otherwise in this stage.
    DisputeEndContradicts,
    /// The payment belongs to another merchant.
    MerchantDiffers,
    /// The payment is in another currency.
    CurrencyDiffers,
    /// The payment counts its currency with another exponent.
    ExponentDiffers,
    /// More than was ever authorized, from a source that never adjusts.
    ExceedsGrossAuthorized,
    /// An adjustment from a source that is declared never to adjust.
    SourceNotAdjustable,
    /// A sum would pass 2^53-1, the most that every reader holds exactly.
    SumExceedsLimit,
    /// The operation already stands as high or higher.
    RankNotHigher,
    /// Nothing has created the payment.
    PaymentUnknown,
    /// The payment has no authorization, or not the one that is adjusted.
    AuthorizationUnknown,
    /// No authorization has succeeded, or not the one that is adjusted.
    AuthorizationNotSucceeded,
    /// No capture of this payment has ever succeeded.
    CaptureUnknown,
    /// The named parent is not known.
    ParentUnknown,
    /// The named parent is known and has not succeeded.
    ParentNotSucceeded,
    /// More than what is authorized and not yet captured or released.
    CaptureExceedsAuthorized,
    /// More than what is authorized and not yet captured or released.
    ReleaseExceedsAuthorized,
    /// The new total does not cover what is captured and released.
    AdjustmentBelowCaptured,
    /// More than what was captured and not yet refunded.
    RefundExceedsCaptured,
    /// More than what is withdrawn.
    ReinstatementExceedsDisputed,
    /// The fact was applied.
    Applied,
    /// The fact was applied, and created the payment.
    PaymentCreated,
    /// A failed authorization succeeded after all.
    LateAuthorization,
    /// A capture, refund, release or cancellation failed after it had succeeded.
    SuccessReversed,
    /// The end of an earlier dispute stage was filled in; the case stands where it stood.
    StageEndRecorded,
    /// The same rank, told later with another reason or time, where the derived status depends on it.
    DetailUpdated,
}

slugs!(Reason {
    AmountMissing => "amount_missing",
    AmountOutOfRange => "amount_out_of_range",
    DisputeMissing => "dispute_missing",
    EventSeen => "event_seen",
    EventIdReused => "event_id_reused_with_other_payload",
    OperationKindDiffers => "operation_kind_differs",
    OperationAmountDiffers => "operation_amount_differs",
    OperationCurrencyDiffers => "operation_currency_differs",
    OperationParentDiffers => "operation_parent_differs",
    DisputeEndContradicts => "dispute_end_contradicts",
    MerchantDiffers => "merchant_differs",
    CurrencyDiffers => "currency_differs",
    ExponentDiffers => "exponent_differs",
    ExceedsGrossAuthorized => "exceeds_gross_authorized",
    SourceNotAdjustable => "source_not_adjustable",
    SumExceedsLimit => "sum_exceeds_limit",
    RankNotHigher => "rank_not_higher",
    PaymentUnknown => "payment_unknown",
    AuthorizationUnknown => "authorization_unknown",
    AuthorizationNotSucceeded => "authorization_not_succeeded",
    CaptureUnknown => "capture_unknown",
    ParentUnknown => "parent_unknown",
    ParentNotSucceeded => "parent_not_succeeded",
    CaptureExceedsAuthorized => "capture_exceeds_authorized",
    ReleaseExceedsAuthorized => "release_exceeds_authorized",
    AdjustmentBelowCaptured => "adjustment_below_captured",
    RefundExceedsCaptured => "refund_exceeds_captured",
    ReinstatementExceedsDisputed => "reinstatement_exceeds_disputed",
    Applied => "applied",
    PaymentCreated => "payment_created",
    LateAuthorization => "late_authorization",
    SuccessReversed => "success_reversed",
    StageEndRecorded => "stage_end_recorded",
    DetailUpdated => "detail_updated",
});

impl Reason {
    /// The verdict that this reason explains.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::AmountMissing | Self::AmountOutOfRange | Self::DisputeMissing => Verdict::Malformed,
            Self::EventSeen => Verdict::Duplicate,
            Self::EventIdReused
            | Self::OperationKindDiffers
            | Self::OperationAmountDiffers
            | Self::OperationCurrencyDiffers
            | Self::OperationParentDiffers
            | Self::DisputeEndContradicts => Verdict::Conflict,
            Self::MerchantDiffers
            | Self::CurrencyDiffers
            | Self::ExponentDiffers
            | Self::ExceedsGrossAuthorized
            | Self::SourceNotAdjustable
            | Self::SumExceedsLimit => Verdict::Impossible,
            Self::RankNotHigher => Verdict::Stale,
            Self::PaymentUnknown
            | Self::AuthorizationUnknown
            | Self::AuthorizationNotSucceeded
            | Self::CaptureUnknown
            | Self::ParentUnknown
            | Self::ParentNotSucceeded
            | Self::CaptureExceedsAuthorized
            | Self::ReleaseExceedsAuthorized
            | Self::AdjustmentBelowCaptured
            | Self::RefundExceedsCaptured
            | Self::ReinstatementExceedsDisputed => Verdict::Premature,
            Self::Applied
            | Self::PaymentCreated
            | Self::LateAuthorization
            | Self::SuccessReversed
            | Self::StageEndRecorded
            | Self::DetailUpdated => Verdict::Apply,
        }
    }

    /// The JSON path in the event that the reason points at, where one field is at fault.
    pub const fn path(self) -> Option<&'static str> {
        match self {
            Self::AmountMissing => Some("$.amount"),
            Self::AmountOutOfRange
            | Self::OperationAmountDiffers
            | Self::ExceedsGrossAuthorized
            | Self::SumExceedsLimit
            | Self::CaptureExceedsAuthorized
            | Self::ReleaseExceedsAuthorized
            | Self::AdjustmentBelowCaptured
            | Self::RefundExceedsCaptured
            | Self::ReinstatementExceedsDisputed => Some("$.amount.value"),
            Self::OperationCurrencyDiffers | Self::CurrencyDiffers => Some("$.amount.currency"),
            Self::ExponentDiffers => Some("$.amount.exponent"),
            Self::DisputeMissing => Some("$.dispute"),
            Self::DisputeEndContradicts => Some("$.dispute.status"),
            Self::EventSeen | Self::EventIdReused => Some("$.event_id"),
            Self::OperationKindDiffers | Self::RankNotHigher => Some("$.operation_id"),
            Self::OperationParentDiffers | Self::ParentUnknown | Self::ParentNotSucceeded => {
                Some("$.parent_id")
            }
            Self::MerchantDiffers => Some("$.merchant_id"),
            Self::SourceNotAdjustable => Some("$.type"),
            Self::PaymentUnknown => Some("$.payment_id"),
            Self::AuthorizationUnknown
            | Self::AuthorizationNotSucceeded
            | Self::CaptureUnknown
            | Self::Applied
            | Self::PaymentCreated
            | Self::LateAuthorization
            | Self::SuccessReversed
            | Self::StageEndRecorded
            | Self::DetailUpdated => None,
        }
    }
}
