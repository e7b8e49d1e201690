use super::findings::contests;
use super::*;
use crate::base::random::unit;
use crate::bench::worker::{Answer, Request};
use crate::study::gate::{Judgement, Standing, Verdict};

/// A build of which a process is faster or slower by luck, and each turn too.
struct Noisy {
    stream: Stream,
    factor: f64,
    asked: u64,
    knows: bool,
}

/// About normal, with a standard deviation of 1.
fn noise(stream: Stream, at: u64) -> f64 {
    (0..12).map(|i| unit(stream.at(12 * at + i))).sum::<f64>() - 6.0
}

impl Side for Noisy {
    fn ask(&mut self, request: &Request) -> Result<Answer, Silent> {
        self.asked += 1;
        let luck = 1.0 + 0.01 * noise(self.stream.sub(0), 0);
        Ok(match request {
            Request::SetUp { path, .. } if path == "recovered" && !self.knows => {
                Answer::Unknown(path.clone())
            }
            Request::SetUp { .. } => Answer::Ready { operations: 100, definition: "x".into() },
            Request::Time(n) => {
                let ns = 100.0 * self.factor * luck;
                let ns = ns * (1.0 + 0.05 * noise(self.stream.sub(1), self.asked));
                Answer::Times(vec![ns; *n as usize])
            }
            Request::Conform(_) => Answer::Conforms(Ok(())),
        })
    }
}

fn rules(most_blocks: u32) -> Timed {
    Timed {
        variants: vec!["sharded".into()],
        paths: ["success", "error_flag", "recovered"].map(str::to_owned).to_vec(),
        counts: 0.01,
        sees: 0.03,
        level: 0.01,
        blocks: 12,
        most_blocks,
        why: "it must".into(),
        ratios: Vec::new(),
    }
}

/// A contest with a head that is slower by a factor, in the first run and in the second.
fn trials(seed: u64, most: u32, factors: [f64; 2], knows: bool) -> Vec<Trial> {
    let luck = Draws::new(seed, 0).stream(Purpose::Cases, 0);
    let (mut opened, mut run) = (0, 0);
    let mut open = |block: u32| {
        run += usize::from(block == 0);
        opened += 1;
        let side = |n: u64, factor| {
            let stream = luck.sub(2 * opened + n);
            Noisy { stream, factor, asked: 0, knows: n == 0 || knows }
        };
        Ok([side(0, factors[run - 1]), side(1, 1.0)])
    };
    contest(&rules(most), seed, &mut open, &mut |_, _| {}).unwrap()
}

fn standings(trials: &[Trial]) -> Vec<Standing> {
    contests(&rules(40), trials).iter().map(|f| f.standing).collect()
}

#[test]
fn a_build_beside_itself_is_fast_enough() {
    for seed in 0..40 {
        let found = standings(&trials(seed, 40, [1.0, 1.0], true));
        assert_eq!(found, [Standing::FastEnough; 3], "seed {seed}");
    }
}

#[test]
fn a_build_that_is_3_percent_slower_is_caught_and_a_faster_one_named() {
    for seed in 0..20 {
        let found = trials(seed, 40, [1.03, 1.03], true);
        let standings = standings(&found);
        assert!(standings.contains(&Standing::Slower), "seed {seed}: {found:?}");
        assert!(!standings.contains(&Standing::FastEnough), "seed {seed}: {found:?}");
        let slower =
            contests(&rules(40), &found).into_iter().find(|f| f.standing == Standing::Slower);
        let told = slower.unwrap().detail.unwrap();
        assert!(told.contains("confirmed: +") && told.contains("blocks"), "{told}");
    }
    assert_eq!(standings(&trials(1, 40, [0.9, 0.9], true)), [Standing::Faster; 3]);
}

#[test]
fn what_is_not_confirmed_is_not_slower() {
    let found = trials(1, 40, [1.1, 1.0], true);
    assert_eq!(standings(&found), [Standing::Undecided; 3]);
    let told = contests(&rules(40), &found)[0].detail.clone().unwrap();
    assert!(told.contains("not confirmed"), "{told}");
}

#[test]
fn too_few_blocks_for_the_noise_are_undecided_and_say_why() {
    let few = Timed { blocks: 6, most_blocks: 6, counts: 0.0001, sees: 0.0002, ..rules(6) };
    let luck = Draws::new(1, 0).stream(Purpose::Cases, 0);
    let mut opened: u64 = 0;
    let mut open = |_| {
        opened += 2;
        let side = |n: u64| {
            let stream = luck.sub(opened + n);
            Noisy { stream, factor: 1.0, asked: 0, knows: true }
        };
        Ok([side(0), side(1)])
    };
    let found = contest(&few, 1, &mut open, &mut |_, _| {}).unwrap();
    let findings = contests(&few, &found);
    assert!(findings[0].detail.as_ref().unwrap().contains("too noisy to tell"), "{findings:?}");
    assert_eq!(Judgement::of(findings).verdict, Verdict::Undecided);
}

#[test]
fn a_path_that_the_base_does_not_have_is_new_and_no_pass() {
    let found = trials(1, 40, [1.0, 1.0], false);
    let findings = contests(&rules(40), &found);
    assert_eq!(findings[2].standing, Standing::New);
    assert_eq!(Judgement::of(findings).verdict, Verdict::NoBaseline);
}

#[test]
fn a_side_that_breaks_or_is_stopped_ends_the_contest() {
    for silent in [Silent::Stopped, Silent::Broken("gone".into())] {
        let mut open = |_| -> Result<[Noisy; 2], Silent> { Err(silent.clone()) };
        let found = contest(&rules(40), 1, &mut open, &mut |_, _| {});
        assert_eq!(found, Err(silent));
    }
}
