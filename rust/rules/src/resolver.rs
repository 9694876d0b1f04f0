//! Hands the interpreter the values of slots.

use cel::common::types::{CelInt, CelString, CelTimestamp};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use chrono::DateTime;

use crate::facts::Facts;
use crate::field::FactValue;
use crate::lower::{Slot, Slots};

/// The facts of one event as the interpreter's values. Text is borrowed; nothing else is on the heap.
pub(crate) struct SlotResolver<'a> {
    slots: &'a Slots,
    fields: Vec<FieldValue<'a>>,
}

enum FieldValue<'a> {
    Text(CelString<'a>),
    Int(CelInt),
    Time(CelTimestamp),
}

impl<'a> SlotResolver<'a> {
    /// Reads the fields that some rule of the set uses, and no other.
    pub(crate) fn new(slots: &'a Slots, facts: &Facts<'a>) -> Self {
        let read = |value| match value {
            FactValue::Text(text) => FieldValue::Text(CelString::from(text)),
            FactValue::Int(number) => FieldValue::Int(CelInt::from(number)),
            FactValue::Time(microseconds) => FieldValue::Time(timestamp(microseconds)),
        };
        Self { slots, fields: slots.fields.iter().map(|field| read(field.read(facts))).collect() }
    }
}

impl VariableResolver for SlotResolver<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        Some(match Slot::of(variable)? {
            Slot::Constant(index) => CowVal::Borrowed(self.slots.constants[index].as_ref()),
            Slot::Field(index) => match &self.fields[index] {
                FieldValue::Text(text) => CowVal::Borrowed(text),
                FieldValue::Int(number) => CowVal::Borrowed(number),
                FieldValue::Time(time) => CowVal::Borrowed(time),
            },
        })
    }
}

/// A time that a timestamp cannot hold reads as 1970: decoding refuses such times long before.
fn timestamp(microseconds: i64) -> CelTimestamp {
    CelTimestamp::from(DateTime::from_timestamp_micros(microseconds).unwrap_or_default().fixed_offset())
}
