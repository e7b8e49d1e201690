//! What is searched: policies as points of a grid. Many points of a grid are one policy: without retries
//! nothing else matters, and a cap that no wait reaches is no cap. Each policy is searched once, under the
//! point whose cap is nearest to the one in use.

use std::collections::BTreeSet;
use std::fmt;

use crate::base::Span;
use crate::plugin::{Jitter, Policy, PolicySet};
use crate::scenario::{Column, PUBLISHED_MAX_RETRIES};

/// The four parameters that are searched, and the deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// `max_retries`.
    pub max_retries: u32,
    /// `backoff_base_ms`.
    pub base_ms: u64,
    /// `max_backoff_ms`.
    pub cap_ms: u64,
    /// `jitter`.
    pub jitter: Jitter,
    /// The gateway's deadline of a call in ms; `None` for none.
    pub deadline_ms: Option<u64>,
}

impl Point {
    /// The point of a policy, under a deadline. Parts of a millisecond are cut off.
    pub fn of(policy: &Policy, deadline: Option<Span>) -> Point {
        let ms = |span: Span| span.as_nanos() / 1_000_000;
        Point {
            max_retries: policy.max_retries,
            base_ms: ms(policy.backoff_base),
            cap_ms: ms(policy.max_backoff),
            jitter: policy.jitter,
            deadline_ms: deadline.map(ms),
        }
    }

    /// Whether published versions of the plugin take it: 1 to 10 retries, a base of 1 ms at least that the cap is
    /// not below, and jitter that is on or off.
    pub fn is_published(self) -> bool {
        let Point { max_retries, base_ms, cap_ms, jitter, .. } = self;
        let waits =
            (1..=cap_ms).contains(&base_ms) && matches!(jitter, Jitter::None | Jitter::Full);
        max_retries == 0 || (max_retries <= PUBLISHED_MAX_RETRIES && waits)
    }

    /// Its order among points: what is simpler comes first.
    pub(super) fn order(self) -> (u32, u64, u64, usize, Option<u64>) {
        (self.max_retries, self.base_ms, self.cap_ms, self.jitter as usize, self.deadline_ms)
    }

    /// The same policy under one name, with this cap where any would do.
    pub fn canonical(self, cap_ms: u64) -> Point {
        let Point { max_retries, base_ms, jitter, .. } = self;
        if max_retries == 0 {
            return Point { base_ms: 0, cap_ms: 0, jitter: Jitter::None, ..self };
        }
        let longest = match jitter {
            Jitter::Decorrelated => {
                base_ms.saturating_mul(3_u64.saturating_pow(max_retries.min(64)))
            }
            _ => base_ms.saturating_mul(1_u64.checked_shl(max_retries - 1).unwrap_or(u64::MAX)),
        };
        match self.cap_ms >= longest && cap_ms >= longest {
            true => Point { cap_ms, ..self },
            false => self,
        }
    }

    /// A policy with these parameters in place of its own.
    pub fn applied(self, policy: &Policy) -> Policy {
        match self.max_retries {
            0 => Policy { max_retries: 0, ..policy.clone() },
            max_retries => Policy {
                max_retries,
                backoff_base: Span::from_millis(self.base_ms),
                max_backoff: Span::from_millis(self.cap_ms),
                jitter: self.jitter,
                ..policy.clone()
            },
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max_retries {
            0 => f.write_str("no retries")?,
            n => {
                let (base, cap) = (self.base_ms, self.cap_ms);
                write!(f, "{n} × {base}..{cap} ms {}", self.jitter.name())?;
            }
        }
        match self.deadline_ms {
            Some(ms) => write!(f, ", deadline {ms} ms"),
            None => Ok(()),
        }
    }
}

/// Whose parameters are searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// The base policy's: tools with policies of their own keep what differs from it.
    Base,
    /// One tool's.
    Tool(String),
}

