//! The state machine through its JSON, with a clock that only the test moves.

mod batches;
mod bench;
mod faults;
mod limits;
mod move_tasks;
mod redrive;
mod snapshots;
mod visibility;
