//! The doorbell: words in, exit code out.

use retrylab::bench::allocator::Counting;

/// Counts what an operation asks for, for `measure`; an addition for each block otherwise.
#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> std::process::ExitCode {
    retrylab::cli::main()
}
