//! skeleton
#![allow(missing_docs)]
use super::Gateway;
use crate::base::Moment;
use crate::plugin::{CallKey, Decision, Plugin, Reply, Status};
pub enum Outcome<'a> {
    Result(&'a Reply),
    TimedOut,
    Exception(Status),
    Refused,
}
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    ClientLeft,
    DeadlinePassed,
}
pub enum Event<'a> {
    Ended(Outcome<'a>),
    Woke,
    Cancelled(Stop),
}
pub enum Action {
    Attempt { number: u32, times_out_at: Moment, deadline: Moment },
    Sleep { until: Moment },
    End(End),
}
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Replied,
    TimedOut,
    Exception,
    Refused,
    PluginError,
    Cancelled(Stop),
}
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    pub started: Moment,
    pub ended: Moment,
    pub succeeded: bool,
}
pub trait Witness {
    fn decided(&mut self, decision: &Decision);
    fn row(&mut self, row: Row);
}
impl Witness for () {
    fn decided(&mut self, _: &Decision) {}
    fn row(&mut self, _: Row) {}
}
pub struct Env<'a, P: ?Sized> {
    pub gateway: &'a Gateway,
    pub plugin: &'a P,
    pub call: CallKey<'a>,
    pub resource: bool,
}
pub struct Session {}
impl Session {
    pub fn begin(_: &Gateway, now: Moment) -> (Session, Action) {
        (Session {}, Action::Attempt { number: 0, times_out_at: now, deadline: now })
    }
    pub fn on<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        _env: &Env<'_, P>,
        _w: &mut W,
        _now: Moment,
        _event: Event<'_>,
    ) -> Action {
        Action::End(End::Replied)
    }
}
