//! How large a plan is, before anything runs: the calls that it asks for in the mean. Whoever asked for
//! a billion of them by one digit too many should be told at once.

use crate::base::Moment;
use crate::sim::world::{Arrivals, Load, PAUSE, Tool};

use super::plan::Plan;

impl Plan {
    /// The calls of all replicas and columns in the mean. Of clients in a closed loop it is the most that
    /// they can make where nothing fails.
    pub fn expected_calls(&self) -> f64 {
        let column = |c: &super::Column| {
            let end = Moment::START + c.world.duration;
            let loads = |tool: &Tool| tool.loads.iter().map(|l| calls(l, tool, end)).sum::<f64>();
            c.world.tools.iter().map(loads).sum::<f64>()
        };
        f64::from(self.replicas) * self.columns.iter().map(column).sum::<f64>()
    }
}

/// The calls that one load brings to one tool until a moment.
fn calls(load: &Load, tool: &Tool, end: Moment) -> f64 {
    let seconds = end.since(Moment::START).as_secs_f64();
    match &load.arrivals {
        Arrivals::Constant { rate } | Arrivals::Poisson { rate } => rate * seconds,
        Arrivals::Burst { at, calls } => {
            if *at < end {
                *calls as f64
            } else {
                0.0
            }
        }
        Arrivals::Square { low, high, duty, .. } => (low * (1.0 - duty) + high * duty) * seconds,
        Arrivals::Diurnal { low, high, .. } => (low + high) / 2.0 * seconds,
        Arrivals::Trace(moments) => moments.partition_point(|at| *at < end) as f64,
        Arrivals::Closed { clients, calls_each: Some(calls), .. } => {
            *clients as f64 * *calls as f64
        }
        Arrivals::Closed { clients, think, .. } => {
            let service = match &tool.optimistic_lock {
                Some(lock) => 4.0 * lock.hop.mean_secs(),
                None => tool.latency.mean_secs(),
            };
            let cycle = (think.mean_secs() + service).max(PAUSE.as_secs_f64());
            let most = tool.capacity.as_ref().filter(|_| service > 0.0);
            let most = most.map_or(f64::INFINITY, |c| f64::from(c.servers) / service);
            (*clients as f64 / cycle).min(most) * seconds + *clients as f64
        }
    }
}
