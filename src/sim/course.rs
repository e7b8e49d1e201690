//! From the first arrival to the last reply. Tools are islands, so each can be simulated alone, with a
//! clock of its own. Some bodies of the plugin keep one clock for all tools; to them, tools that are
//! simulated one after the other would be time that goes back. For those, islands take turns.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::hops::Hops;
use super::island::Island;
use super::record::Recorder;
use super::world::{Tool, World};
use crate::base::Moment;
use crate::base::random::Draws;
use crate::plugin::Plugin;

/// How far a simulation went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Course {
    /// Until the last call had ended.
    Whole,
    /// Until the recorder had enough.
    Cut,
}

/// Simulates one tool of a world. Every observation goes to the recorder in the order of time.
pub fn run<P: Plugin + ?Sized, R: Recorder>(
    world: &World,
    tool: &Tool,
    plugin: &P,
    draws: &Draws,
    recorder: &mut R,
) -> Course {
    run_with(&mut Hops::none(), world, tool, plugin, draws, recorder)
}

/// The same with what an earlier simulation has drawn: nothing is different, but sooner.
pub fn run_with<P: Plugin + ?Sized, R: Recorder>(
    hops: &mut Hops,
    world: &World,
    tool: &Tool,
    plugin: &P,
    draws: &Draws,
    recorder: &mut R,
) -> Course {
    let mut island = Island::new(world, tool, plugin, draws, recorder);
    island.hops = std::mem::replace(hops, Hops::none());
    island.open();
    let course = island.run_until(Moment::NEVER);
    *hops = island.hops;
    course
}

/// Simulates tools of a world together, each with its recorder: the plugin is asked in the order of
/// time over all of them; at one instant in the order of the tools. Each recorder hears what it would
/// hear of its tool alone, if the plugin keeps tools apart.
pub fn run_in_turns<'a, P: Plugin + ?Sized, R: Recorder + 'a>(
    world: &'a World,
    tools: impl IntoIterator<Item = (&'a Tool, &'a mut R)>,
    plugin: &'a P,
    draws: &Draws,
) -> Course {
    let island = |(tool, recorder)| {
        let mut island = Island::new(world, tool, plugin, draws, recorder);
        island.open();
        island
    };
    let mut islands: Vec<Island<'a, P, R>> = tools.into_iter().map(island).collect();
    let due = islands.iter_mut().enumerate().filter_map(|(i, island)| Some((island.due()?, i)));
    let mut turns: BinaryHeap<_> = due.map(Reverse).collect();
    while let Some(Reverse((_, i))) = turns.pop() {
        let island = &mut islands[i];
        if island.run_until(until_before(turns.peek().map(|next| next.0), i)) == Course::Cut {
            return Course::Cut;
        }
        turns.extend(island.due().map(|at| Reverse((at, i))));
    }
    Course::Whole
}

/// Until when an island has its turn: another is due at a moment, and is first at that moment or not.
fn until_before(next: Option<(Moment, usize)>, own: usize) -> Moment {
    next.map_or(Moment::NEVER, |(at, other)| {
        let first = u64::from(other < own);
        Moment::from_nanos(at.as_nanos().saturating_sub(first))
    })
}
