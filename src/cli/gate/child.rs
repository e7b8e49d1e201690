//! A build in a process of its own, as a side of a duel. Whatever ends the gate ends the child: it ends
//! when its stdin does, and is killed when it is dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::bench::duel::{Side, Silent};
use crate::bench::worker::{Answer, Build, PROTOCOL, Request};

/// How long is waited at a time, to look whether to stop.
const TICK: Duration = Duration::from_millis(100);
/// How many ticks are waited for an answer. Ticks are counted, not time: whoever is suspended gets the
/// answer afterwards.
const PATIENCE: u32 = 300;
/// A longer line is none of a worker's.
const LONG: u64 = 1 << 24;

/// How a child is started.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    /// The binary.
    pub(super) file: &'a Path,
    /// The core to stay on.
    pub(super) core: Option<usize>,
    /// By which share it makes itself slower.
    pub(super) slower: f64,
}

/// A running build.
pub(super) struct Running<'a> {
    file: PathBuf,
    child: Child,
    questions: Option<ChildStdin>,
    answers: Receiver<String>,
    stop: &'a AtomicBool,
    build: Build,
}

impl<'a> Running<'a> {
    /// Starts a build and lets it say who it is.
    pub(super) fn start(start: Start<'_>, stop: &'a AtomicBool) -> Result<Running<'a>, Silent> {
        let name = start.file.display();
        let mut command = Command::new(start.file);
        command.arg("timing-worker");
        if let Some(core) = start.core {
            command.arg("--core").arg(core.to_string());
        }
        if start.slower > 0.0 {
            command.arg("--slower").arg(start.slower.to_string());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(|error| Silent::Broken(format!("{name}: cannot be started: {error}")))?;
        let questions = child.stdin.take();
        let (send, answers) = sync_channel(1);
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut out = BufReader::new(out);
                loop {
                    let mut line = String::new();
                    match out.by_ref().take(LONG).read_line(&mut line) {
                        Ok(1..) if send.send(line).is_ok() => {}
                        _ => break,
                    }
                }
            });
        }
        let build = Build::default();
        let file = start.file.to_owned();
        let mut running = Running { file, child, questions, answers, stop, build };
        match running.answer() {
            Ok(Answer::Hello { protocol: PROTOCOL, build }) => running.build = build,
            Ok(Answer::Hello { protocol, .. }) => {
                return Err(Silent::Broken(format!(
                    "{name}: speaks timing protocol {protocol}, this build {PROTOCOL}: \
                     compare builds of the same protocol"
                )));
            }
            Err(Silent::Stopped) => return Err(Silent::Stopped),
            Ok(_) | Err(Silent::Broken(_)) => {
                return Err(Silent::Broken(format!(
                    "{name}: is no retrylab that can be timed (`timing-worker` is not answered): \
                     name a build of retrylab that has `gate --base`"
                )));
            }
        }
        Ok(running)
    }

    /// Who it is.
    pub(super) fn build(&self) -> &Build {
        &self.build
    }

    fn answer(&mut self) -> Result<Answer, Silent> {
        for _ in 0..PATIENCE {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Silent::Stopped);
            }
            match self.answers.recv_timeout(TICK) {
                Ok(line) => {
                    return serde_json::from_str(&line)
                        .map_err(|_| self.broken("answers what is no answer of a worker"));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
            }
        }
        Err(self.broken("does not answer"))
    }

    fn broken(&self, what: &str) -> Silent {
        Silent::Broken(format!("{}: {what}", self.file.display()))
    }

    /// It has ended: by itself, or by the same signal that stops whoever asks.
    fn gone(&self) -> Silent {
        std::thread::sleep(TICK);
        match self.stop.load(Ordering::Relaxed) {
            true => Silent::Stopped,
            false => self.broken("ended while it was timed"),
        }
    }
}

impl Side for Running<'_> {
    fn ask(&mut self, request: &Request) -> Result<Answer, Silent> {
        let line = serde_json::to_string(request).map_err(|e| Silent::Broken(e.to_string()))?;
        let asked = self.questions.as_mut().map(|to| writeln!(to, "{line}").and(to.flush()));
        match asked {
            Some(Ok(())) => self.answer(),
            _ => Err(self.gone()),
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
