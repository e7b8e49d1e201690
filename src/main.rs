//! The doorbell: words in, exit code out.

fn main() -> std::process::ExitCode {
    retrylab::cli::main()
}
