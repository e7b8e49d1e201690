//! Traces that the simulator recorded: every variant passes them, and they catch what random cases miss.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::bench::random;
use retrylab::bench::trial::{self, Trial};
use retrylab::plugin::trace::{Answer, Recording, Step, Told};
use retrylab::plugin::{CallKey, Decision, HookError, Plugin, PolicySet, Reply, Seen};
use retrylab::study::record;
use retrylab::variants::{Deviations, Variant, all, find};

fn traces() -> Vec<Trial> {
    record::traces(find).unwrap()
}

#[test]
fn every_variant_passes_the_traces_of_the_simulator() {
    let traces = traces();
    for variant in all() {
        let found = trial::try_all(variant, traces.iter().cloned());
        assert_eq!(found.made, traces.len());
        if let Some(first) = found.first {
            panic!("{}: {first}", variant.name);
        }
    }
}

#[test]
fn traces_have_what_traffic_has_and_are_the_same_again() {
    let traces = traces();
    for name in record::SCENARIOS {
        assert!(traces.iter().any(|trace| trace.name.starts_with(name)), "{name}");
    }
    let mut kinds = BTreeSet::new();
    for Trial { name, policies, draws, steps } in &traces {
        assert!(!steps.is_empty() && steps.len() < record::MOST + 10, "{name}: {}", steps.len());
        assert!(steps.windows(2).all(|pair| pair[0].at <= pair[1].at), "{name}: time goes back");
        let oracle = find("reference").unwrap().oracle(policies.clone(), *draws);
        for step in steps {
            kinds.insert(match (&step.told, step.ask(&*oracle)) {
                (Told::Forget, _) => "forget",
                (Told::TimedOut, _) => "time-out",
                (Told::Exception(_), _) => "exception",
                (_, Answer::Decided(Decision::Retry { .. })) => "retry",
                (_, Answer::Decided(Decision::GiveUp { .. })) => "given up",
                (_, Answer::Decided(Decision::Done { retries, .. })) if retries > 0 => "recovered",
                _ => "other",
            });
        }
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    let steps = |traces: Vec<Trial>| traces.into_iter().map(|t| t.steps).collect::<Vec<_>>();
    assert_eq!(steps(traces), steps(self::traces()));
}

/// Has room for so many calls, and forgets all of them when one more comes.
struct Small {
    inner: Arc<dyn Plugin>,
    live: Mutex<Vec<(String, String)>>,
}

const ROOM: usize = 60;

impl Plugin for Small {
    fn name(&self) -> &'static str {
        "small"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let mut live = self.live.lock().unwrap();
        let names = (call.tool.to_owned(), call.request.to_owned());
        if live.len() == ROOM && !live.contains(&names) {
            for (tool, request) in live.drain(..) {
                self.inner.forget(&CallKey { tool: &tool, request: &request }, now);
            }
        }
        live.retain(|known| *known != names);
        let decision = self.inner.tool_post_invoke(call, seen, now)?;
        if let Decision::Retry { .. } = decision {
            live.push(names);
        }
        Ok(decision)
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.live
            .lock()
            .unwrap()
            .retain(|(t, r)| (t.as_str(), r.as_str()) != (call.tool, call.request));
        self.inner.forget(call, now);
    }
    crate::forward::the_rest_is_of!(inner);
}

#[test]
fn a_body_that_has_room_for_few_calls_is_caught_by_a_trace_only() {
    let small = Variant {
        name: "small",
        summary: "",
        deviations: Deviations::NONE,
        make: |policies, draws: Draws| {
            let inner = (find("sharded").unwrap().make)(policies, draws);
            Arc::new(Small { inner, live: Mutex::default() })
        },
    };
    let random = trial::try_all(&small, (0..300).map(|i| random::case(1, i)));
    assert_eq!(random.different, 0, "random cases look at few calls at a time");
    let found = trial::try_all(&small, traces().into_iter());
    assert!(found.different > 0 && found.different < found.made, "{}", found.different);
    let first = found.first.unwrap();
    // As many calls as there is room for, one more, and the second failure of one that was forgotten.
    assert_eq!(first.trial.steps.len(), ROOM + 2, "{first}");
    assert!(first.from > ROOM + 2 && first.to_string().contains("as simulated"), "{first}");
}

#[test]
fn a_recording_keeps_the_order_of_one_instant_and_sorts_by_time() {
    let plugin = (find("sharded").unwrap().make)(PolicySet::default(), Draws::new(1, 0));
    let recording = Recording::of(&*plugin);
    let failing = Reply { is_error: true, ..Reply::default() };
    let at = |s| Moment::START + Span::from_secs(s);
    for (request, seconds) in [("b", 2), ("z", 1), ("a", 1), ("m", 1)] {
        let call = CallKey { tool: "t", request };
        recording.tool_post_invoke(&call, Seen::Result(&failing), at(seconds)).unwrap();
    }
    recording.forget(&CallKey { tool: "t", request: "z" }, at(1));
    assert_eq!((recording.asked(), recording.live_entries()), (5, 3));
    let steps = recording.steps();
    let order: Vec<&str> = steps.iter().map(|step| &*step.request).collect();
    assert_eq!(order, ["z", "a", "m", "z", "b"]);
    let told = Told::Result(Arc::new(failing));
    let first = Step { tool: "t".into(), request: "z".into(), at: at(1), told };
    assert_eq!((&steps[0], &steps[3].told), (&first, &Told::Forget));
}
