//! How often each reason was seen.

use crate::plugin::Reason;

/// Counts by reason. They are few, and most often it is the first, so they are looked through one by one.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons(Vec<(Reason, u64)>);

impl Reasons {
    /// More failures of a reason.
    #[inline(always)] // in the way of every failure
    pub(super) fn add(&mut self, reason: Reason, more: u64) {
        match self.0.first_mut() {
            Some((first, count)) if *first == reason => *count += more,
            _ => self.add_other(reason, more),
        }
    }
    #[cold]
    fn add_other(&mut self, reason: Reason, more: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += more,
            None => self.0.push((reason, more)),
        }
    }
    /// Adds what others counted.
    pub(super) fn merge(&mut self, other: &Reasons) {
        other.iter().for_each(|(reason, count)| self.add(reason, count));
    }
    /// Each and how often it was seen.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        self.0.iter().copied()
    }
}
