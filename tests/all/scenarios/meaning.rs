//! What a scenario that is well written becomes.

use std::collections::BTreeMap;

use retrylab::base::dist::Distribution;
use retrylab::base::{Moment, Span};
use retrylab::gateway::{Gateway, LoopModel};
use retrylab::plugin::{Content, Item, Jitter, Policy, Reply, Status, Structured};
use retrylab::scenario::{self, Test};
use retrylab::sim::world::{Arrivals, Brought, Fault as Trouble, Signal};

use super::{LEAST, load, plan};

fn signal(written: &str) -> Signal {
    let tool = format!(
        "tools = [{{ name = \"search\", faults = [{{ fail_first = {{ count = 1, signal = {written} }} }}] }}]"
    );
    let plan = load(&format!("{LEAST}{tool}")).unwrap();
    match &plan.columns[0].world.tools[0].faults[0] {
        Trouble::FailFirst { signal, .. } => signal.clone(),
        other => panic!("{other:?}"),
    }
}

fn reply(written: &str) -> Reply {
    match signal(written).brought {
        Brought::Reply(reply) => (*reply).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_written_has_its_default() {
    let plan = plan("");
    assert_eq!((plan.seed, plan.replicas, plan.columns.len()), (1, 1, 1));
    let column = &plan.columns[0];
    assert_eq!((column.name.as_str(), column.variant.as_str()), ("as given", "sharded"));
    assert_eq!(column.world.gateway, Gateway::default());
    assert_eq!(column.policies.base, Policy::default());
    let tool = &column.world.tools[0];
    assert_eq!(tool.latency, Distribution::Fixed(Span::ZERO));
    assert!(tool.capacity.is_none() && tool.faults.is_empty() && !tool.idempotent);
    assert!(matches!(tool.loads[0].arrivals, Arrivals::Poisson { rate: 150.0 }));
}

#[test]
fn a_tool_with_a_count_is_that_many_tools_with_the_same_load() {
    let plan = load(&format!(
        "{LEAST}tools = [{{ name = \"search\", count = 101 }}]\n\
         policy.tool_overrides.search.max_retries = 1\n\
         policy.tool_overrides.search-007.max_retries = 0"
    ))
    .unwrap();
    let column = &plan.columns[0];
    assert_eq!(column.world.tools.len(), 101);
    assert_eq!(&*column.world.tools[7].name, "search-007");
    assert!(column.world.tools.iter().all(|t| t.loads.len() == 1 && &*t.group == "search"));
    assert_eq!(column.policies.of("search-006").max_retries, 1);
    assert_eq!(column.policies.of("search-007").max_retries, 0);
}

#[test]
fn signals_look_as_they_are_called() {
    let object = |is_error, status| Structured::Object { is_error, status };
    assert_eq!(reply("\"error_flag\""), Reply { is_error: true, ..Reply::default() });
    assert_eq!(
        reply("{ error_flag_status = 404 }"),
        Reply {
            is_error: true,
            structured: object(false, Status::Integer(404)),
            ..Reply::default()
        }
    );
    assert_eq!(reply("{ status = 503 }").structured, object(false, Status::Integer(503)));
    assert_eq!(reply("\"structured_flag\"").structured, object(true, Status::Absent));
    let text = Item::Text(b"{\"status_code\": 503}".to_vec().into());
    assert_eq!(reply("{ text_status = 503 }").content, Content::Items(vec![text]));
    assert!(matches!(signal("\"timeout\"").brought, Brought::Hang));
    assert!(matches!(signal("\"exception\"").brought, Brought::Exception(Status::Absent)));
    let executed = signal("{ exception = 503, executed = true }");
    assert!(executed.executed && !executed.success);
    assert!(matches!(executed.brought, Brought::Exception(Status::Integer(503))));
    assert!(signal("{ is = \"timeout\", executed = true }").executed);
}

#[test]
fn raw_replies_keep_what_detectors_look_at() {
    let raw = r#"{ raw = '{"isError": 1, "structuredContent": {"isError": true, "status_code": true}, "content": [{"type": "image"}]}' }"#;
    let structured = Structured::Object { is_error: true, status: Status::Bool(true) };
    let content = Content::Items(vec![Item::Other]);
    assert_eq!(reply(raw), Reply { is_error: false, structured, content });
    assert!(!signal(raw).success);
    assert!(signal("{ raw = '{\"content\": null}' }").success);
    assert_eq!(reply("{ raw = '[1]' }"), Reply::default());
}

#[test]
fn every_combination_is_one_column_in_the_order_written() {
    let plan = plan(
        "vary.policy.jitter = [\"none\", \"full\"]\nvary.\"gateway.loop\" = [\"fixed\", \"as-shipped\"]",
    );
    let names: Vec<&str> = plan.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "jitter=none loop=fixed",
            "jitter=none loop=as-shipped",
            "jitter=full loop=fixed",
            "jitter=full loop=as-shipped"
        ]
    );
    let last = &plan.columns[1];
    assert_eq!(last.policies.base.jitter, Jitter::None);
    assert_eq!(last.world.gateway.loop_model, LoopModel::AsShipped);
}

