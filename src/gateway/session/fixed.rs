//! The fixed loop: one decision after each attempt, taken as it is. It holds the limit itself, the
//! plugin's own included, for a variant can lose count (an evicted entry, a key shared with another
//! call) and grant for ever. When the call ends and the plugin still expects a retry, the plugin is
//! told to forget it.

use super::{Action, End, Env, Outcome, Row, Session, Witness};
use crate::base::Moment;
use crate::plugin::{Content, Decision, Plugin, Reply, Seen, Status, Structured};

/// How the plugin sees a resource that was fetched.
static FETCHED: Reply =
    Reply { is_error: false, structured: Structured::Absent, content: Content::Absent };

impl Session {
    pub(super) fn fixed<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        outcome: Outcome<'_>,
    ) -> Action {
        let (seen, end) = match outcome {
            Outcome::Result(reply) if env.resource => fetched(reply),
            Outcome::Result(reply) => (Seen::Result(reply), End::Replied),
            Outcome::TimedOut => (Seen::TimedOut, End::TimedOut),
            Outcome::Exception(status) => (Seen::Exception(status), End::Exception),
            Outcome::Refused => return self.undecided(env, witness, now, End::Refused),
        };
        let Some(decision) = env.ask(witness, seen, now) else {
            return self.undecided(env, witness, now, End::PluginError);
        };
        let succeeded = matches!(decision, Decision::Done { .. });
        witness.row(Row { started: self.at, ended: now, succeeded });
        match decision {
            Decision::Done { .. } | Decision::GiveUp { .. } => self.end(end),
            Decision::Retry { wait, .. } if self.attempts <= env.limit => {
                self.sleep(env, witness, now, wait)
            }
            Decision::Retry { .. } | Decision::LostRetry { .. } => self.forgotten(env, now, end),
        }
    }

    /// The attempt failed, and the plugin has no say.
    fn undecided<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        end: End,
    ) -> Action {
        witness.row(Row { started: self.at, ended: now, succeeded: false });
        self.forgotten(env, now, end)
    }

    /// The call ends while the plugin may expect a retry.
    fn forgotten<P: Plugin + ?Sized>(&mut self, env: &Env<'_, P>, now: Moment, end: End) -> Action {
        env.plugin.forget(&env.call, now);
        self.end(end)
    }
}

/// A fetch has no error flag: what a tool would flag, a fetch raises, with the status it carries.
fn fetched(reply: &Reply) -> (Seen<'_>, End) {
    match (reply.is_error, reply.structured) {
        (false, _) => (Seen::Result(&FETCHED), End::Replied),
        (true, Structured::Object { status, .. }) => (Seen::Exception(status), End::Exception),
        (true, _) => (Seen::Exception(Status::Absent), End::Exception),
    }
}
