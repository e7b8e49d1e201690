//! Floor 5: a scenario file becomes a checked plan with expectations, or every fault in it at once.
//!
//! The text becomes a tree with places ([`toml`]); a grammar that is data ([`keys`], [`forms`]) tells
//! [`table`], [`form`] and [`value`] what to accept; each column is that tree with some parts replaced ([`columns`]) and is
//! then built into the world that `sim` runs.

mod clock;
mod columns;
pub mod contextforge;
mod expect;
mod files;
pub mod finding;
mod form;
mod forms;
mod grammar;
mod jinja;
mod keys;
pub mod lint;
mod load;
pub mod log;
pub mod plan;
mod policy;
pub mod presets;
mod reader;
pub mod reference;
pub mod schema;
pub mod shipped;
mod signal;
mod size;
mod table;
mod template;
mod times;
pub mod toml;
mod tools;
mod trace;
mod trouble;
mod value;
pub mod yaml;

pub use expect::{METRICS, condition, metric};
pub use finding::{Finding, Level};
pub use lint::{PUBLISHED_MAX_RETRIES, lint};
pub use plan::{Column, Comparison, Expectation, Plan, Test};
pub use policy::with_policies;
pub use reader::{MAX_TEXT, load};
pub use reference::reference;
pub use schema::schema;
pub use shipped::{Shipped, shipped};