#[test]
fn paths_lead_through_lists_and_equal_endings_are_told_apart() {
    let plan = plan(
        "[vary]\n\"tools.search.latency\" = [\"1s\"]\n\"load.0.arrivals.poisson.rate\" = [\"1/s\"]\n\
         \"policy.max_retries\" = [1]\n\"policy.tool_overrides.search.max_retries\" = [2]",
    );
    let column = &plan.columns[0];
    assert_eq!(
        column.name,
        "latency=1s rate=1/s policy.max_retries=1 policy.tool_overrides.search.max_retries=2"
    );
    assert_eq!(column.world.tools[0].latency, Distribution::Fixed(Span::from_secs(1)));
    assert_eq!(column.policies.of("search").max_retries, 2);
}

#[test]
fn whole_columns_replace_tables_key_by_key_and_the_rest_whole() {
    let plan = plan(
        "policy.max_retries = 1\n[[columns]]\nname = \"a\"\npolicy.jitter = \"none\"\n\
         [[columns]]\nname = \"b\"\nduration = \"2m\"\ntools = [{ name = \"search\", latency = \"1s\" }]",
    );
    let [a, b] = &plan.columns[..] else { panic!() };
    assert_eq!((a.policies.base.max_retries, a.policies.base.jitter), (1, Jitter::None));
    assert_eq!((b.policies.base.max_retries, b.policies.base.jitter), (1, Jitter::Full));
    assert_eq!(b.world.duration, Span::from_secs(120));
}

