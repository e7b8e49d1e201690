//! Broken inputs and their messages, which are what a user sees first. Every fault of a file is named
//! at once.

use super::{LEAST, lines, load};

/// The faults of a scenario.
fn faults(text: &str) -> String {
    lines(text, &load(text).expect_err("it should be at fault"))
}

/// The faults of the least scenario with a tool and more.
fn more(more: &str) -> String {
    faults(&format!("{}tools = [{{ name = \"search\" }}]\n{more}", LEAST.trim_start()))
}

/// The faults of the least scenario with other tools.
fn tool(tool: &str) -> String {
    faults(&format!("{}[[tools]]\n{tool}", LEAST.trim_start()))
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(faults(""), @r#"
    line 1: question: found nothing: must be text (the key is required)
    line 1: duration: found nothing: must be a duration: a number and ns, us, ms, s, m, h or d, like "200ms" or "1m 30s", more than 0 (the key is required)
    line 1: tools: found nothing: must be a list (the key is required)
    line 1: load: found nothing: must be a list (the key is required)
    "#);
}

#[test]
fn broken_toml() {
    insta::assert_snapshot!(faults("question = \"?\nduration = 1m\n"), @r#"
    line 1: syntax: found `question = "?`: is not TOML: invalid basic string, expected `"`
    line 2: syntax: found `duration = 1m`: is not TOML: string values must be quoted, expected literal string
    "#);
}

#[test]
fn mistyped_keys_at_every_depth() {
    insta::assert_snapshot!(
        tool("nam = \"search\"\nlatncy = \"1s\"\ncapacity = { server = 1 }\n[gatway]\n"), @r#"
    line 5: tools[0].nam: found key "nam": is not a key of this table (did you mean `name`?)
    line 6: tools[0].latncy: found key "latncy": is not a key of this table (did you mean `latency`?)
    line 7: tools[0].capacity.server: found key "server": is not a key of this table (did you mean `servers`?)
    line 8: gatway: found key "gatway": is not a key of this table (did you mean `gateway`?)
    "#);
}

#[test]
fn values_of_the_wrong_kind_or_beyond_bounds() {
    insta::assert_snapshot!(more(r#"
replicas = 0
seed = "one"
gateway = { max_tool_retries = 3.5, attempt_timeout = "0s", deadline = 5, loop = "fixd" }
"#), @r#"
    line 6: replicas: found 0: must be an integer from 1 to 100000
    line 7: seed: found "one": must be an integer of at least 0
    line 8: gateway.max_tool_retries: found 3.5: must be an integer from 0 to 1000
    line 8: gateway.attempt_timeout: found "0s": must be longer than 0
    line 8: gateway.deadline: found 5: must be a duration: a number and ns, us, ms, s, m, h or d, like "200ms" or "1m 30s", or "none"
    line 8: gateway.loop: found "fixd": must be "fixed" or "as-shipped" (did you mean "fixed"?)
    "#);
}

#[test]
fn a_policy_with_many_faults() {
    insta::assert_snapshot!(more(r#"
[policy]
max_retrys = 3
max_retries = 1001
jitter = "ful"
retry_on_status = [503, 42, "429"]
[policy.tool_overrides]
search = { max_backoff_ms = 100, check_text_content = "yes", tool_overrides = {} }
fetch = 3
"#), @r#"
    line 7: policy.max_retrys: found key "max_retrys": is not a field of the policy (did you mean `max_retries`?)
    line 8: policy.max_retries: found 1001: must be an integer from 0 to 1000
    line 9: policy.jitter: found "ful": must be true (full), false (none), "none", "full", "equal" or "decorrelated" (did you mean "full"?)
    line 10: policy.retry_on_status[1]: found 42: must be an integer from 100 to 599
    line 10: policy.retry_on_status[2]: found "429": must be an integer from 100 to 599
    line 12: policy.tool_overrides.search.max_backoff_ms: found 100: must be at least backoff_base_ms, here 200
    line 12: policy.tool_overrides.search.check_text_content: found "yes": must be true or false
    line 12: policy.tool_overrides.search.tool_overrides: found key "tool_overrides": is not a field of the policy
    line 13: policy.tool_overrides.fetch: found 3: must be a table of policy fields
    "#);
}

#[test]
fn windows_that_end_before_they_begin() {
    insta::assert_snapshot!(tool(r#"
name = "search"
faults = [
  { outage = { from = "30s", to = "20s" } },
  { flaky = { probability = "5%", from = "1m", to = "1m" } },
  { brownout = { from = "1s" } },
]
"#), @r#"
    line 8: tools[0].faults[0].outage.from: found 30s: must be before `to`, here 20s
    line 9: tools[0].faults[1].flaky.from: found 1m: must be before `to`, here 1m
    line 10: tools[0].faults[2].brownout.to: found nothing: must be a duration: a number and ns, us, ms, s, m, h or d, like "200ms" or "1m 30s", more than 0 (the key is required)
    "#);
}

#[test]
fn signals_that_are_none() {
    insta::assert_snapshot!(tool(r#"
name = "search"
faults = [
  { flaky = { probability = "5%", signal = "error_flg" } },
  { flaky = { probability = "5%", signal = { status = 99 } } },
  { flaky = { probability = "5%", signal = { raw = "{" } } },
  { flaky = { probability = "5%", signal = { status = 503, exception = 503 } } },
  { flaky = { probability = "105%", signal = "success" } },
]
"#), @r#"
    line 8: tools[0].faults[0].flaky.signal: found "error_flg": must be "error_flag", "structured_flag", "text_flag", "exception", "timeout" or "refused", or a table with one of is, error_flag_status, status, text_status, exception, raw (did you mean "error_flag"?)
    line 9: tools[0].faults[1].flaky.signal.status: found 99: must be an integer from 100 to 599
    line 10: tools[0].faults[2].flaky.signal.raw: found "{": must be a reply in wire form, which is JSON: EOF while parsing an object at line 1 column 1
    line 11: tools[0].faults[3].flaky.signal: found a table of status, exception: must have only one of these keys, for each is a form of its own
    line 12: tools[0].faults[4].flaky.probability: found "105%": must be a probability from 0 to 1: like "0.5%", "1/200" or 0.005
    line 12: tools[0].faults[4].flaky.signal: found "success": must be "error_flag", "structured_flag", "text_flag", "exception", "timeout" or "refused", or a table with one of is, error_flag_status, status, text_status, exception, raw
    "#);
}

#[test]
fn faults_without_content() {
    insta::assert_snapshot!(tool(r#"
name = "search"
faults = [
  "outage",
  { flakey = { probability = "5%" } },
  { outage = {}, flaky = {} },
  { script = { replies = [] } },
  { mix = [{ weight = 0, reply = "success" }] },
]
"#), @r#"
    line 8: tools[0].faults[0]: found "outage": must be a table with one of outage, brownout, flaky, bursts, throttle, fail_first, script, mix (did you mean { outage = ... }?)
    line 9: tools[0].faults[1].flakey: found key "flakey": is not a key of this table (did you mean `flaky`?)
    line 10: tools[0].faults[2]: found a table of outage, flaky: must have only one of these keys, for each is a form of its own
    line 11: tools[0].faults[3].script.replies: found []: must have at least one reply
    line 12: tools[0].faults[4].mix: found [a table of weight, reply]: must have a reply with a weight above 0
    "#);
}

#[test]
fn times_that_cannot_be() {
    insta::assert_snapshot!(tool(r#"
name = "search"
latency = { p50 = "2s", p90 = "1s" }
capacity = { servers = 0, when_full = "busy" }
optimistic_lock = { hop = { uniform = { from = "2s", to = "1s" } } }
"#), @r#"
    line 7: tools[0].latency: found a table of p50, p90: cannot stand beside optimistic_lock, which has its own
    line 7: tools[0].latency: found a table of p50, p90: percentiles must not fall
    line 8: tools[0].capacity: found a table of servers, when_full: cannot stand beside optimistic_lock, which has its own
    line 8: tools[0].capacity.servers: found 0: must be an integer from 1 to 10000000
    line 8: tools[0].capacity.when_full: found "busy": must be "error_flag", "structured_flag", "text_flag", "exception", "timeout" or "refused", or a table with one of is, error_flag_status, status, text_status, exception, raw
    line 9: tools[0].optimistic_lock.hop.uniform.from: found 2s: must not be after `to`, here 1s
    "#);
}

#[test]
fn names_that_clash_or_lead_nowhere() {
    insta::assert_snapshot!(faults(r#"question = "?"
duration = "1m"
tools = [{ name = "search", count = 2 }, { name = "search-01" }, { name = "a b" }]
load = [{ tool = "serch", arrivals = { burst = { calls = 1 } } }, { arrivals = "often" }]
"#), @r#"
    line 3: tools[1].name: found "search-01": must be unique among all tools and the instances that `count` makes
    line 3: tools[2].name: found "a b": must be 1 to 128 letters, digits or any of _ - . : /
    line 4: load[0].tool: found "serch": must be a tool's name (did you mean "search"?)
    line 4: load[1].tool: found nothing: must be text (the key is required)
    line 4: load[1].arrivals: found "often": must be a table with one of constant, poisson, burst, closed, square, diurnal, trace
    "#);
}

#[test]
fn more_than_any_memory_holds() {
    insta::assert_snapshot!(faults(r#"question = "?"
duration = "1m"
tools = [{ name = "a", count = 999_999 }, { name = "b", count = 2 }]
load = [{ tool = "a", arrivals = { closed = { clients = 1e12 } } }, { tool = "a", arrivals = { poisson = { rate = "99999999999/s" } } }]
[vary]
seed = [1]
"policy.max_retries" = [1,2,3,4,5,6,7,8,9,10]
"policy.backoff_base_ms" = [1,2,3,4,5,6,7,8,9,10]
"policy.max_backoff_ms" = [1,2,3,4,5,6,7,8,9,10,11]
"#), @r#"
    line 3: tools[1].count: found 2: must be fewer: 1000000 instances and 2000000 faults and loads of them at most over all columns
    line 4: load[0].arrivals.closed.clients: found 1000000000000.0: must be an integer from 1 to 10000000
    line 4: load[1].arrivals.poisson.rate: found "99999999999/s": must be at most 10000000/s
    line 5: vary: found 1100 columns: must be at most 1000 columns
    line 6: vary.seed: found "seed": must begin with one of variant, duration, tools, load, policy, policy_from, gateway
    "#);
}

#[test]
fn paths_that_vary_nothing() {
    insta::assert_snapshot!(more(r#"
[vary]
"policy.jiter" = ["none"]
"tools.fetch.latency" = ["1s"]
"duration.long" = ["1s"]
"polcy.jitter" = ["none"]
"gateway.loop" = "fixed"
"#), @r#"
    line 7: policy.jiter: found key "jiter": is not a field of the policy (did you mean `jitter`?)
    line 8: vary."tools.fetch.latency": found "1s": leads nowhere: that list has "search", but no "fetch"
    line 9: vary."duration.long": found "1s": leads nowhere: "long" stands below a plain value
    line 10: vary."polcy.jitter": found "polcy.jitter": must begin with one of variant, duration, tools, load, policy, policy_from, gateway (did you mean `policy`?)
    line 11: vary."gateway.loop": found "fixed": must be a list of at least one value
    "#);
}

#[test]
fn columns_without_a_name_of_their_own() {
    insta::assert_snapshot!(more(r#"
columns = [
  { policy = { jitter = "none" } },
  { name = "calls" },
  { name = "b", polcy = {} },
  { name = "b" },
]
"#), @r#"
    line 7: columns[0].name: found nothing: must be text: what the result calls the column
    line 8: columns[1].name: found "calls": must be neither empty, nor over 200 bytes, nor "tools" or a metric's name
    line 9: columns[2].polcy: found key "polcy": is not a key of this table (did you mean `policy`?)
    line 10: columns[3].name: found "b": is the name of another column
    "#);
}

#[test]
fn expectations_that_cannot_be_read() {
    insta::assert_snapshot!(more(r#"
[vary]
"policy.jitter" = ["none", "full"]
[expect]
sucess_rate = ">= 95%"
success_rate = ">= 95"
recovery_rate = "95%"
latency_ms_p99 = "< 5 parsecs"
attempts = true
amplification = "3 .. 2"
"jitter=ful".calls = "> 0"
"jitter=full".call = "> 0"
tools.serch.calls = "> 0"
"#), @r#"
    line 9: expect.sucess_rate: found "sucess_rate": is neither a metric nor a column (did you mean "success_rate"?)
    line 10: expect.success_rate: found ">= 95": must be a test like ">= 95%", "< 200ms", "= 3", "0.973 +- 0.002", "1.3 .. 1.5" or "null" (a share is a number from 0 to 1: write 95% instead of 95)
    line 11: expect.recovery_rate: found "95%": must be a test like ">= 95%", "< 200ms", "= 3", "0.973 +- 0.002", "1.3 .. 1.5" or "null" (begin with an operator, like ">= 95%")
    line 12: expect.latency_ms_p99: found "< 5 parsecs": must be a test like ">= 95%", "< 200ms", "= 3", "0.973 +- 0.002", "1.3 .. 1.5" or "null"
    line 13: expect.attempts: found true: must be a test like ">= 95%", "< 200ms", "= 3", "0.973 +- 0.002", "1.3 .. 1.5" or "null"
    line 14: expect.amplification: found "3 .. 2": must be a test like ">= 95%", "< 200ms", "= 3", "0.973 +- 0.002", "1.3 .. 1.5" or "null" (the first value must not be the larger one)
    line 15: expect."jitter=ful": found "jitter=ful": is no column; the columns are "jitter=none", "jitter=full" (did you mean "jitter=full"?)
    line 16: expect."jitter=full".call: found "call": is neither a metric nor a column (did you mean "calls"?)
    line 17: expect.tools.serch.calls: found "serch": is not a tool of the column (did you mean "search"?)
    "#);
}

#[test]
fn files_that_are_not_there() {
    insta::assert_snapshot!(faults(r#"question = "?"
duration = "1m"
tools = [{ name = "a" }]
load = [{ tool = "a", arrivals = { trace = { file = "trace.csv" } } }]
policy_from = "plugins/config.yaml"
"#), @r#"
    line 4: load[0].arrivals.trace.file: found "trace.csv": there is no trace.csv (paths begin at the scenario's folder)
    line 5: policy_from: found "plugins/config.yaml": there is no plugins/config.yaml
    "#);
}
