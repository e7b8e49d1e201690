//! The tests that use the library as its users do, in one binary.

mod conformance;
mod gateway;
mod runs;
