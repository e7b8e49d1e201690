//! The words for broken input, golden: each names the place, the value found, the rule, and a way out.
//! One file of a kind is one section of the golden file.

use super::{SMALL, folder, run, told};

/// What retrylab says of broken things of a kind: (what is broken, arguments, a file, its bytes).
fn said(kinds: &[(&str, &[&str], &str, Vec<u8>)]) -> String {
    let mut whole = String::new();
    for (kind, arguments, name, bytes) in kinds {
        let folder = folder(&[(name, bytes)]);
        let output = run(folder.path(), arguments);
        let words = arguments.join(" ");
        assert_eq!(output.status.code(), Some(2), "{kind}: {}", told(&output));
        whole += &format!("## {kind}\n$ retrylab {words}\n{}\n", told(&output));
    }
    whole
}

#[test]
fn words_on_the_command_line() {
    let kinds: [(&str, &[&str]); 22] = [
        ("a verb that there is not", &["chek", "ok.toml"]),
        ("a flag that there is not", &["run", "ok.toml", "--frmat", "json"]),
        ("no scenario", &["run"]),
        ("an empty name", &["run", ""]),
        ("a shipped scenario, mistyped", &["run", "outge"]),
        ("a file without its ending", &["run", "ok"]),
        ("a folder for a file", &["check", "."]),
        ("a seed below 0", &["run", "ok.toml", "--seed", "-1"]),
        ("a seed of words", &["run", "ok.toml", "--seed", "lucky"]),
        ("a seed beyond 64 bits", &["run", "ok.toml", "--seed", "18446744073709551616"]),
        ("no threads", &["run", "ok.toml", "--threads", "0"]),
        ("a fraction of replicas", &["run", "ok.toml", "--replicas", "1.5"]),
        ("a format that there is not", &["run", "ok.toml", "--format", "yaml"]),
        ("a colour for a choice", &["run", "ok.toml", "--color", "pink"]),
        ("an empty --out", &["run", "ok.toml", "--out", ""]),
        ("a file for --out", &["run", "ok.toml", "--out", "ok.toml"]),
        ("--out below a file", &["run", "ok.toml", "--out", "ok.toml/out"]),
        ("two scenarios of one name", &["run", "ok.toml", "ok.toml", "--out", "both"]),
        ("a variant that there is not", &["verify", "shraded"]),
        ("a list of what there is not", &["list", "variant"]),
        ("a log that is not there", &["derive", "none.csv"]),
        ("a policy that is not there", &["run", "ok.toml", "--policy", "none.yaml"]),
    ];
    let kinds: Vec<_> = kinds.iter().map(|(k, words)| (*k, *words, "x", Vec::new())).collect();
    insta::assert_snapshot!("command_line", said(&kinds));
}

/// The small scenario with a part replaced.
fn with(from: &str, to: &str) -> Vec<u8> {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1).into_bytes()
}

/// The small scenario and more.
fn and(more: &str) -> Vec<u8> {
    format!("{SMALL}{more}\n").into_bytes()
}

