//! How waits should be distributed, from the policy alone, to set beside those that were seen. Each
//! retry has a distribution of its own; the whole is their mixture by how often each was waited for.
//! Decorrelated jitter has no closed form after its second draw: its distribution is carried from
//! retry to retry on a fine grid.

use super::tally::WAIT_BARS;
use crate::base::Span;
use crate::plugin::{Jitter, Policy, backoff};

/// Cells of the grid of decorrelated jitter.
const CELLS: usize = 1200;

/// The longest wait that a policy can ask for with so many retries.
pub fn longest(policy: &Policy, retries: u32) -> Span {
    match retries {
        0 => policy.backoff_base.min(policy.max_backoff),
        n => backoff::longest(policy, n - 1),
    }
}

/// The share of waits in each bar from 0 to `longest`, when retry `r` was waited for `by_retry[r]`
/// times; empty without waits.
pub fn theory(policy: &Policy, by_retry: &[u64], longest: Span) -> Vec<f64> {
    let all: u64 = by_retry.iter().sum();
    if all == 0 || longest.is_zero() {
        return Vec::new();
    }
    let mut bars = vec![0.0; WAIT_BARS];
    let mut grid = Grid::new(policy, longest);
    for (retry, count) in by_retry.iter().enumerate().skip(1) {
        let shares = match policy.jitter {
            Jitter::Decorrelated => grid.next(),
            _ => closed(policy, retry as u32 - 1, longest),
        };
        let weight = *count as f64 / all as f64;
        bars.iter_mut().zip(shares).for_each(|(bar, share)| *bar += weight * share);
    }
    bars
}

/// The bars of one retry (from 0) under none, full and equal jitter: a point or a uniform stretch.
fn closed(policy: &Policy, retry: u32, longest: Span) -> Vec<f64> {
    let ceiling = policy.backoff_base.doubled(retry).min(policy.max_backoff);
    let top = ceiling.as_nanos() as f64 / longest.as_nanos() as f64;
    let bottom = match policy.jitter {
        Jitter::None => top,
        Jitter::Equal => top / 2.0,
        Jitter::Full | Jitter::Decorrelated => 0.0,
    };
    stretch(bottom, top, WAIT_BARS)
}

/// A uniform stretch between two shares of the whole length, as cells; a point where they are equal.
fn stretch(bottom: f64, top: f64, cells: usize) -> Vec<f64> {
    let (bottom, top, n) = (bottom.clamp(0.0, 1.0), top.clamp(0.0, 1.0), cells as f64);
    let mut shares = vec![0.0; cells];
    if top - bottom < 1e-12 {
        shares[((bottom * n) as usize).min(cells - 1)] = 1.0;
        return shares;
    }
    for (i, share) in shares.iter_mut().enumerate() {
        let (from, to) = (i as f64 / n, (i + 1) as f64 / n);
        *share = (to.min(top) - from.max(bottom)).max(0.0) / (top - bottom);
    }
    shares
}

/// Cells that change by less than this have settled.
const SETTLED: f64 = 1e-10;

/// The distribution of decorrelated jitter, retry after retry.
struct Grid {
    base: f64,
    cap: f64,
    cells: Option<Vec<f64>>,
    /// The last retry changed nothing, so no later one will.
    settled: bool,
}

impl Grid {
    fn new(policy: &Policy, longest: Span) -> Grid {
        let share = |span: Span| span.as_nanos() as f64 / longest.as_nanos() as f64;
        Grid {
            base: share(policy.backoff_base),
            cap: share(policy.max_backoff),
            cells: None,
            settled: false,
        }
    }

    /// min(cap, uniform(base, 3 * previous)), as bars.
    fn next(&mut self) -> Vec<f64> {
        let cells = match &self.cells {
            Some(settled) if self.settled => settled.clone(),
            None => {
                let mut first = Mixture::default();
                first.add(1.0, self.base, 3.0 * self.base, self.cap);
                first.cells()
            }
            Some(previous) => {
                let mut sum = Mixture::default();
                for (i, weight) in previous.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    sum.add(*weight, self.base, 3.0 * (i as f64 + 0.5) / CELLS as f64, self.cap);
                }
                sum.cells()
            }
        };
        self.settled = self.cells.as_ref().is_some_and(|previous| {
            previous.iter().zip(&cells).all(|(a, b)| (a - b).abs() < SETTLED)
        });
        let bars = cells.chunks(CELLS / WAIT_BARS).map(|chunk| chunk.iter().sum()).collect();
        self.cells = Some(cells);
        bars
    }
}

/// Uniform stretches, capped, added up in constant time each: what changes from cell to cell is kept.
struct Mixture {
    cells: Vec<f64>,
    rises: Vec<f64>,
}

impl Default for Mixture {
    fn default() -> Mixture {
        Mixture { cells: vec![0.0; CELLS], rises: vec![0.0; CELLS + 1] }
    }
}

impl Mixture {
    /// Adds min(cap, uniform(bottom, top)), all as shares of the whole length.
    fn add(&mut self, weight: f64, bottom: f64, top: f64, cap: f64) {
        let top = top.max(bottom);
        let cell = |share: f64| (share * CELLS as f64).clamp(0.0, CELLS as f64);
        let place = |at: f64| (at as usize).min(CELLS - 1);
        let (from, to, end) = (cell(bottom), cell(top.min(cap)), cell(top));
        let below = if top > cap { ((cap - bottom) / (top - bottom)).max(0.0) } else { 1.0 };
        self.cells[place(cell(cap))] += weight * (1.0 - below);
        let (first, last) = (place(from), place(to));
        if first == last || end <= from {
            self.cells[first] += weight * below;
            return;
        }
        let density = weight * below / (to - from);
        self.cells[first] += density * (first as f64 + 1.0 - from);
        self.rises[first + 1] += density;
        self.rises[last] -= density;
        self.cells[last] += density * (to - last as f64);
    }

    fn cells(self) -> Vec<f64> {
        let mut height = 0.0;
        let full = |(cell, rise): (f64, f64)| {
            height += rise;
            cell + height
        };
        self.cells.into_iter().zip(self.rises).map(full).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(jitter: Jitter) -> Policy {
        let ms = Span::from_millis;
        Policy { jitter, backoff_base: ms(5), max_backoff: ms(2000), ..Policy::default() }
    }

    #[test]
    fn the_means_of_decorrelated_jitter_are_the_published_ones() {
        let longest = Span::from_millis(1215);
        let mut grid = Grid::new(&policy(Jitter::Decorrelated), longest);
        for mean in [10.0, 17.5, 28.75, 45.6, 70.98] {
            grid.next();
            let cells = grid.cells.clone().unwrap();
            let mid = |i: usize| (i as f64 + 0.5) / CELLS as f64 * longest.as_millis_f64();
            let seen: f64 = cells.iter().enumerate().map(|(i, w)| w * mid(i)).sum();
            assert!((seen - mean).abs() < 0.02 * mean, "{seen} is not {mean}");
        }
    }

    #[test]
    fn shares_add_up_to_one() {
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
            let policy = policy(jitter);
            let bars = theory(&policy, &[0, 100, 50, 20], longest(&policy, 3));
            assert!((bars.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{jitter:?}");
        }
    }
}
