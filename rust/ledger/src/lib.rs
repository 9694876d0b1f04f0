//! How batches cross to PostgreSQL and back.
//!
//! Rows come in as `array_send(array_agg(column))`: one binary array for each column, which [`columns`] reads in
//! place. Rows go out as one array literal for each column (`{...}`, cast to its array type in the statement),
//! written by [`literal`]. Both spare Python the work of touching each value: on 18 columns, driver-side array
//! encoding costs 7 to 11 µs of worker CPU an event and literals 1.5 to 3.4 (`docs/decisions.md`).
//!
//! The order of columns is the order of `lock.sql`, `read.sql` and `write.sql` in `python/payflow/ledger/sql`.

pub mod columns;
pub mod copy;
pub mod literal;
mod locked;
mod write_set;

pub use columns::MalformedColumn;
pub use locked::{LOCK_COLUMNS, READ_COLUMNS, payments};
pub use write_set::{
    AlertRow, Creation, Decided, TrailEntry, Transition, WRITE_COLUMNS_AFTER_PAYLOAD,
    WRITE_COLUMNS_BEFORE_PAYLOAD, WriteSet,
};