#[test]
fn the_fixed_loop_clamps_with_a_warning_and_the_shipped_one_does_not() {
    let plan = plan("policy.max_retries = 5\nvary.\"gateway.loop\" = [\"fixed\", \"as-shipped\"]");
    let retries: Vec<u32> = plan.columns.iter().map(|c| c.policies.base.max_retries).collect();
    assert_eq!(retries, [3, 5]);
    assert_eq!(plan.warnings.len(), 1);
    insta::assert_snapshot!(super::warned(&plan), @"
    policy.max_retries: found 5: cannot be reached: the gateway's max_tool_retries clamps it to 3 (in loop=fixed) (max_retries = 3, or max_tool_retries = 5)
    policy.max_retries: found 5: cannot be reached: the gateway's max_tool_retries clamps it to 3, and leaves the call's entry behind in the plugin (in loop=as-shipped) (max_retries = 3, or max_tool_retries = 5)
    ");
}

#[test]
fn lint_names_what_cannot_work() {
    let plan = load(
        r#"
question = "?"
duration = "10s"
tools = [
  { name = "search", faults = [{ outage = { from = "20s", to = "30s", signal = "text_flag" } }] },
  { name = "idle" },
]
load = [{ tool = "search", arrivals = { burst = { calls = 1 } } }]
policy = { max_retries = 3, backoff_base_ms = 5000, tool_overrides = { fetch = {} } }
gateway = { deadline = "10s" }
"#,
    );
    insta::assert_snapshot!(super::warned(&plan.unwrap()), @r#"
    policy.max_backoff_ms: found 5000: equals backoff_base_ms, so waits do not grow (max_backoff_ms = 20000, or a smaller backoff_base_ms)
    tools[0].faults[0]: found an outage: begins after the duration, 10s (a longer duration, or an earlier fault)
    policy.tool_overrides.fetch: found "fetch": no tool has this name (correct the name, or remove it)
    tools[0].faults[0]: found an outage: fails in a text item, which check_text_content = false takes for a success (check_text_content = true in policy.tool_overrides.search)
    gateway.attempt_timeout: found 1m: cannot be reached before the deadline of 10s (a shorter attempt_timeout, which leaves time for a retry)
    tools[1]: found "idle": nothing calls this tool (a [[load]] with its name, or remove it)
    policy.backoff_base_ms: found 5000: the waits of 3 retries can take 15s, and the deadline is 10s (a smaller backoff_base_ms, fewer max_retries, or a later deadline)
    "#);
}

#[test]
fn expectations_hold_or_not_in_the_unit_of_their_metric() {
    let plan = plan(
        r#"
[expect]
success_rate = ">= 95%"
latency_ms_p99 = "< 1.5s"
goodput_per_s = "60/m .. 2"
amplification = "1.39 +- 0.01"
time_to_recover_ms = "null"
attempts = 7
tools.search.calls = "== 1_000"
"tools.search.recovered" = "> 0"
"#,
    );
    let test = |metric: &str| {
        plan.expectations.iter().find(|e| e.metric == metric).map(|e| e.test).unwrap()
    };
    let passes = |metric, value| test(metric).holds(Some(value));
    assert!(passes("success_rate", 0.95) && !passes("success_rate", 0.949));
    assert!(passes("latency_ms_p99", 1499.0) && !passes("latency_ms_p99", 1500.0));
    assert!(passes("goodput_per_s", 1.0) && !passes("goodput_per_s", 2.1));
    assert!(passes("amplification", 1.395) && !passes("amplification", 1.37));
    assert!(passes("attempts", 7.0) && passes("tools.search.calls", 1000.0));
    assert!(test("time_to_recover_ms").holds(None) && !passes("time_to_recover_ms", 0.0));
    assert!(!test("success_rate").holds(None) && !passes("success_rate", f64::NAN));
    assert_eq!(test("time_to_recover_ms"), Test::Null);
    assert_eq!(plan.expectations[0].text, "success_rate >= 95%");
}

/// A scenario with a trace and a policy out of files.
fn with_files(files: &[(&str, &str)]) -> Result<scenario::Plan, String> {
    let text = r#"
question = "?"
duration = "1m"
tools = [{ name = "search" }]
load = [{ tool = "search", arrivals = { trace = { file = "trace.csv" } } }]
policy_from = "config.yaml"
vary."policy.jitter" = ["none", "full"]
"#;
    let read = |name: &str| {
        let found = files.iter().find(|(n, _)| *n == name);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "is missing".to_owned())
    };
    scenario::load("test", text, &read, &BTreeMap::new()).map_err(|f| super::lines(text, &f))
}

#[test]
fn files_are_read_through_the_caller_and_belong_to_the_definition() {
    let config =
        "plugins:\n- name: RetryWithBackoffPlugin\n  config: {max_retries: 1, jitter: no}\n";
    let plan =
        with_files(&[("trace.csv", "seconds\n0.5\n2\n1\n"), ("config.yaml", config)]).unwrap();
    assert!(plan.definition.ends_with("\n--- trace.csv\nseconds\n0.5\n2\n1\n"));
    assert!(plan.definition.contains(config));
    let [none, full] = &plan.columns[..] else { panic!() };
    assert_eq!((full.policies.base.max_retries, full.policies.base.jitter), (1, Jitter::Full));
    let Arrivals::Trace(moments) = &none.world.tools[0].loads[0].arrivals else { panic!() };
    let at = |ms| Moment::START + Span::from_millis(ms);
    assert_eq!(**moments, [at(0), at(500), at(1500)]);
}

#[test]
fn faults_in_files_name_the_file_and_the_line() {
    let config = "plugins:\n- name: RetryWithBackoffPlugin\n  config:\n    max_retries: many\n";
    let trace = "when,what\n2026-01-01T00:00:00Z,a\nyesterday,b\n";
    insta::assert_snapshot!(
        with_files(&[("trace.csv", trace), ("config.yaml", config)]).unwrap_err(), @r#"
    line 5: load[0].arrivals.trace.file: found "trace.csv": line 3: "yesterday" is neither a timestamp nor a number of seconds (a trace has one call a line: a time like 2023-11-16 18:17:03.97, or seconds)
    line 6: config.yaml:4: plugins[0].config.max_retries: found "many": must be an integer from 0 to 1000
    "#);
}
