//! Bombs: small files that would fill any memory or run for ever, under a limit that the system enforces.

use std::process::{Command, Output};

use super::{folder, told};

/// The bound that is stated for reading any scenario or configuration.
const MEMORY_KB: &str = "1000000";

/// Runs retrylab with as much memory and processor time as is stated; more of either kills it.
fn limited(folder: &std::path::Path, words: &str) -> Output {
    let limits = format!("ulimit -v {MEMORY_KB}; ulimit -t 60; exec \"$0\" {words}");
    let mut command = Command::new("sh");
    command
        .args(["-c", &limits, env!("CARGO_BIN_EXE_retrylab")])
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Text of a mebibyte: a beginning, a part as often as it fits, an end.
fn mebibyte(head: &str, part: &str, tail: &str) -> Vec<u8> {
    let times = ((1 << 20) - head.len() - tail.len()) / part.len();
    format!("{head}{}{tail}", part.repeat(times)).into_bytes()
}

#[test]
fn whatever_a_file_holds_reading_it_takes_less_than_a_gigabyte() {
    let scenario = "question='?'\nduration='1s'\ntools=[{name='a'}]\n\
        load=[{tool='a',arrivals={burst={calls=1}}}]\n";
    let columns = format!(
        "{scenario}[vary]\n'policy.max_retries'=[{}]\n[policy.tool_overrides]\n",
        "1,".repeat(900)
    );
    let numbered = |head: &str, line: &dyn Fn(usize) -> String, n: usize| {
        (head.to_owned() + &(0..n).map(line).collect::<String>()).into_bytes()
    };
    let many = scenario.replace("name='a'", "name='a',count=1000000");
    let bombs: [(&str, Vec<u8>); 18] = [
        (
            "twice.toml",
            format!("{many}[vary]\n'policy.max_retries'=[{}]\n", "1,".repeat(900)).into(),
        ),
        (
            "parts.toml",
            many.replace(
                "=1000000",
                &format!("=500000,faults=[{}]", "{flaky={probability=0.1}},".repeat(4)),
            )
            .into(),
        ),
        ("list.toml", mebibyte("x = [", "1,", "]")),
        ("tables.toml", mebibyte("x = [", "{},", "]")),
        ("slips.toml", mebibyte("", "=\n", "")),
        ("line.toml", mebibyte("", "=", "")),
        ("tools.toml", mebibyte("question='?'\nduration='1s'\ntools=[", "{},", "]")),
        ("keys.toml", numbered("", &|i| format!("a{i}=1\n"), 90_000)),
        (
            "axes.toml",
            numbered(&format!("{scenario}[vary]\n"), &|i| format!("'policy.k{i}'=[1]\n"), 45_000),
        ),
        ("columns.toml", numbered(&columns, &|i| format!("t{i}={{max_retries=1}}\n"), 30_000)),
        ("list.yaml", mebibyte("plugins: [", "1,", "]")),
        (
            "keys.yaml",
            numbered(
                "plugins:\n- name: RetryWithBackoffPlugin\n  config:\n",
                &|i| format!("    a{i}: 1\n"),
                65_000,
            ),
        ),
        ("tags.yaml", mebibyte("", "{{ 1 }}", "")),
        ("open.yaml", mebibyte("", "{{", "")),
        ("stars.yaml", mebibyte("", "{{ 'x' * 99999999 }}", "")),
        ("anchors.yaml", mebibyte("a: ", "&b ", "")),
        ("env.yaml", mebibyte("", "{{ env }}\n", "")),
        ("deep.yaml", mebibyte("", "[", "")),
    ];
    for (name, bytes) in bombs {
        let folder = folder(&[(name, &bytes)]);
        let output = limited(folder.path(), &format!("check {name}"));
        let told = told(&output);
        let end: String =
            told.chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect();
        assert_eq!(output.status.code(), Some(2), "{name}: {end}");
        assert!(told.contains("fault"), "{name}: {end}");
    }
}

#[test]
fn what_has_no_end_is_read_no_further_than_its_bound() {
    let folder = folder(&[]);
    for words in ["check /dev/zero", "verify --vectors /dev/zero"] {
        let output = limited(folder.path(), words);
        let told = told(&output);
        assert!(output.status.code() == Some(2) && told.contains("must be at most"), "{told}");
    }
}

#[test]
fn a_trace_of_any_shape_takes_less_than_a_gigabyte() {
    let scenario =
        super::SMALL.replace("constant = { rate = '5/s' }", "trace = { file = 't.csv' }");
    let size = 128 << 20;
    for (bytes, code) in [
        (b"1234567\n".repeat(9_999_999), 0),
        (vec![b','; size], 2),
        ([&b"1\n\""[..], &b"2\n".repeat(size / 2 - 2)].concat(), 2),
        (vec![b'1'; size + 1], 2),
    ] {
        let folder = folder(&[("my.toml", scenario.as_bytes()), ("t.csv", &bytes)]);
        let output = limited(folder.path(), "check my.toml");
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
    }
}

#[test]
fn replies_nest_as_deeply_as_they_like() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let signal = format!("{{ raw = '''{{\"structuredContent\": {deep}}}''' }}");
    let scenario = super::SMALL.replace(
        "name = 'a'",
        &format!("name = 'a', faults = [{{ flaky = {{ probability = 1, signal = {signal} }} }}]"),
    );
    let vector = format!(
        "{{\"policy\":{{}},\"steps\":[{{\"tool\":\"a\",\"request\":\"r\",\"result\":{deep}}}],\"expect\":{{}}}}"
    );
    let folder = folder(&[("deep.toml", scenario.as_bytes()), ("v.jsonl", vector.as_bytes())]);
    for words in ["run deep.toml -q --out out", "verify --vectors v.jsonl"] {
        let output = limited(folder.path(), words);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_calls() {
    let many = super::SMALL.replace("'1s'", "'100s'").replace("5/s", "20000/s");
    let folder = folder(&[("many.toml", many.as_bytes())]);
    let limits = "ulimit -v 200000; exec \"$0\" run many.toml --threads 1 --format csv --out out";
    let mut command = Command::new("sh");
    // An allocator that reserves 64 MB for each thread would be measured instead.
    command.env("MALLOC_ARENA_MAX", "1");
    command.args(["-c", limits, env!("CARGO_BIN_EXE_retrylab")]).current_dir(folder.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains(",calls,2000000,"), "{out}");
}

#[test]
fn the_largest_plan_takes_less_than_a_gigabyte() {
    let text = "question='?'\nduration='1s'\n\
        tools=[{name='a',count=1000000,faults=[{flaky={probability=0.1}}]}]\n\
        load=[{tool='a',arrivals={burst={calls=1}}}]\n";
    let folder = folder(&[("most.toml", text.as_bytes())]);
    let output = limited(folder.path(), "check most.toml");
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}
