//! What runs leave to the next ones, so that it need not be made again. Which run gets what changes no figure.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use crate::metrics::{Frame, Tally};
use crate::sim::Hops;

/// What is left over, the latest on top: a thread gets back what it gave, unless another came in between.
pub(super) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Pool<T> {
    pub(super) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
    pub(super) fn give(&self, used: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(used);
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
