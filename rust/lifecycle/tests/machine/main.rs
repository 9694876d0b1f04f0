//! The payment machine from outside: tables of single steps, and properties of whole histories.

mod script;
mod tables;
