//! The variables and fields that a condition may name, their types, and how each is read from the facts.

use crate::facts::{EventFacts, Facts, PaymentFacts};
use crate::types::Scalar;
use crate::vocabulary::{
    DISPUTE_STAGES, DISPUTE_STATES, DISPUTE_STATUSES, EVENT_TYPES, PAYMENT_STATUSES, VERDICTS,
};

/// One field's value. It borrows from the facts, so that reading copies no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactValue<'a> {
    Text(&'a str),
    Int(i64),
    /// Microseconds since 1970-01-01 UTC.
    Time(i64),
}

/// The words that a text field may hold, or nothing where it is free text.
type Words = Option<&'static [&'static str]>;

struct EventField {
    name: &'static str,
    scalar: Scalar,
    words: Words,
    read: for<'f, 'a> fn(&'f EventFacts<'a>) -> FactValue<'a>,
}

struct PaymentField {
    name: &'static str,
    scalar: Scalar,
    words: Words,
    read: for<'f, 'a> fn(&'f PaymentFacts<'a>) -> FactValue<'a>,
}

const fn event_text(
    name: &'static str,
    words: Words,
    read: for<'f, 'a> fn(&'f EventFacts<'a>) -> FactValue<'a>,
) -> EventField {
    EventField { name, scalar: Scalar::Text, words, read }
}

const fn payment_text(
    name: &'static str,
    words: Words,
    read: for<'f, 'a> fn(&'f PaymentFacts<'a>) -> FactValue<'a>,
) -> PaymentField {
    PaymentField { name, scalar: Scalar::Text, words, read }
}

const fn payment_int(
    name: &'static str,
    read: for<'f, 'a> fn(&'f PaymentFacts<'a>) -> FactValue<'a>,
) -> PaymentField {
    PaymentField { name, scalar: Scalar::Int, words: None, read }
}

fn text_or_empty(text: Option<&str>) -> FactValue<'_> {
    FactValue::Text(text.unwrap_or(""))
}

static EVENT_FIELDS: [EventField; 14] = [
    event_text("id", None, |event| FactValue::Text(event.id)),
    event_text("source", None, |event| FactValue::Text(event.source)),
    event_text("type", Some(&EVENT_TYPES), |event| FactValue::Text(event.type_)),
    event_text("payment_id", None, |event| FactValue::Text(event.payment_id)),
    event_text("operation_id", None, |event| FactValue::Text(event.operation_id)),
    event_text("merchant_id", None, |event| FactValue::Text(event.merchant_id)),
    event_text("parent_id", None, |event| text_or_empty(event.parent_id)),
    EventField {
        name: "amount_minor",
        scalar: Scalar::Int,
        words: None,
        read: |event| FactValue::Int(event.amount_minor.unwrap_or(0)),
    },
    event_text("currency", None, |event| text_or_empty(event.currency)),
    EventField {
        name: "exponent",
        scalar: Scalar::Int,
        words: None,
        read: |event| FactValue::Int(i64::from(event.exponent.unwrap_or(0))),
    },
    EventField {
        name: "occurred_at",
        scalar: Scalar::Timestamp,
        words: None,
        read: |event| FactValue::Time(event.occurred_at_us),
    },
    event_text("reason", None, |event| text_or_empty(event.reason)),
    event_text("dispute_stage", Some(&DISPUTE_STAGES), |event| text_or_empty(event.dispute_stage)),
    event_text("dispute_status", Some(&DISPUTE_STATUSES), |event| text_or_empty(event.dispute_status)),
];

static PAYMENT_FIELDS: [PaymentField; 18] = [
    payment_text("merchant_id", None, |payment| FactValue::Text(payment.merchant_id)),
    payment_text("currency", None, |payment| FactValue::Text(payment.currency)),
    payment_int("exponent", |payment| FactValue::Int(i64::from(payment.exponent))),
    payment_int("authorized_minor", |payment| FactValue::Int(payment.authorized_minor)),
    payment_int("released_minor", |payment| FactValue::Int(payment.released_minor)),
    payment_int("captured_minor", |payment| FactValue::Int(payment.captured_minor)),
    payment_int("capture_failed_minor", |payment| FactValue::Int(payment.capture_failed_minor)),
    payment_int("refunded_minor", |payment| FactValue::Int(payment.refunded_minor)),
    payment_int("disputed_minor", |payment| FactValue::Int(payment.disputed_minor)),
    payment_int("capture_pending_minor", |payment| FactValue::Int(payment.capture_pending_minor)),
    payment_int("refund_pending_minor", |payment| FactValue::Int(payment.refund_pending_minor)),
    payment_int("release_pending_minor", |payment| FactValue::Int(payment.release_pending_minor)),
    payment_int("capturable_minor", |payment| FactValue::Int(payment.capturable_minor)),
    payment_int("refundable_minor", |payment| FactValue::Int(payment.refundable_minor)),
    payment_int("over_returned_minor", |payment| FactValue::Int(payment.over_returned_minor)),
    payment_text("status", Some(&PAYMENT_STATUSES), |payment| FactValue::Text(payment.status)),
    payment_text("dispute_status", Some(&DISPUTE_STATES), |payment| FactValue::Text(payment.dispute_status)),
    payment_int("version", |payment| FactValue::Int(payment.version)),
];