#[test]
fn scenarios() {
    let kinds: Vec<(&str, Vec<u8>)> = vec![
        ("nothing at all", Vec::new()),
        ("bytes that are no text", b"question = '\xff'\n".to_vec()),
        ("a NUL byte", b"question = '?'\0\n".to_vec()),
        ("another encoding", "question = 'é'".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("text that does not end", with("'Does it end?'", "'Does it end?")),
        ("a key twice", with("duration = '1s'", "duration = '1s'\nduration = '2s'")),
        ("ten thousand lists in each other", with("'1s'", &"[".repeat(10_000))),
        (
            "a hundred thousand keys in each other",
            format!("{} = 1", vec!["a"; 100_000].join(".")).into(),
        ),
        ("more than is read", vec![b'#'; 2 << 20]),
        ("a duration of 0", with("'1s'", "'0s'")),
        ("a duration beyond 292 years", with("'1s'", "'200000d'")),
        ("a duration without a unit", with("'1s'", "10")),
        ("a rate of 0", with("5/s", "0/s")),
        ("a rate without a unit", with("'5/s'", "5")),
        ("a burst of no calls", with("constant = { rate = '5/s' }", "burst = { calls = 0 }")),
        ("a seed beyond 63 bits", with("duration", "seed = 18446744073709551615\nduration")),
        ("carriage returns behind a fault", b"a = 1\n\r\r".to_vec()),
        (
            "calls once in years, among ten million moments a second",
            with(
                "constant = { rate = '5/s' }",
                "square = { low = '0/s', high = '10000000/s', period = '1ns', duty = 1e-9 }",
            ),
        ),
        (
            "a call that outlasts the clock",
            and(
                "[policy]\nmax_retries = 3\nbackoff_base_ms = 9223372036854\nmax_backoff_ms = 9223372036854",
            ),
        ),
        ("a tolerance below 0", and("[expect]\ncalls = '5 +- -0.5'")),
        ("two arrivals at once", with("{ constant =", "{ burst = { calls = 1 }, constant =")),
        ("a load for no tool", with("tool = 'a'", "tool = 'b'")),
        ("a mistyped key", with("duration", "durration")),
        (
            "a probability above 1",
            with("name = 'a'", "name = 'a', faults = [{ flaky = { probability = 1.01 } }]"),
        ),
        (
            "a probability below 0",
            with("name = 'a'", "name = 'a', faults = [{ flaky = { probability = -0.5 } }]"),
        ),
        (
            "a window that ends before it begins",
            with("name = 'a'", "name = 'a', faults = [{ outage = { from = '2s', to = '1s' } }]"),
        ),
        (
            "a raw reply that is cut off",
            with(
                "name = 'a'",
                "name = 'a', faults = [{ flaky = { probability = '1%', signal = { raw = '{\"isError\": tr' } } }]",
            ),
        ),
        ("ten million tools", with("name = 'a'", "name = 'a', count = 10_000_000")),
        (
            "2,500 columns",
            and(&format!(
                "[vary]\nseed = {n}\n'policy.max_retries' = {n}\n'policy.backoff_base_ms' = {n}",
                n = format!("[{}]", "1,".repeat(50))
            )),
        ),
        ("an expectation of no metric", and("[expect]\nsucces_rate = '>= 9%'")),
        ("a variant that there is not", with("duration", "variant = 'shraded'\nduration")),
        (
            "a policy file that is not there",
            with("duration", "policy_from = 'none.yaml'\nduration"),
        ),
    ];
    let kinds: Vec<_> = kinds
        .into_iter()
        .map(|(k, bytes)| (k, &["check", "my.toml"][..], "my.toml", bytes))
        .collect();
    insta::assert_snapshot!("scenarios", said(&kinds));
}

#[test]
fn policies() {
    let kinds: Vec<_> = [
        ("a mistyped field", "[policy]\nmax_retrys = 1"),
        ("retries below 0", "[policy]\nmax_retries = -1"),
        ("retries beyond all use", "[policy]\nmax_retries = 1001"),
        ("a number as text", "[policy]\nbackoff_base_ms = '200'"),
        ("a fraction of a millisecond", "[policy]\nbackoff_base_ms = 0.5"),
        ("a cap below the base", "[policy]\nbackoff_base_ms = 200\nmax_backoff_ms = 100"),
        ("a status that is none", "[policy]\nretry_on_status = [503, 999]"),
        ("a status alone", "[policy]\nretry_on_status = 503"),
        ("a jitter that there is not", "[policy]\njitter = 'fulll'"),
        ("a list for a policy", "policy = []"),
        ("an override that is none", "[policy.tool_overrides]\na = 3"),
        ("a preset, mistyped", "[policy]\npreset = 'evnoy'\nbackoff_base_ms = 90_000"),
        ("a preset that there is not", "[policy.tool_overrides.a]\npreset = 'polly'"),
        ("a preset that is no text", "[policy]\npreset = { name = 'envoy' }"),
        ("a mistyped `preset`", "[policy]\nprest = 'envoy'"),
        ("a base above the cap of a preset", "[policy]\npreset = 'envoy'\nbackoff_base_ms = 900"),
        ("a preset in a column that there is not", "[vary]\n'policy.preset' = ['grpc', 'grcp']"),
    ]
    .map(|(kind, more)| (kind, &["check", "my.toml"][..], "my.toml", and(more)))
    .into();
    insta::assert_snapshot!("policies", said(&kinds));
}

const HEAD: &str = "plugins:\n- name: RetryWithBackoffPlugin\n  config: ";

#[test]
fn configurations() {
    let set: String = (1..60).map(|i| format!("{{% set a{i} = a{0} ~ a{0} %}}", i - 1)).collect();
    let bomb: String =
        (1..12).map(|i| format!("a{i}: &a{i} [{}]\n", format!("*a{},", i - 1).repeat(9))).collect();
    let kinds: Vec<(&str, String)> = vec![
        ("nothing at all", String::new()),
        (
            "a template that is not closed",
            format!("{HEAD}{{ max_retries: {{{{ env.get('A', 2) }}\n"),
        ),
        ("a tag that is no expression", format!("{HEAD}{{ max_retries: {{{{ env.get( }}}} }}\n")),
        ("a filter that there is not", format!("{HEAD}{{ max_retries: {{{{ 3|intt }}}} }}\n")),
        (
            "a loop of ten billion",
            "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"
                .into(),
        ),
        (
            "a loop that writes gigabytes",
            format!("{{% for i in range(99999) %}}{}{{% endfor %}}", "x".repeat(1000)),
        ),
        ("a value that doubles sixty times", format!("{{% set a0 = 'x' %}}{set}{{{{ a59 }}}}")),
        ("a chain that overflows the stack", format!("{{{{ 1{} }}}}", "~1".repeat(400_000))),
        ("a list of a trillion", "# {{ [[1]*1000000]*1000000 }}\n".into()),
        ("a second document", format!("{HEAD}{{ max_retries: 1 }}\n---\na: 1\n")),
        (
            "a variable that is not set",
            format!("{HEAD}{{ max_retries: {{{{ env.get('RETRIES') }}}} }}\n"),
        ),
        ("a list that is not closed", format!("{HEAD}{{ retry_on_status: [429, 503 }}\n")),
        ("a tab for spaces", "plugins:\n\t- name: RetryWithBackoffPlugin\n".into()),
        ("an alias of nothing", format!("{HEAD}*base\n")),
        ("an alias within itself", "a: &a [*a]\n".into()),
        ("a bomb of aliases", format!("a0: &a0 [x,x,x,x,x,x,x,x,x]\n{bomb}")),
        ("lists two hundred thousand deep", "[".repeat(200_000)),
        ("no list of plugins", "plugin_dirs: []\n".into()),
        ("a table for a list", "plugins: { a: 1 }\n".into()),
        ("no retry plugin", "plugins:\n- name: PIIFilterPlugin\n".into()),
        (
            "two retry plugins",
            "plugins:\n- name: RetryWithBackoffPlugin\n- name: RetryWithBackoffPlugin\n".into(),
        ),
        ("a text for a policy", format!("{HEAD}none\n")),
        ("a field of the wrong type", format!("{HEAD}{{ max_retries: yes }}\n")),
        ("a mistyped field", format!("{HEAD}{{ backof_base_ms: 1 }}\n")),
    ];
    let kinds: Vec<_> = kinds
        .into_iter()
        .map(|(k, text)| (k, &["check", "c.yaml"][..], "c.yaml", text.into_bytes()))
        .collect();
    insta::assert_snapshot!("configurations", said(&kinds));
}

#[test]
fn traces() {
    let scenario =
        String::from_utf8(with("constant = { rate = '5/s' }", "trace = { file = 't.csv' }"))
            .unwrap();
    let named = scenario.replace("'t.csv'", "'t.csv', column = 'at'");
    let kinds: Vec<(&str, &str, Vec<u8>)> = vec![
        ("no arrivals", &scenario, b"TIMESTAMP,tokens\n".to_vec()),
        ("nothing at all", &scenario, Vec::new()),
        ("a first line that is nearly a time", &scenario, b"2023-13-16 18:17:03\n1\n".to_vec()),
        ("a time that is none", &scenario, b"at\n1\nnoon\n".to_vec()),
        ("no such column", &named, b"when,n\n1,2\n".to_vec()),
        ("a column with gaps", &named, b"n,at\n1,5\n1,\n".to_vec()),
        ("a line with a field more", &scenario, b"1,2\n3,4,5\n".to_vec()),
        ("a NUL byte", &scenario, b"1\n\x002\n".to_vec()),
        ("bytes that are no text", &scenario, b"1\n2\n\xfe\n".to_vec()),
        ("a cell of a megabyte", &scenario, [&b"1\n"[..], &vec![b'7'; 1 << 20]].concat()),
        ("infinity", &scenario, b"1\ninf\n".to_vec()),
        ("a quote that is not closed", &scenario, b"1\n\"2\n3\n".to_vec()),
    ];
    let mut whole = String::new();
    for (kind, scenario, trace) in kinds {
        let folder = folder(&[("my.toml", scenario.as_bytes()), ("t.csv", &trace)]);
        let output = run(folder.path(), &["check", "my.toml"]);
        assert_eq!(output.status.code(), Some(2), "{kind}: {}", told(&output));
        // The path of the file is that of a temporary folder no more than `t.csv` is.
        whole += &format!("## {kind}\n{}\n", told(&output));
    }
    insta::assert_snapshot!("traces", whole);
}

#[test]
fn vectors_and_saved_results() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let verify: &[&str] = &["verify", "--vectors", "v.jsonl"];
    let step = r#"{"tool":"a","request":"r","result":{}}"#;
    let vectors: Vec<(&str, String)> = vec![
        ("a vector that is cut off", "{\"policy\":".into()),
        ("a vector without steps", r#"{"policy":{},"expect":{}}"#.into()),
        (
            "a step without a request",
            r#"{"policy":{},"steps":[{"tool":"a","result":{}}],"expect":{}}"#.into(),
        ),
        (
            "more answers than steps",
            format!(r#"{{"policy":{{}},"steps":[{step}],"expect":{{"reference":[0,0]}}}}"#),
        ),
        (
            "an answer that is none",
            format!(r#"{{"policy":{{}},"steps":[{step}],"expect":{{"reference":[-1]}}}}"#),
        ),
        ("a policy 200,000 deep", format!(r#"{{"policy":{deep},"steps":[],"expect":{{}}}}"#)),
    ];
    let results: Vec<(&str, String)> = vec![
        ("a result that is cut off", "{\"schema\": \"retrylab/run/1\",".into()),
        ("a result that is no object", "[]".into()),
        ("a result of another program", "{\"schema\": \"other/1\"}".into()),
        ("a result of a later retrylab", "{\"schema\": \"retrylab/run/9\"}".into()),
        ("a result without its columns", "{\"schema\": \"retrylab/run/1\", \"seed\": 1}".into()),
        ("a result 200,000 deep", deep.clone()),
    ];
    let mut kinds: Vec<(&str, &[&str], &str, Vec<u8>)> = Vec::new();
    kinds.extend(vectors.into_iter().map(|(k, text)| (k, verify, "v.jsonl", text.into_bytes())));
    kinds.push(("no file of vectors", &["verify", "--vectors", "none.jsonl"], "x", Vec::new()));
    kinds.push(("no report folder", &["report", "none"], "x", Vec::new()));
    kinds.push(("a file for a report folder", &["report", "ok.toml"], "x", Vec::new()));
    let report: &[&str] = &["report", "."];
    kinds
        .extend(results.into_iter().map(|(k, text)| (k, report, "result.json", text.into_bytes())));
    insta::assert_snapshot!("vectors_and_results", said(&kinds));
}
