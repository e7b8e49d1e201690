//! A look at a shard without its lock: most calls that succeed never failed, and need not wait for a lock to
//! hear that they are not there. The answer is "no" or "perhaps", and "no" is never said of a call that
//! the caller knows to be there.
//!
//! A shard has a word that tells up to nine calls apart ([`word`](super::word)). From its tenth call on it
//! has cells, a word each, for five calls or fewer on average: when they fill up, four times as many are
//! filled and take over. That is 2 to 9 bytes a call, kept for later calls: who only looks tells nobody,
//! so nobody knows when no one looks. Shards that stand side by side have theirs in one allocation.
//!
//! All is written under the shard's lock. Who finds an old number of cells sees what they were when others
//! took over, with every call that was there; they are cleared when no call is left.

use super::sync::{AtomicU64, OnceLock, Ordering};
use super::word::{Tag, Word};

/// How many shards have their cells in one allocation: neighbours, for those of a tool are.
pub(super) const GROUP: usize = if cfg!(loom) { 2 } else { 8 };
/// The logarithm of the number of a shard's cells at level 0; each level has four times as many.
const FIRST: u32 = if cfg!(loom) { 0 } else { 3 };
/// How many calls a cell has at most, on average.
const LOAD: u64 = if cfg!(loom) { 2 } else { 5 };
/// At the last, a tool has twenty million calls before its cells are too few, and more locks are taken in vain.
const LEVELS: usize = 8;

/// The cells of neighbouring shards, level by level.
#[derive(Default)]
pub(super) struct Cells {
    levels: [OnceLock<Box<[AtomicU64]>>; LEVELS],
}

impl Cells {
    /// The bytes allocated.
    #[cfg(all(test, not(loom)))]
    pub(super) fn bytes(&self) -> usize {
        let words = self.levels.iter().filter_map(OnceLock::get).flatten().count();
        words * size_of::<AtomicU64>()
    }
}

/// The logarithm of the number of a shard's cells.
fn width(level: usize) -> u32 {
    FIRST + 2 * level as u32
}

/// A shard's head and cells.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    pub(super) head: &'a AtomicU64,
    /// Of all shards, group by group.
    pub(super) cells: &'a [Cells],
    /// Which of all shards it is.
    pub(super) nth: usize,
}

impl<'a> Filter<'a> {
    fn head(self) -> Word {
        // With a level, what its cells are is seen.
        Word(self.head.load(Ordering::Acquire))
    }

    /// How many calls there are.
    pub(super) fn len(self) -> usize {
        self.head().len() as usize
    }

    /// False if a call is not there. A caller that has seen it enter, and not leave, hears true: every
    /// head and every cell since then has it.
    #[inline(always)] // in the way of every success
    pub(super) fn may_hold(self, hash: u64) -> bool {
        let head = self.head();
        if head == Word::EMPTY {
            return false;
        }
        if !head.counts() {
            return head.may_hold(Tag::of(hash));
        }
        let held = |cell: &AtomicU64| Word(cell.load(Ordering::Relaxed)).may_hold(Tag::of(hash));
        self.cell(head.level(), hash).is_none_or(held)
    }

    /// Under the lock: a call has come, and these are all that are there now.
    pub(super) fn add(self, hash: u64, all: impl Iterator<Item = u64> + Clone) {
        let head = self.head();
        let next = head.with(Tag::of(hash));
        if next.counts() {
            self.add_to_cells(head, next, hash, all);
        } else {
            self.tell(next);
        }
    }

    #[cold]
    fn add_to_cells(
        self,
        head: Word,
        next: Word,
        hash: u64,
        all: impl Iterator<Item = u64> + Clone,
    ) {
        let level = next.level();
        if !head.counts() {
            self.fill(level, all);
            self.tell(next);
        } else if next.len() > LOAD << width(level) && level + 1 < LEVELS {
            self.fill(level + 1, all);
            self.tell(next.at_next_level());
        } else {
            self.change(level, hash, Word::with);
            self.tell(next);
        }
    }

    /// Under the lock: a call has gone.
    #[inline]
    pub(super) fn remove(self, hash: u64) {
        let head = self.head();
        let next = head.without(Tag::of(hash));
        if head.counts() {
            self.remove_from_cells(head, next, hash);
        } else {
            self.tell(next);
        }
    }

    #[cold]
    fn remove_from_cells(self, head: Word, next: Word, hash: u64) {
        self.change(head.level(), hash, Word::without);
        self.tell(next);
        if next == Word::EMPTY {
            (0..=head.level()).flat_map(|level| self.of_level(level)).for_each(clear);
        }
    }

    fn tell(self, head: Word) {
        self.head.store(head.0, Ordering::Release);
    }

    /// Puts calls into the cells of a level.
    fn fill(self, level: usize, calls: impl Iterator<Item = u64>) {
        let Some(group) = self.group() else { return };
        group.levels[level].get_or_init(|| {
            let cells = GROUP << width(level);
            (0..cells).map(|_| AtomicU64::new(0)).collect()
        });
        calls.for_each(|hash| self.change(level, hash, Word::with));
    }

