//! Where to look. A grid of policies is large and what it costs to look at a point is not small, but
//! neighbours behave alike. So a coarse lattice is looked at first, on a few common replicas, and then the
//! neighbours of the best points, again and again, until the best have no neighbour that was not looked at
//! (a pattern search: Hooke and Jeeves, 1961; from several points at once, for there may be several hills).

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::{Ledger, Stopped};
use super::point::{JITTERS, Place, Point, Space};
use super::race::Judge;

/// Replicas of each point while looking.
pub(super) const GLANCE: u64 = 2;
/// From how many of the best points the search goes on.
const CLIMBERS: usize = 6;

/// A search in progress.
pub(super) struct Search<'a> {
    space: &'a Space,
    ledger: &'a Ledger<'a>,
    judge: &'a Judge<'a>,
    /// The cap of policies where any would do.
    cap_ms: u64,
    /// Places by the order of their points: the first that is found stands for all.
    places: BTreeMap<Order, (Place, Point)>,
    seen: BTreeMap<Order, Point>,
}

type Order = (u32, u64, u64, usize, Option<u64>);

impl<'a> Search<'a> {
    pub(super) fn new(
        space: &'a Space,
        ledger: &'a Ledger<'a>,
        judge: &'a Judge<'a>,
        cap_ms: u64,
    ) -> Search<'a> {
        let mut places = BTreeMap::new();
        for place in space.places() {
            if let Some(point) = space.at(place, cap_ms) {
                places.entry(point.order()).or_insert((place, point));
            }
        }
        Search { space, ledger, judge, cap_ms, places, seen: BTreeMap::new() }
    }

    /// Whether a point is searched.
    pub(super) fn has(&self, point: Point) -> bool {
        self.places.contains_key(&point.order())
    }

    /// How many policies there are.
    pub(super) fn size(&self) -> usize {
        self.places.len()
    }

    /// Looks around, at no more than so many points; gives those that were looked at, the best first.
    ///
    /// # Errors
    /// If it was stopped.
    pub(super) fn look(&mut self, first: &[Point], most: usize) -> Result<Vec<Point>, Stopped> {
        let lattice = self.lattice(most / 2);
        self.visit(first.iter().copied().chain(lattice))?;
        let mut expanded = BTreeSet::new();
        while self.seen.len() < most {
            let best = self.judge.ranked(self.seen.values().copied(), GLANCE);
            let climbers: Vec<Point> =
                best.into_iter().take(CLIMBERS).filter(|p| expanded.insert(p.order())).collect();
            if climbers.is_empty() {
                break;
            }
            let neighbours: BTreeMap<Order, Point> =
                climbers.iter().flat_map(|p| self.neighbours(*p)).collect();
            let new = neighbours.into_iter().filter(|(order, _)| !self.seen.contains_key(order));
            let new: Vec<Point> = new.map(|(_, p)| p).take(most - self.seen.len()).collect();
            self.visit(new.into_iter())?;
        }
        Ok(self.judge.ranked(self.seen.values().copied(), GLANCE))
    }

    fn visit(&mut self, points: impl Iterator<Item = Point>) -> Result<(), Stopped> {
        let new: BTreeMap<Order, Point> = points.map(|p| (p.order(), p)).collect();
        let points: Vec<Point> = new.values().copied().collect();
        self.ledger.run(&points, 0..GLANCE)?;
        self.seen.extend(new);
        Ok(())
    }

    /// Points spread over the grid: all of it where it is small, else every so many values of each axis.
    fn lattice(&self, most: usize) -> Vec<Point> {
        let lengths = self.space.lengths();
        let mut found = Vec::new();
        for step in 1..=lengths.into_iter().max().unwrap_or(1) {
            let on = |place: &Place| {
                let ends = |axis: usize| place[axis] == 0 || place[axis] + 1 == lengths[axis];
                [0, 1, 2, 4].iter().all(|&axis| place[axis].is_multiple_of(step) || ends(axis))
                    && (step < 3 || place[3].is_multiple_of(2) || lengths[3] < JITTERS.len())
            };
            let points = self.places.values().filter(|(place, _)| on(place));
            found = points.map(|(_, point)| *point).collect();
            if found.len() <= most {
                return found;
            }
        }
        found.truncate(most.max(1));
        found
    }

    /// One step along an axis, along base and cap together, and any other jitter.
    fn neighbours(&self, point: Point) -> Vec<(Order, Point)> {
        let Some((place, _)) = self.places.get(&point.order()) else {
            return self.nearest(point);
        };
        let mut moves: Vec<Place> = Vec::new();
        let mut step = |axes: &[usize], by: isize| {
            let mut to = *place;
            for &axis in axes {
                match to[axis].checked_add_signed(by) {
                    Some(there) => to[axis] = there,
                    None => return,
                }
            }
            moves.push(to);
        };
        for by in [-1, 1] {
            [&[0][..], &[1], &[2], &[1, 2], &[4]].into_iter().for_each(|axes| step(axes, by));
        }
        for jitter in 0..self.space.jitter.len() {
            moves.push([place[0], place[1], place[2], jitter, place[4]]);
        }
        let at = |place: Place| self.space.at(place, self.cap_ms).map(|p| (p.order(), p));
        moves.into_iter().filter_map(at).collect()
    }

    /// Of a point that is not on the grid: the one of each jitter that is nearest to it.
    fn nearest(&self, point: Point) -> Vec<(Order, Point)> {
        let near = |values: &[u64], x: u64| {
            let away = |i: &usize| values[*i].abs_diff(x);
            (0..values.len()).min_by_key(away).unwrap_or(0)
        };
        let retries: Vec<u64> = self.space.max_retries.iter().map(|n| u64::from(*n)).collect();
        let at = |jitter| {
            let (base, cap) =
                (near(&self.space.base_ms, point.base_ms), near(&self.space.cap_ms, point.cap_ms));
            let place = [near(&retries, u64::from(point.max_retries)), base, cap, jitter, 0];
            self.space.at(place, self.cap_ms).map(|p| (p.order(), p))
        };
        (0..self.space.jitter.len()).filter_map(at).collect()
    }
}
