//! The payment machine from outside: tables of single steps, and properties of whole histories.

mod asking;
mod closed_form;
mod faults;
mod history;
mod order;
mod policy_change;
mod provider;
mod reach;
mod script;
mod shuffling;
mod store;
mod tables;