impl Target {
    /// The policy that is searched, as a column has it.
    pub fn policy<'c>(&self, column: &'c Column) -> &'c Policy {
        match self {
            Target::Base => &column.policies.base,
            Target::Tool(name) => column.policies.of(name),
        }
    }

    /// A column with a point in place of what it has.
    pub fn column(&self, column: &Column, point: Point) -> Column {
        let mut column = column.clone();
        column.world.gateway.deadline = point.deadline_ms.map(Span::from_millis);
        let set = &mut column.policies;
        match self {
            Target::Base => *set = rebased(set, &point.applied(&set.base)),
            Target::Tool(name) => {
                let groups = column.world.tools.iter().filter(|t| *t.group == **name);
                let names: Vec<String> = groups.map(|t| t.name.to_string()).collect();
                for name in names.into_iter().chain([name.clone()]) {
                    let own = point.applied(set.of(&name));
                    set.overrides.insert(name, own);
                }
            }
        }
        column
    }
}

/// Policies with another base. What a tool's own policy has in common with the old one, it has from it.
fn rebased(set: &PolicySet, base: &Policy) -> PolicySet {
    let old = &set.base;
    let rebased = |own: &Policy| {
        let mut own = own.clone();
        if own.max_retries == old.max_retries {
            own.max_retries = base.max_retries;
        }
        if (own.backoff_base, own.max_backoff) == (old.backoff_base, old.max_backoff) {
            (own.backoff_base, own.max_backoff) = (base.backoff_base, base.max_backoff);
        }
        if own.jitter == old.jitter {
            own.jitter = base.jitter;
        }
        own
    };
    let overrides = set.overrides.iter().map(|(tool, own)| (tool.clone(), rebased(own))).collect();
    PolicySet { base: base.clone(), overrides, ..set.clone() }
}

/// The values of each parameter, ascending.
#[derive(Clone, PartialEq, Debug)]
pub struct Space {
    /// `max_retries`.
    pub max_retries: Vec<u32>,
    /// `backoff_base_ms`.
    pub base_ms: Vec<u64>,
    /// `max_backoff_ms`.
    pub cap_ms: Vec<u64>,
    /// `jitter`.
    pub jitter: Vec<Jitter>,
    /// Deadlines in ms.
    pub deadline_ms: Vec<Option<u64>>,
}

/// What published versions of the plugin can be told, and what is in use.
fn jitters(current: Jitter) -> Vec<Jitter> {
    let known =
        |jitter: &Jitter| matches!(jitter, Jitter::None | Jitter::Full) || *jitter == current;
    JITTERS.into_iter().filter(known).collect()
}

/// All jitters.
pub const JITTERS: [Jitter; 4] = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated];

impl Space {
    /// What is searched if nobody says otherwise: retries up to the gateway's limit, waits from 10 ms to a
    /// minute in steps of about two, those in use among them, and the jitters that published versions know.
    pub fn around(current: Point, limit: u32) -> Space {
        let with = |mut values: Vec<u64>, own: u64| {
            values.push(own);
            values.sort_unstable();
            values.dedup();
            values
        };
        let bases = vec![10, 25, 50, 100, 200, 400, 800, 1600, 3200];
        let caps = vec![100, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
        let mut max_retries: Vec<u32> = (0..=limit.min(PUBLISHED_MAX_RETRIES)).collect();
        if current.max_retries > PUBLISHED_MAX_RETRIES {
            max_retries.push(current.max_retries.min(limit));
        }
        Space {
            max_retries,
            base_ms: with(bases, current.base_ms),
            cap_ms: with(caps, current.cap_ms),
            jitter: jitters(current.jitter),
            deadline_ms: vec![current.deadline_ms],
        }
    }

    /// The point at places on the axes; `None` where the cap would lie below the base.
    pub(super) fn at(&self, place: Place, cap_ms: u64) -> Option<Point> {
        let point = Point {
            max_retries: *self.max_retries.get(place[0])?,
            base_ms: *self.base_ms.get(place[1])?,
            cap_ms: *self.cap_ms.get(place[2])?,
            jitter: *self.jitter.get(place[3])?,
            deadline_ms: *self.deadline_ms.get(place[4])?,
        };
        (point.cap_ms >= point.base_ms).then(|| point.canonical(cap_ms))
    }

    /// All places.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let [a, b, c, d, e] = self.lengths();
        (0..a * b * c * d * e).map(move |i| {
            [i / (b * c * d * e), i / (c * d * e) % b, i / (d * e) % c, i / e % d, i % e]
        })
    }

