//! One loop, two drivers: the simulator and tokio find the same attempts, waits and ends. Compared on
//! whole milliseconds, for tokio rounds every sleep up to one.

use proptest::prelude::*;
use retrylab::base::Span;
use retrylab::gateway::LoopModel::{AsShipped, Fixed};

use super::bounds;
use super::scenario::Step::{
    Hangs, IsRefused, Raises, Status, StructuredFlag, Succeeds, Unreadable,
};
use super::scenario::{Scenario, Simulator, Tokio};

fn drivers_agree(scenario: &Scenario) {
    assert_eq!(scenario.run_on(&Simulator), scenario.run_on(&Tokio), "{scenario:?}");
}

#[test]
fn both_drivers_tell_the_same_story() {
    for model in [Fixed, AsShipped] {
        for script in [
            &[Succeeds][..],
            &[Status(503), Raises, Succeeds],
            &[Status(503), Status(503), Raises],
            &[Hangs, Succeeds],
            &[Status(503), Hangs],
            &[StructuredFlag, IsRefused],
            &[Raises, Unreadable],
            &[Status(404)],
        ] {
            let scenario = Scenario::new(model, 5, script);
            drivers_agree(&scenario);
            // in an attempt, in a wait, at the end of an attempt, at the end of a wait
            for ms in [5, 50, 10, 110] {
                drivers_agree(&scenario.clone().leaves(ms));
                drivers_agree(&scenario.clone().deadline(ms));
            }
            drivers_agree(&scenario.clone().deadline(1000));
            drivers_agree(&scenario.clone().leaves(700).deadline(700));
            drivers_agree(&scenario.resource());
        }
    }
}

#[test]
fn waits_between_two_milliseconds_agree_on_whole_ones() {
    let mut scenario = Scenario::new(Fixed, 3, &[Raises, Raises, Raises, Succeeds]);
    scenario.base = Span::from_nanos(1_300_000);
    let [ours, tokios] = [scenario.run(), scenario.run_on(&Tokio)];
    assert_eq!(ours.waits, [2, 3, 6]);
    assert_eq!((ours.waits, ours.end), (tokios.waits, tokios.end));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn both_drivers_tell_the_same_story_of_any_call(scenario in bounds::scenarios()) {
        drivers_agree(&scenario);
    }
}
