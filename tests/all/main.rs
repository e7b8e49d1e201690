//! The tests that use the library as its users do, in one binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod audit;
mod canaries;
mod checks;
mod conformance;
mod contention;
mod derive;
mod deviations;
mod enable;
mod floors;
mod forward;
mod gallery;
mod gate;
mod gateway;
mod hops;
mod hostile;
mod lint;
mod list;
mod measure;
mod pages;
mod readme;
mod reports;
mod runs;
mod scenarios;
mod swarm;
mod theory;
mod traces;
mod tune;
mod turns;
mod verify;
mod zombies;
