//! A word that tells up to nine calls apart by seven bits of their hashes (as a bucket of a cuckoo filter
//! does: Fan et al., CoNEXT 2014), and of more only knows how many there are, until there are none.

/// The bits of a call.
const WIDTH: u32 = 7;
/// The lowest bit of each lane, the highest, and all that are not the highest. There are nine lanes, or one.
const LOWS: u64 = if cfg!(loom) { 1 } else { 0x0102_0408_1020_4081 };
const HIGHS: u64 = LOWS << (WIDTH - 1);
const OTHERS: u64 = HIGHS - LOWS;
/// Said if calls are only counted.
const COUNTS: u64 = 1 << 63;
/// Below it stands the level of the cells that go with the word, and then the number of calls.
const LEVEL: u32 = 48;

/// Seven bits of a call's hash; no call has 0.
#[derive(Clone, Copy)]
pub(super) struct Tag(u64);

impl Tag {
    /// Of other bits than those that choose shards, cells and places in a table.
    pub(super) fn of(hash: u64) -> Tag {
        Tag((hash >> 40 & 127).max(1))
    }
}

/// The tags of a few calls, or the number of more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Word(pub(super) u64);

impl Word {
    pub(super) const EMPTY: Word = Word(0);

    /// True if calls are only counted.
    pub(super) fn counts(self) -> bool {
        self.0 >= COUNTS
    }

    /// The level of the cells that go with it.
    pub(super) fn level(self) -> usize {
        (self.0 >> LEVEL) as usize & 0xff
    }

    /// With cells of the next level.
    pub(super) fn at_next_level(self) -> Word {
        Word(self.0 + (1 << LEVEL))
    }

    /// How many calls are in it.
    pub(super) fn len(self) -> u64 {
        if self.counts() {
            return self.0 & ((1 << LEVEL) - 1);
        }
        let taken = (((self.0 & OTHERS) + OTHERS) | self.0) & HIGHS;
        u64::from(taken.count_ones())
    }

    /// False if a call with a tag is not in it.
    pub(super) fn may_hold(self, tag: Tag) -> bool {
        self.counts() || self.lanes(tag) != 0
    }

    /// With one more call.
    pub(super) fn with(self, tag: Tag) -> Word {
        if self.counts() {
            return Word(self.0 + 1);
        }
        match self.first_lane(Tag(0)) {
            0 => Word(COUNTS + self.len() + 1),
            free => Word(self.0 | (free * tag.0)),
        }
    }

    /// Without a call that is in it.
    pub(super) fn without(self, tag: Tag) -> Word {
        if self.counts() {
            return if self.len() == 1 { Word::EMPTY } else { Word(self.0 - 1) };
        }
        let lane = self.first_lane(tag);
        Word(self.0 & !((lane << WIDTH).wrapping_sub(lane)))
    }

    /// A bit for each lane that has a tag, exact up to the first (the search for a zero byte of Warren,
    /// Hacker's Delight, 6-1).
    fn lanes(self, tag: Tag) -> u64 {
        let zero = self.0 ^ (LOWS * tag.0);
        zero.wrapping_sub(LOWS) & !zero & HIGHS
    }

    /// The lowest bit of the first lane with a tag; 0 if there is none. A lock is held meanwhile, so nothing is
    /// divided nor counted.
    fn first_lane(self, tag: Tag) -> u64 {
        let lanes = self.lanes(tag);
        (lanes & lanes.wrapping_neg()) >> (WIDTH - 1)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_a_few_tags_or_a_number(
            steps in prop::collection::vec((any::<bool>(), 0..5_u64), 1..60),
        ) {
            let (mut word, mut calls) = (Word::EMPTY, Vec::new());
            let tag = |call: u64| Tag::of(call << 40);
            for (comes, call) in steps {
                match calls.iter().position(|&c| c == call) {
                    Some(nth) if !comes => {
                        calls.swap_remove(nth);
                        word = word.without(tag(call));
                    }
                    _ => {
                        calls.push(call);
                        word = word.with(tag(call));
                    }
                }
                prop_assert_eq!(word.len(), calls.len() as u64);
                prop_assert_eq!(word == Word::EMPTY, calls.is_empty());
                if calls.len() > 9 {
                    prop_assert!(word.counts());
                }
                for call in 2..127 {
                    let there = word.counts() || calls.contains(&call);
                    prop_assert_eq!(word.may_hold(tag(call)), there);
                }
            }
        }
    }
}
