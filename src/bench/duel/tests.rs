use super::*;
use crate::base::random::{Draws, Purpose};

/// A build whose batches take so long, and that notes what it is asked.
struct Fake {
    ns: f64,
    definition: &'static str,
    asked: Vec<Request>,
}

impl Fake {
    fn new(ns: f64, definition: &'static str) -> Fake {
        Fake { ns, definition, asked: Vec::new() }
    }
}

impl Side for Fake {
    fn ask(&mut self, request: &Request) -> Result<Answer, Silent> {
        self.asked.push(request.clone());
        Ok(match request {
            Request::Conform(_) => Answer::Conforms(Ok(())),
            Request::SetUp { operations, .. } if self.definition.is_empty() => {
                Answer::Unknown(format!("{operations:?}"))
            }
            Request::SetUp { operations, .. } => {
                let operations = operations.unwrap_or(100);
                Answer::Ready { operations, definition: self.definition.into() }
            }
            // What warms up is slow and does not count.
            Request::Time(n) => {
                let slow = |i: u32| if i < TURNS.warm_up { 9.0 } else { 1.0 };
                Answer::Times((0..*n).map(|i| self.ns * slow(i)).collect())
            }
        })
    }
}

fn jobs() -> Vec<Job> {
    let job = |path: &str| Job { variant: "v".into(), path: path.into() };
    vec![job("a"), job("b"), job("c")]
}

fn fought(head: &mut Fake, base: &mut Fake, chosen: &[usize]) -> Result<Vec<Seen>, Silent> {
    let mut seen = vec![Seen::default(); 3];
    let luck = Draws::new(1, 0).stream(Purpose::Layers, 0);
    block(&mut [head, base], (&jobs(), chosen), &TURNS, luck, &mut seen)?;
    Ok(seen)
}

#[test]
fn both_have_the_same_turns_and_the_same_operations() {
    let (mut head, mut base) = (Fake::new(30.0, "x"), Fake::new(20.0, "x"));
    let seen = fought(&mut head, &mut base, &[0, 2]).unwrap();
    assert!(seen[1].blocks.is_empty());
    for seen in [&seen[0], &seen[2]] {
        assert_eq!(seen.blocks, [vec![[30.0, 20.0]; TURNS.turns as usize]]);
        assert!((seen.ratios()[0][0] - libm::log(1.5)).abs() < 1e-12);
        assert_eq!(seen.medians(), [30.0, 20.0]);
    }
    let count = |fake: &Fake| fake.asked.iter().filter(|r| matches!(r, Request::Time(_))).count();
    assert_eq!((count(&head), count(&base)), (2 * TURNS.turns as usize, 2 * TURNS.turns as usize));
    let given = |fake: &Fake| -> Vec<Option<u32>> {
        let of = |r: &Request| match r {
            Request::SetUp { operations, .. } => Some(*operations),
            _ => None,
        };
        fake.asked.iter().filter_map(of).collect()
    };
    // Whoever comes first finds the number, the other one is given it.
    for (one, other) in given(&head).into_iter().zip(given(&base)) {
        assert!(one.is_none() != other.is_none(), "{one:?} {other:?}");
    }
}

#[test]
fn an_operation_that_takes_long_has_fewer_turns() {
    let (mut head, mut base) = (Fake::new(1e5, "x"), Fake::new(1e5, "x"));
    let seen = fought(&mut head, &mut base, &[0]).unwrap();
    assert_eq!(seen[0].blocks[0].len(), TURNS.least as usize);
    assert_eq!(TURNS.of(0.0), TURNS.turns);
}

#[test]
fn what_is_not_the_same_is_not_compared() {
    for (base, unlike) in [("", Unlike::New), ("y", Unlike::Redefined)] {
        let (mut head, mut base) = (Fake::new(1.0, "x"), Fake::new(1.0, base));
        let seen = fought(&mut head, &mut base, &[0]).unwrap();
        assert_eq!((seen[0].unlike, seen[0].blocks.len()), (Some(unlike), 0));
    }
}

/// Answers a question with the answer to another.
struct Deaf;

impl Side for Deaf {
    fn ask(&mut self, _: &Request) -> Result<Answer, Silent> {
        Ok(Answer::Refused("no ear".into()))
    }
}

#[test]
fn a_side_that_refuses_ends_it_with_its_own_words() {
    let mut seen = vec![Seen::default(); 3];
    let luck = Draws::new(1, 0).stream(Purpose::Layers, 0);
    let sides: &mut [&mut dyn Side; 2] = &mut [&mut Deaf, &mut Fake::new(1.0, "x")];
    let found = block(sides, (&jobs(), &[0]), &TURNS, luck, &mut seen);
    assert_eq!(found, Err(Silent::Broken("no ear".into())));
}
