//! What holds for every call, whatever its tool, its plugin and its client do.

use proptest::prelude::*;
use retrylab::gateway::{End, LoopModel, Stop};

use super::plain::Flaw;
use super::scenario::{Scenario, Step, ms_after_start};

/// Any call, in whole milliseconds.
pub(crate) fn scenarios() -> impl Strategy<Value = Scenario> {
    let step = prop_oneof![
        4 => Just(Step::Status(503)),
        4 => Just(Step::Raises),
        3 => Just(Step::Hangs),
        1 => Just(Step::StructuredFlag),
        1 => Just(Step::RaisesStatus(404)),
        1 => Just(Step::Succeeds),
        1 => Just(Step::IsRefused),
        1 => Just(Step::Unreadable),
    ];
    let model = prop_oneof![Just(LoopModel::Fixed), Just(LoopModel::AsShipped)];
    let flaw = prop_oneof![
        8 => Just(Flaw::None),
        1 => Just(Flaw::LosesCount),
        1 => Just(Flaw::LosesRetries),
        1 => Just(Flaw::FailsOnExceptions),
    ];
    let moment = || prop_oneof![2 => Just(None), 1 => (0u64..8000).prop_map(Some)];
    let script = prop::collection::vec(step, 1..8);
    (model, flaw, 0u32..6, 0u32..5, script, any::<bool>(), moment(), moment()).prop_map(
        |(model, flaw, max_retries, limit, script, resource, leaves, deadline)| {
            let mut scenario = Scenario::new(model, max_retries, &script).limit(limit).flawed(flaw);
            scenario.resource = resource;
            scenario = leaves.into_iter().fold(scenario, Scenario::leaves);
            deadline.into_iter().fold(scenario, Scenario::deadline)
        },
    )
}

proptest! {
    #[test]
    fn every_call_ends_within_its_bounds(scenario in scenarios()) {
        let seen = scenario.run();
        let limit = scenario.gateway.max_tool_retries;
        let fixed = scenario.resource || scenario.gateway.loop_model == LoopModel::Fixed;
        let most = if fixed { limit.min(scenario.max_retries) + 1 } else { (2 << limit) - 1 };
        prop_assert!((1..=most as usize).contains(&seen.attempts()), "{seen:?}");
        prop_assert!(seen.starts.is_sorted());
        prop_assert!(seen.log.rows.len() == seen.attempts());
        prop_assert!(seen.log.rows.iter().filter(|row| row.succeeded).count() <= 1);
        prop_assert!(seen.log.rows.iter().all(|row| row.started <= row.ended));
        prop_assert!(seen.log.rows.iter().all(|row| row.ended <= seen.ended));
        prop_assert!(!fixed || seen.entries == 0);
        prop_assert!(fixed || seen.forgets == 0);
        if let Some(deadline) = scenario.gateway.deadline {
            let deadline = ms_after_start(0) + deadline;
            prop_assert!(seen.ended <= deadline);
            prop_assert!(seen.starts[1..].iter().all(|start| *start < deadline));
        }
        if let Some(leaves) = scenario.leaves {
            prop_assert!(seen.ended <= leaves);
            prop_assert!(seen.ended < leaves || seen.end == End::Cancelled(Stop::ClientLeft));
        }
    }
}
