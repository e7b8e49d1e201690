//! The gateway's loop, attempt by attempt: calls whose replies are given one by one go through the loop
//! itself, and what becomes of each is written down in one line. A simulation would hide a limit that is
//! off by one behind the plugin's own, which is clamped to it; here the plugin may grant more than the
//! gateway allows.

use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::gateway::session::{Action, Env, Event, Outcome, Session, Stop, retry_limit};
use crate::gateway::{Gateway, LoopModel};
use crate::plugin::{CallKey, Jitter, Plugin, Policy, PolicySet, Reply, Status, Structured};
use crate::variants::Variant;

/// What an attempt brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A good reply.
    Good,
    /// `structuredContent.status_code`.
    Status(i64),
    /// `isError` with a status.
    Flagged(i64),
    /// An exception without a status.
    Raises,
    /// Nothing within the time-out.
    Hangs,
    /// Another plugin refuses.
    Refused,
}

/// One call.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The gateway's settings.
    pub gateway: Gateway,
    /// The plugin's.
    pub max_retries: u32,
    /// What its attempts bring; the last one for ever.
    pub replies: &'static [Step],
    /// It fetches a resource.
    pub resource: bool,
    /// When its client leaves.
    pub leaves: Option<Span>,
    /// Its name, which tells all of the above as it was meant.
    pub name: String,
}

/// An attempt takes this long.
const TAKES: Span = Span::from_millis(10);
/// No call comes near so many attempts unless the loop has lost its limit.
const MANY: u32 = 1000;

const BUSY: Step = Step::Status(503);
/// `max_retries`, limit and replies.
const TABLE: [(u32, u32, &[Step]); 15] = [
    (2, 3, &[BUSY]),
    (2, 3, &[BUSY, BUSY, Step::Good]),
    (2, 3, &[Step::Raises]),
    (2, 3, &[Step::Hangs]),
    (2, 3, &[BUSY, Step::Raises]),
    (2, 3, &[BUSY, BUSY, Step::Raises]),
    (3, 3, &[BUSY, Step::Raises]),
    (3, 3, &[BUSY, BUSY, BUSY, Step::Raises]),
    (5, 3, &[BUSY]),
    (5, 3, &[BUSY, Step::Hangs]),
    (5, 3, &[BUSY, Step::Raises]),
    (2, 0, &[BUSY]),
    (5, 1, &[Step::Hangs, Step::Good]),
    (2, 3, &[Step::Flagged(404)]),
    (2, 3, &[BUSY, Step::Refused]),
];

/// The calls that the gate looks at.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (model, word) in [(LoopModel::Fixed, "fixed"), (LoopModel::AsShipped, "as-shipped")] {
        for (max_retries, limit, replies) in TABLE {
            let gateway =
                Gateway { max_tool_retries: limit, loop_model: model, ..Gateway::default() };
            let name = format!("{word}, M={max_retries} C={limit}, {}", words(replies));
            let row = Row { gateway, max_retries, replies, resource: false, leaves: None, name };
            if limit > 0 && replies == [BUSY] {
                let deadline = Some(Span::from_millis(250));
                let short = Gateway { deadline, ..row.gateway.clone() };
                let name = format!("{}, deadline 250 ms", row.name);
                rows.push(Row { gateway: short, name, ..row.clone() });
                let (leaves, name) =
                    (Some(Span::from_millis(150)), format!("{}, leaves at 150 ms", row.name));
                rows.push(Row { leaves, name, ..row.clone() });
            }
            if replies == [Step::Raises] {
                let name = format!("{}, resource", row.name);
                rows.push(Row { resource: true, name, ..row.clone() });
            }
            rows.push(row);
        }
    }
    rows
}

fn words(replies: &[Step]) -> String {
    let word = |step: &Step| match step {
        Step::Good => "good".to_owned(),
        Step::Status(code) => code.to_string(),
        Step::Flagged(code) => format!("isError {code}"),
        Step::Raises => "exception".into(),
        Step::Hangs => "time-out".into(),
        Step::Refused => "refused".into(),
    };
    replies.iter().map(word).collect::<Vec<_>>().join(" then ")
}

/// What becomes of a call: attempts, waits, how it ends and what the plugin still remembers.
pub fn course(row: &Row, variant: &Variant) -> String {
    let base = Policy {
        max_retries: row.max_retries,
        backoff_base: Span::from_millis(100),
        jitter: Jitter::None,
        ..Policy::default()
    };
    let policies = PolicySet { base, ..PolicySet::default() };
    let plugin = (variant.make)(policies, Draws::new(1, 0));
    let call = CallKey { tool: "search", request: "r" };
    let limit = retry_limit(&row.gateway, &*plugin, call.tool);
    let env = Env { gateway: &row.gateway, plugin: &*plugin, call, resource: row.resource, limit };
    let mut now = Moment::START;
    let (mut session, mut action) = Session::begin(&row.gateway, now);
    let mut waits = Vec::new();
    let end = loop {
        if session.attempts() > MANY {
            break "never".into();
        }
        action = match action {
            Action::End(end) => break format!("{end:?}"),
            Action::Sleep { until } => {
                waits.push(until.since(now).millis_ceil().to_string());
                happens(&mut session, &env, (&mut now, row), until, Event::Woke)
            }
            Action::Attempt { number, times_out_at, deadline } => {
                let last = row.replies.len().saturating_sub(1);
                let step = row.replies.get(last.min(number as usize)).copied();
                ended(&mut session, &env, (&mut now, row), step, times_out_at.min(deadline))
            }
        };
    };
    let (attempts, left) = (session.attempts(), plugin.live_entries());
    let waits = if waits.is_empty() { "none".into() } else { waits.join(" ") };
    format!("attempts {attempts}, waits {waits}, end {end}, entries left {left}")
}

/// Tells the session how an attempt ended, or that its time was up.
fn ended(
    session: &mut Session,
    env: &Env<'_, dyn Plugin>,
    (now, row): (&mut Moment, &Row),
    step: Option<Step>,
    late: Moment,
) -> Action {
    let at = *now + TAKES;
    let structured = |code| Structured::Object { is_error: false, status: Status::Integer(code) };
    let mut reply = Reply::default();
    let (at, outcome) = match step.unwrap_or(Step::Good) {
        Step::Hangs => (late, Outcome::TimedOut),
        Step::Raises => (at, Outcome::Exception(Status::Absent)),
        Step::Refused => (at, Outcome::Refused),
        Step::Good => (at, Outcome::Result(&reply)),
        Step::Status(code) => {
            reply.structured = structured(code);
            (at, Outcome::Result(&reply))
        }
        Step::Flagged(code) => {
            (reply.is_error, reply.structured) = (true, structured(code));
            (at, Outcome::Result(&reply))
        }
    };
    happens(session, env, (now, row), at, Event::Ended(outcome))
}

/// An event, unless the client has left before.
fn happens(
    session: &mut Session,
    env: &Env<'_, dyn Plugin>,
    (now, row): (&mut Moment, &Row),
    at: Moment,
    event: Event<'_>,
) -> Action {
    let leaves = row.leaves.map(|after| Moment::START + after).filter(|leaves| *leaves <= at);
    *now = leaves.unwrap_or(at);
    let event = leaves.map_or(event, |_| Event::Cancelled(Stop::ClientLeft));
    session.on(env, &mut (), *now, event)
}