    fn change(self, level: usize, hash: u64, how: fn(Word, Tag) -> Word) {
        if let Some(cell) = self.cell(level, hash) {
            let word = Word(cell.load(Ordering::Relaxed));
            cell.store(how(word, Tag::of(hash)).0, Ordering::Relaxed);
        }
    }

    fn cell(self, level: usize, hash: u64) -> Option<&'a AtomicU64> {
        let cells = self.group()?.levels[level % LEVELS].get()?;
        let own = cells.len() / GROUP;
        cells.get(self.nth % GROUP * own + (hash as usize & own.wrapping_sub(1)))
    }

    /// All cells of the shard at a level.
    fn of_level(self, level: usize) -> &'a [AtomicU64] {
        let cells = self.group().and_then(|group| group.levels[level % LEVELS].get());
        cells.map_or(&[], |cells| {
            let own = cells.len() / GROUP;
            &cells[self.nth % GROUP * own..][..own]
        })
    }

    fn group(self) -> Option<&'a Cells> {
        self.cells.get(self.nth / GROUP)
    }
}

fn clear(cell: &AtomicU64) {
    cell.store(Word::EMPTY.0, Ordering::Relaxed);
}

/// Mistakes that a model has to find, of the third call, for which there have to be four cells.
#[cfg(test)]
#[cfg(loom)]
impl Filter<'_> {
    pub(super) fn tell_before_filling(self, all: [u64; 3]) {
        let next = self.head().with(Tag::of(all[2])).at_next_level();
        self.tell(next);
        self.fill(1, all.into_iter());
    }
    pub(super) fn clear_what_was_taken_over(self, all: [u64; 3]) {
        self.add(all[2], all.into_iter());
        self.of_level(0).iter().for_each(clear);
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};
    use proptest::prelude::*;

    #[derive(Default)]
    struct Owned {
        head: AtomicU64,
        cells: [Cells; 2],
        calls: Vec<u64>,
    }

    impl Owned {
        fn filter(&self) -> Filter<'_> {
            Filter { head: &self.head, cells: &self.cells, nth: GROUP + 3 }
        }
        fn add(&mut self, hash: u64) {
            self.calls.push(hash);
            self.filter().add(hash, self.calls.iter().copied());
        }
        fn remove(&mut self, nth: usize) {
            let hash = self.calls.swap_remove(nth);
            self.filter().remove(hash);
        }
        /// How many of some that are not there are taken for present.
        fn mistaken(&self) -> usize {
            let absent = 1_000_000..1_010_000;
            absent.filter(|&nth| self.filter().may_hold(hash(nth))).count()
        }
    }

    fn hash(nth: u64) -> u64 {
        Draws::new(1, 0).stream(Purpose::Layers, 0).at(nth)
    }

    /// So many come and go that there are cells of several levels, or, in an interpreter, of the first.
    const STEPS: usize = if cfg!(miri) { 60 } else { 600 };

    proptest! {
        /// Few different hashes, so that several calls have one tag.
        #[test]
        fn who_is_there_is_never_denied(
            most in 1..200_usize,
            steps in prop::collection::vec((0..60_u64, any::<prop::sample::Index>()), 1..STEPS),
        ) {
            let mut filter = Owned::default();
            for (call, nth) in steps {
                let comes = call < 40 && filter.calls.len() < most;
                if comes || filter.calls.is_empty() {
                    filter.add(hash(call));
                } else {
                    filter.remove(nth.index(filter.calls.len()));
                }
                prop_assert_eq!(filter.filter().len(), filter.calls.len());
                prop_assert!(filter.calls.iter().all(|&hash| filter.filter().may_hold(hash)));
            }
            while !filter.calls.is_empty() {
                filter.remove(0);
            }
            prop_assert_eq!(filter.filter().len(), 0);
            let cells = filter.cells[1].levels.iter().filter_map(OnceLock::get).flatten();
            let taken = cells.filter(|cell| cell.load(Ordering::Relaxed) != 0).count();
            prop_assert_eq!(taken, 0, "no word says what is gone");
        }
    }

    /// Of 127 tags, up to nine or, in a cell, five are taken on average.
    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn few_who_are_not_there_are_taken_for_present() {
        let mut filter = Owned::default();
        for (calls, percent) in [(0, 0), (1, 2), (9, 8), (40, 8), (41, 3), (640, 8), (10_240, 8)] {
            (filter.calls.len()..calls).for_each(|nth| filter.add(hash(nth as u64)));
            assert!(filter.mistaken() <= percent * 100, "{calls} calls: {}", filter.mistaken());
        }
        while filter.calls.len() > 100 {
            filter.remove(0);
        }
        assert!(filter.mistaken() < 300, "those that went are gone: {}", filter.mistaken());
    }
}