/// One readable field: a place in the tables above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Event(usize),
    Before(usize),
    Payment(usize),
    Verdict,
    Reason,
}

impl Field {
    pub(crate) fn is_variable(name: &str) -> bool {
        matches!(name, "event" | "payment" | "before" | "verdict" | "reason")
    }

    /// The field that a bare name stands for, or what to write instead.
    pub(crate) fn variable(name: &str) -> Result<Self, String> {
        match name {
            "verdict" => Ok(Self::Verdict),
            "reason" => Ok(Self::Reason),
            "event" | "payment" | "before" => Err(format!(
                "{name}: only its fields can be used; write {name}.<field>, where the fields are {}",
                fields_of(name)
            )),
            _ => {
                Err(format!("{name}: no such variable; there are event, payment, before, verdict and reason"))
            }
        }
    }

    /// The field `variable.name`, or what to write instead.
    pub(crate) fn member(variable: &str, name: &str) -> Result<Self, String> {
        let payment = || PAYMENT_FIELDS.iter().position(|field| field.name == name);
        let found = match variable {
            "event" => EVENT_FIELDS.iter().position(|field| field.name == name).map(Self::Event),
            "payment" => payment().map(Self::Payment),
            "before" => payment().map(Self::Before),
            "verdict" | "reason" => {
                return Err(format!(
                    "{variable}.{name}: {variable} is text and has no fields; write {variable}"
                ));
            }
            _ => return Self::variable(variable),
        };
        found.ok_or_else(|| {
            format!("{variable}.{name}: no such field; {variable} has {}", fields_of(variable))
        })
    }

    /// The fields of one variable, in the order of its table.
    #[cfg(test)]
    pub(crate) fn nth(variable: &str, index: usize) -> Option<Self> {
        match variable {
            "event" => (index < EVENT_FIELDS.len()).then_some(Self::Event(index)),
            "payment" => (index < PAYMENT_FIELDS.len()).then_some(Self::Payment(index)),
            "before" => (index < PAYMENT_FIELDS.len()).then_some(Self::Before(index)),
            _ => None,
        }
    }

    pub(crate) fn scalar(self) -> Scalar {
        match self {
            Self::Event(index) => EVENT_FIELDS[index].scalar,
            Self::Before(index) | Self::Payment(index) => PAYMENT_FIELDS[index].scalar,
            Self::Verdict | Self::Reason => Scalar::Text,
        }
    }

    /// The words that the field may hold besides `""`.
    pub(crate) fn words(self) -> Words {
        match self {
            Self::Event(index) => EVENT_FIELDS[index].words,
            Self::Before(index) | Self::Payment(index) => PAYMENT_FIELDS[index].words,
            Self::Verdict => Some(&VERDICTS),
            Self::Reason => None,
        }
    }

    /// How a condition spells the field.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Event(index) => format!("event.{}", EVENT_FIELDS[index].name),
            Self::Before(index) => format!("before.{}", PAYMENT_FIELDS[index].name),
            Self::Payment(index) => format!("payment.{}", PAYMENT_FIELDS[index].name),
            Self::Verdict => "verdict".to_owned(),
            Self::Reason => "reason".to_owned(),
        }
    }

    pub(crate) fn read<'a>(self, facts: &Facts<'a>) -> FactValue<'a> {
        match self {
            Self::Event(index) => (EVENT_FIELDS[index].read)(&facts.event),
            Self::Payment(index) => (PAYMENT_FIELDS[index].read)(&facts.payment),
            Self::Before(index) => {
                let absent = PaymentFacts::default();
                (PAYMENT_FIELDS[index].read)(facts.before.as_ref().unwrap_or(&absent))
            }
            Self::Verdict => FactValue::Text(facts.verdict),
            Self::Reason => FactValue::Text(facts.reason),
        }
    }
}

/// What a condition may read: each field as it is written, its type, and the words that it may hold besides `""`.
pub fn fields() -> Vec<(String, String, &'static [&'static str])> {
    let events = (0..EVENT_FIELDS.len()).map(Field::Event);
    let payments = (0..PAYMENT_FIELDS.len()).map(Field::Payment);
    let before = (0..PAYMENT_FIELDS.len()).map(Field::Before);
    [Field::Verdict, Field::Reason]
        .into_iter()
        .chain(events)
        .chain(payments)
        .chain(before)
        .map(|field| (field.path(), field.scalar().to_string(), field.words().unwrap_or_default()))
        .collect()
}

fn fields_of(variable: &str) -> String {
    let names: Vec<&str> = match variable {
        "event" => EVENT_FIELDS.iter().map(|field| field.name).collect(),
        _ => PAYMENT_FIELDS.iter().map(|field| field.name).collect(),
    };
    names.join(", ")
}
