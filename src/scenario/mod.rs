//! Floor 5: a scenario file becomes a checked plan with expectations, or every fault in it at once.

pub mod lint;
pub mod plan;
pub mod schema;
pub mod shipped;

pub use lint::lint;
pub use plan::{Column, Comparison, Expectation, METRICS, Plan, Test, load};
pub use schema::schema;
pub use shipped::shipped;