    /// How many values each axis has.
    pub(super) fn lengths(&self) -> [usize; 5] {
        let Space { max_retries, base_ms, cap_ms, jitter, deadline_ms } = self;
        [max_retries.len(), base_ms.len(), cap_ms.len(), jitter.len(), deadline_ms.len()]
    }

    /// The values of every axis, in words.
    pub fn named(&self) -> [(&'static str, Vec<String>); 5] {
        std::array::from_fn(|axis| (AXES[axis], self.words(axis)))
    }

    /// The values of an axis, in words.
    pub(super) fn words(&self, axis: usize) -> Vec<String> {
        let numbers = |values: &[u64]| values.iter().map(u64::to_string).collect();
        match axis {
            0 => self.max_retries.iter().map(u32::to_string).collect(),
            1 => numbers(&self.base_ms),
            2 => numbers(&self.cap_ms),
            3 => self.jitter.iter().map(|j| j.name().to_owned()).collect(),
            _ => {
                let word = |ms: &Option<u64>| ms.map_or("none".to_owned(), |ms| ms.to_string());
                self.deadline_ms.iter().map(word).collect()
            }
        }
    }

    /// How many policies there are in it.
    pub fn size(&self, cap_ms: u64) -> usize {
        let points = self.places().filter_map(|place| self.at(place, cap_ms));
        points.map(Point::order).collect::<BTreeSet<_>>().len()
    }
}

/// The axes, as policies and gateways call them.
pub const AXES: [&str; 5] =
    ["max_retries", "backoff_base_ms", "max_backoff_ms", "jitter", "deadline_ms"];

/// Places on the axes: retries, base, cap, jitter, deadline.
pub(super) type Place = [usize; 5];

#[cfg(test)]
mod tests {
    use super::*;

    fn point(max_retries: u32, base_ms: u64, cap_ms: u64, jitter: Jitter) -> Point {
        Point { max_retries, base_ms, cap_ms, jitter, deadline_ms: None }
    }

    #[test]
    fn a_policy_has_one_name() {
        let one = |p: Point| p.canonical(5000);
        assert_eq!(one(point(0, 10, 100, Jitter::Full)), one(point(0, 20, 900, Jitter::None)));
        assert_eq!(one(point(2, 200, 400, Jitter::Full)), point(2, 200, 5000, Jitter::Full));
        assert_eq!(one(point(2, 200, 399, Jitter::Full)), point(2, 200, 399, Jitter::Full));
        assert_eq!(one(point(1, 200, 600, Jitter::Decorrelated)).cap_ms, 5000);
        assert_eq!(one(point(1, 200, 599, Jitter::Decorrelated)).cap_ms, 599);
        assert_eq!(one(point(64, 1, 100, Jitter::None)).cap_ms, 100, "no overflow");
    }

    #[test]
    fn a_cap_below_its_base_is_no_point() {
        let space = Space::around(Point::of(&Policy::default(), None), 3);
        let points = || space.places().filter_map(|place| space.at(place, 5000));
        assert!(points().all(|p| p.max_retries == 0 || p.cap_ms >= p.base_ms));
        assert!(space.size(5000) < points().count());
        assert!(points().any(|p| p == Point::of(&Policy::default(), None)));
    }
}
