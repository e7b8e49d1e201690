//! `timing-worker`, which nobody types: answers questions on stdin about times, on stdout, until stdin
//! ends. `gate` runs two of them side by side, one of each build.

use std::io::{BufRead, Write};

use anyhow::Context;

use super::{args, machine, verify};
use crate::bench::worker::{Answer, PROTOCOL, Worker};
use crate::bench::{clock, vectors};

/// Serves until nobody asks any more.
pub(super) fn serve(options: &args::Worker) -> anyhow::Result<u8> {
    if let Some(core) = options.core {
        machine::stay_on(core);
    }
    let mut out = std::io::stdout().lock();
    let mut say = |answer: &Answer| -> anyhow::Result<()> {
        writeln!(out, "{}", serde_json::to_string(answer)?)?;
        Ok(out.flush()?)
    };
    say(&Answer::Hello { protocol: PROTOCOL, build: machine::build() })?;
    let cases = vectors::cases(verify::GOLDEN).context("the golden vectors")?;
    let mut worker = Worker::new(&cases, options.slower, clock::timer());
    for line in std::io::stdin().lock().lines() {
        say(&worker.answer(&line?))?;
    }
    Ok(0)
}
