//! The gateway's loop, against a plain plugin and scripted tools, on two drivers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bounds;
mod drivers;
mod ends;
mod plain;
mod recursion;
mod resources;
mod rows;
mod scenario;
mod table;
