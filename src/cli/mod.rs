//! Floor 8: words from the user become verbs. The only room that prints, reads and writes files.

mod args;
mod check;
mod derive;
mod enable;
mod faults;
mod folder;
mod forecast;
mod gate;
mod input;
mod list;
mod machine;
mod measure;
mod print;
mod progress;
mod read;
mod run;
mod tune;
mod verify;
mod worker;

use std::process::ExitCode;

use clap::Parser;

use crate::report::FolderError;

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match arguments.color {
        args::Colour::Auto => {}
        args::Colour::Always => anstream::ColorChoice::Always.write_global(),
        args::Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
    let ended = std::panic::catch_unwind(|| verb(&arguments.verb));
    match ended.unwrap_or_else(|_| Err(anyhow::anyhow!(Bug))) {
        Ok(code) => ExitCode::from(code),
        Err(error) if broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if error.is::<Bug>() || error.is::<FolderError>() => {
            let words: Vec<String> =
                std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
            tell(format_args!("error: {error:#}\nthis replays it: {}", words.join(" ")));
            ExitCode::from(70)
        }
        Err(error) if error.is::<faults::Faulty>() => {
            tell(error);
            ExitCode::from(2)
        }
        // What went wrong with a file says which; a bare error is one of what is printed.
        Err(error) if error.is::<std::io::Error>() && error.chain().count() == 1 => {
            tell(format_args!("error: cannot write to stdout: {error:#}"));
            ExitCode::from(2)
        }
        Err(error) => {
            tell(format_args!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// An invariant of retrylab that does not hold.
#[derive(Debug, thiserror::Error)]
#[error("a bug of retrylab, not of your input; please report it")]
struct Bug;

/// Does what a verb says; gives the exit code.
fn verb(verb: &args::Verb) -> anyhow::Result<u8> {
    if !matches!(verb, args::Verb::TimingWorker(_)) {
        progress::heed_interrupts()?;
    }
    match verb {
        args::Verb::List(options) => list::list(options),
        args::Verb::Check(args::Check { schema: true, .. }) => {
            use std::io::Write;
            writeln!(anstream::stdout(), "{}", crate::scenario::schema())?;
            Ok(0)
        }
        args::Verb::Check(options) => check::check(options),
        args::Verb::Derive(options) => derive::derive(options),
        args::Verb::Run(options) => run::run(options),
        args::Verb::Verify(options) => verify::verify(options),
        args::Verb::Measure(options) => measure::measure(options),
        args::Verb::Tune(options) => tune::tune(options),
        args::Verb::Gate(options) => gate::gate(options),
        args::Verb::TimingWorker(options) => worker::serve(options),
        args::Verb::Report { folder, quiet } => report(folder, *quiet),
    }
}

/// A line for people. Where stderr is closed or full, nobody reads it, and that is no fault.
fn tell(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(anstream::stderr(), "{line}");
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Makes documents and charts of a report folder again.
fn report(folder: &std::path::Path, quiet: bool) -> anyhow::Result<u8> {
    let saved = folder::read(folder)?;
    folder::write(&saved, Vec::new(), &folder::Place::Chosen(folder.to_owned()))?;
    if !quiet {
        tell(format_args!("report: {}", folder.join("report.html").display()));
    }
    Ok(0)
}
