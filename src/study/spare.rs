//! What runs leave to the next ones, so that it need not be made again. Which run gets what changes no figure.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use crate::metrics::{Frame, Tally};
use crate::sim::Hops;

/// What is left over, each with the thread that left it. A thread takes back its own, the latest first: what another
/// one used lies in that one's cache, and hops of another replica would be drawn again. Only if it has left none does it
/// take another's.
pub(super) struct Pool<T>(Mutex<Vec<(Option<usize>, T)>>);

impl<T> Pool<T> {
    pub(super) fn take(&self) -> Option<T> {
        let thread = rayon::current_thread_index();
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = left.iter().rposition(|(by, _)| *by == thread);
        let any = own.or(left.len().checked_sub(1))?;
        Some(left.remove(any).1)
    }
    pub(super) fn give(&self, used: T) {
        let thread = rayon::current_thread_index();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((thread, used));
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Pool<T> {
        Pool(Mutex::default())
    }
}

/// What the runs of a study leave.
#[derive(Default)]
pub(super) struct Spare {
    /// Tallies that have been read.
    pub(super) tallies: Pool<Tally>,
    /// Hops that the other columns of a replica draw too.
    hops: Pool<Hops>,
    /// There are other columns.
    several: bool,
}

impl Spare {
    /// For a study of so many columns.
    pub(super) fn of_columns(columns: usize) -> Spare {
        Spare { several: columns > 1, ..Spare::default() }
    }
    /// Hops that were drawn, if they can be of use again.
    pub(super) fn hops(&self) -> Hops {
        if self.several { self.hops.take().unwrap_or_default() } else { Hops::none() }
    }
    /// What a run has drawn, for another column.
    pub(super) fn keep(&self, hops: Hops) {
        if self.several {
            self.hops.give(hops);
        }
    }
    /// A tally that has counted nothing.
    pub(super) fn tally(&self, frame: Frame) -> Tally {
        let used = self.tallies.take();
        used.map_or_else(|| Tally::new(frame), |used| Tally::in_place_of(used, frame))
    }
    /// Adds the closed tally of a tool to its group's.
    pub(super) fn gather(&self, groups: &mut BTreeMap<String, Tally>, group: String, tally: Tally) {
        match groups.entry(group) {
            Entry::Vacant(first) => {
                first.insert(tally);
            }
            Entry::Occupied(mut more) => {
                more.get_mut().merge(&tally);
                self.tallies.give(tally);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_takes_back_what_it_left_and_anothers_only_if_it_left_none() {
        let threads =
            rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads can be had");
        let pool = Pool::default();
        threads.broadcast(|thread| (0..3).for_each(|turn| pool.give((thread.index(), turn))));
        let taken = threads.broadcast(|_| [pool.take(), pool.take(), pool.take()]);
        for (thread, taken) in taken.into_iter().enumerate() {
            assert_eq!(taken, [2, 1, 0].map(|turn| Some((thread, turn))));
        }
        assert_eq!(pool.take(), None);
        pool.give((7, 7));
        assert_eq!(threads.install(|| pool.take()), Some((7, 7)), "left by no thread of these");
    }
}
