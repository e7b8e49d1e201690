//! The gate: one changed line in the backoff formula, a detector, the eviction or the loop is a
//! regression, and what cannot be compared is never passed over.

mod answers;
mod canaries;
mod command;
mod timed;
