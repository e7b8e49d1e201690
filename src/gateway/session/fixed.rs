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
        let asked = match outcome {
            Outcome::Result(reply) if env.resource => Ok(fetched(reply)),
            Outcome::Result(reply) => Ok((Seen::Result(reply), End::Replied)),
            Outcome::TimedOut => Ok((Seen::TimedOut, End::TimedOut)),
            Outcome::Exception(status) => Ok((Seen::Exception(status), End::Exception)),
            Outcome::Refused => Err(End::Refused),
        };
        let asked = asked.and_then(|(seen, end)| match env.ask(witness, seen, now) {
            Some(decision) => Ok((decision, end)),
            None => Err(End::PluginError),
        });
        let succeeded = matches!(asked, Ok((Decision::Done { .. }, _)));
        witness.row(Row { started: self.at, ended: now, succeeded });
        match asked {
            Ok((Decision::Done { .. } | Decision::GiveUp { .. }, end)) => self.end(end),
            Ok((Decision::Retry { wait, .. }, _)) if self.attempts <= env.limit => {
                self.sleep(env, witness, now, wait)
            }
            Ok((Decision::Retry { .. } | Decision::LostRetry { .. }, end)) | Err(end) => {
                env.plugin.forget(&env.call, now);
                self.end(end)
            }
        }
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
