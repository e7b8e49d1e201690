//! A build that is timed from outside. To compare two builds, code of both must run at nearly the same
//! time; so each runs in a process of its own, as a worker that is asked by lines of JSON and answers by
//! lines of JSON, and whoever compares them lets them take turns. Here is what a worker answers; its
//! pipes are the command line's.

use serde::{Deserialize, Serialize};

use super::admit::admit;
use super::clock::{Timer, stretched};
use super::sample::Scale;
use super::vectors::Case;
use super::workload::{self, Path, USUAL};
use crate::base::digest::sha256;
use crate::variants;

/// The form of questions and answers. Builds that speak another cannot be compared.
pub const PROTOCOL: u32 = 1;

/// The most batches that one question asks for.
const MOST_BATCHES: u32 = 100_000;

/// What a worker is asked, one a line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Whether a variant answers as it should.
    Conform(String),
    /// Makes a fresh instance of a variant, to be timed on a path.
    SetUp {
        /// The variant.
        variant: String,
        /// The path.
        path: String,
        /// How many operations a batch has; where it is not given, as many as take `batch_ns`.
        operations: Option<u32>,
        /// How long a batch takes, about.
        batch_ns: f64,
    },
    /// Times so many batches of what is set up.
    Time(u32),
}

/// What a worker answers, one a line; first of all, unasked, who it is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Who is there.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
        /// The build.
        build: Build,
    },
    /// It conforms, or the first divergence.
    Conforms(Result<(), String>),
    /// It is set up.
    Ready {
        /// How many operations a batch has.
        operations: u32,
        /// A hash over what an operation is, to be the same in both builds.
        definition: String,
    },
    /// Nanoseconds an operation, batch by batch.
    Times(Vec<f64>),
    /// There is no such variant or path.
    Unknown(String),
    /// It was asked what cannot be answered, and why.
    Refused(String),
}

/// A build: what it is made of.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Build {
    /// The version of retrylab.
    pub version: String,
    /// The commit, with a `+` where sources had changed since.
    pub commit: Option<String>,
    /// The compiler.
    pub toolchain: String,
    /// The profile.
    pub profile: String,
    /// What it was compiled for.
    pub target: String,
}

impl Build {
    /// `0.1.0, commit abc`.
    pub fn in_words(&self) -> String {
        let commit = self.commit.as_ref().map_or("unknown", String::as_str);
        format!("retrylab {}, commit {commit}", self.version)
    }
}

/// A worker.
pub struct Worker<'a> {
    cases: &'a [Case],
    /// By which share it makes itself slower: a canary.
    slower: f64,
    timer: Timer,
    scale: Option<Scale>,
}

impl<'a> Worker<'a> {
    /// A worker that knows golden vectors. One that is to be caught makes itself slower by a share.
    pub fn new(cases: &'a [Case], slower: f64, timer: Timer) -> Worker<'a> {
        Worker { cases, slower, timer, scale: None }
    }

    /// Answers a line.
    pub fn answer(&mut self, line: &str) -> Answer {
        match serde_json::from_str(line) {
            Ok(request) => self.to(&request),
            Err(error) => Answer::Refused(format!("{error} in {line}")),
        }
    }

    fn to(&mut self, request: &Request) -> Answer {
        match request {
            Request::Conform(name) => match variants::find(name) {
                Some(variant) => Answer::Conforms(admit(variant, self.cases)),
                None => Answer::Unknown(name.clone()),
            },
            Request::SetUp { variant, path, operations, batch_ns } => {
                let Some(found) = variants::find(variant) else {
                    return Answer::Unknown(variant.clone());
                };
                let Some(path) = workload::find(path) else {
                    return Answer::Unknown(path.clone());
                };
                let mut scale = Scale::new(path, found, &USUAL);
                match operations {
                    Some(operations) => scale.operations = (*operations).max(1),
                    None => (0..2).for_each(|_| scale.fit(*batch_ns)),
                }
                let operations = scale.operations;
                self.scale = Some(scale);
                Answer::Ready { operations, definition: definition(path) }
            }
            Request::Time(batches) => {
                let (timer, slower) = (self.timer, self.slower);
                let Some(scale) = &mut self.scale else {
                    return Answer::Refused("nothing is set up".into());
                };
                let batches = 0..(*batches).min(MOST_BATCHES);
                Answer::Times(batches.map(|_| batch(scale, timer, slower)).collect())
            }
        }
    }
}

/// A hash over what is timed.
fn definition(path: &Path) -> String {
    sha256(&format!("{path:?} {USUAL:?}"))
}

/// A batch in ns an operation; slower by a share, in real time.
fn batch(scale: &mut Scale, timer: Timer, slower: f64) -> f64 {
    if slower <= 0.0 {
        return scale.batch(timer);
    }
    let operations = f64::from(scale.operations);
    let took = stretched(|| scale.operate(), slower);
    (took - timer.cost_ns).max(0.0) / operations
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMER: Timer = Timer { cost_ns: 0.0, step_ns: 1.0 };

    fn set_up(operations: Option<u32>) -> String {
        let (variant, path) = ("sharded".into(), "success".into());
        let request = Request::SetUp { variant, path, operations, batch_ns: 1e4 };
        serde_json::to_string(&request).unwrap()
    }

    #[test]
    fn a_worker_sets_up_and_times() {
        let mut worker = Worker::new(&[], 0.0, TIMER);
        let Answer::Ready { operations, definition } = worker.answer(&set_up(None)) else {
            panic!("not ready")
        };
        assert!(operations > 1 && definition.len() == 64);
        let Answer::Times(times) = worker.answer("{\"time\":7}") else { panic!("no times") };
        assert!(times.len() == 7 && times.iter().all(|ns| *ns > 0.0), "{times:?}");
    }

    #[test]
    fn what_a_worker_cannot_answer_it_refuses_in_words() {
        let mut worker = Worker::new(&[], 0.0, TIMER);
        assert!(matches!(worker.answer("{\"time\":7}"), Answer::Refused(_)));
        assert!(matches!(worker.answer("what?"), Answer::Refused(why) if why.contains("what?")));
        let stranger = set_up(None).replace("sharded", "nobody");
        assert_eq!(worker.answer(&stranger), Answer::Unknown("nobody".into()));
        assert_eq!(worker.answer("{\"conform\":\"x\"}"), Answer::Unknown("x".into()));
        let conforms = worker.answer("{\"conform\":\"sharded\"}");
        assert_eq!(conforms, Answer::Conforms(Ok(())));
    }

    #[test]
    fn questions_and_answers_are_read_as_they_are_written() {
        let build = Build { version: "1".into(), ..Build::default() };
        for answer in [
            Answer::Hello { protocol: PROTOCOL, build },
            Answer::Conforms(Err("why".into())),
            Answer::Times(vec![0.1 + 0.2, 7.0]),
        ] {
            let text = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer, "{text}");
        }
    }
}
