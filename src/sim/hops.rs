//! The hops of attempts at a versioned row, kept from one run to the next. The columns of a replica have common random
//! numbers: attempt *k* of call *n* has the same hops in all of them, whatever the policy. Drawing four of them is a
//! sixth of what such an attempt costs; what is kept is looked up.

use crate::base::Span;
use crate::base::dist::Distribution;
use crate::base::random::Stream;

/// Calls and attempts whose hops are kept at most, in one or two megabytes; what lies beyond is drawn each time.
const CALLS: u64 = 1 << 12;
const ATTEMPTS: usize = 1 << 16;

/// The hops of one load's attempts, as far as they were drawn.
#[derive(Debug)]
pub struct Hops {
    /// What they are drawn from.
    from: Option<(Distribution, Stream)>,
    /// By call and attempt, in nanoseconds. An attempt follows the one before it, so there are no gaps.
    calls: Vec<Vec<[u32; 4]>>,
    /// How many are kept, and how many can be.
    attempts: usize,
    most: usize,
}

impl Default for Hops {
    fn default() -> Hops {
        Hops { from: None, calls: Vec::new(), attempts: 0, most: ATTEMPTS }
    }
}

impl Hops {
    /// Keeps none: for a run that no other follows.
    pub fn none() -> Hops {
        Hops { most: 0, ..Hops::default() }
    }

    /// Gets ready for a load, whose attempts have hops from a distribution and draw them from a stream; those of
    /// others are forgotten.
    pub(super) fn get_ready(&mut self, hop: &Distribution, stream: Stream) {
        if self.from.as_ref().is_none_or(|(of, from)| (of, *from) != (hop, stream)) {
            self.from = Some((hop.clone(), stream));
            self.calls.iter_mut().for_each(Vec::clear);
            self.attempts = 0;
        }
    }

    /// Those of an attempt, if they are kept.
    #[inline]
    pub(super) fn find(&self, call: u64, attempt: u64) -> Option<[Span; 4]> {
        let hops =
            self.calls.get(usize::try_from(call).ok()?)?.get(usize::try_from(attempt).ok()?)?;
        Some(hops.map(|nanos| Span::from_nanos(nanos.into())))
    }

    /// Keeps those of an attempt, if there is room and none is longer than four seconds.
    #[inline]
    pub(super) fn keep(&mut self, call: u64, attempt: u64, hops: [Span; 4]) {
        if self.attempts < self.most && call < CALLS {
            self.enter(call as usize, attempt as usize, hops);
        }
    }

    fn enter(&mut self, call: usize, attempt: usize, hops: [Span; 4]) {
        let nanos = hops.map(|hop| u32::try_from(hop.as_nanos()).unwrap_or(u32::MAX));
        if self.calls.len() <= call {
            self.calls.resize_with(call + 1, Vec::new);
        }
        if self.calls[call].len() == attempt && !nanos.contains(&u32::MAX) {
            self.calls[call].push(nanos);
            self.attempts += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};

    fn stream(entity: u64) -> Stream {
        Draws::new(1, 0).stream(Purpose::Network, entity)
    }

    #[test]
    fn hops_are_kept_for_as_long_as_they_are_drawn_from_the_same() {
        let (hop, long) = ([1, 2].map(Span::from_millis).map(Distribution::Fixed)).into();
        let some = [3, 1, 4, 1].map(Span::from_millis);
        let mut hops = Hops::default();
        hops.get_ready(&hop, stream(1));
        hops.keep(7, 0, some);
        hops.keep(7, 1, some.map(|hop| hop.times(2)));
        hops.get_ready(&hop, stream(1));
        assert_eq!(hops.find(7, 0), Some(some));
        assert_eq!(hops.find(7, 1), Some(some.map(|hop| hop.times(2))));
        assert_eq!([hops.find(7, 2), hops.find(6, 0), hops.find(8, 0)], [None; 3]);
        hops.get_ready(&long, stream(1));
        assert_eq!(hops.find(7, 0), None);
        hops.keep(7, 0, some);
        hops.get_ready(&long, stream(2));
        assert_eq!(hops.find(7, 0), None);
    }

    #[test]
    fn what_has_no_room_is_not_kept() {
        let mut hops = Hops::default();
        let short = [Span::from_secs(4); 4];
        let long = [Span::ZERO, Span::ZERO, Span::ZERO, Span::from_secs(5)];
        for (call, attempt, drawn) in
            [(0, 0, long), (0, 1, short), (CALLS, 0, short), (u64::MAX, 0, short)]
        {
            hops.keep(call, attempt, drawn);
            assert_eq!(hops.find(call, attempt), None, "{call} {attempt}");
        }
        (0..2 * ATTEMPTS as u64).for_each(|attempt| hops.keep(1, attempt, short));
        assert!(hops.find(1, ATTEMPTS as u64 - 1).is_some());
        assert!(hops.find(1, ATTEMPTS as u64).is_none());
    }
}
