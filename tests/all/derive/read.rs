//! The forms of logs: what is written in different ways is read alike.

use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;

use retrylab::base::Span;
use retrylab::scenario::log::{self, Log, Options, Outcome, Role, Unit};
use retrylab::study::derive::arrivals::Model;
use retrylab::study::derive::derive;

use super::{csv, lines, plan, read};

fn with(text: &str, options: &Options) -> Log {
    log::read(&mut text.as_bytes(), options).unwrap()
}

#[test]
fn csv_and_json_lines_give_the_same() {
    let truth = "question = '?'\nduration = '2m'\n[[tools]]\nname = 'a'\nlatency = { p50 = '40ms', p90 = '90ms' }\n\
                 faults = [{ flaky = { probability = '9%', signal = { error_flag_status = 503 } } }]\n\
                 [[tools]]\nname = 'b'\nlatency = '5ms'\n\
                 [[load]]\ntool = 'a'\narrivals = { poisson = { rate = '9/s' } }\n\
                 [[load]]\ntool = 'b'\narrivals = { burst = { calls = 50 } }\n[policy]\nmax_retries = 0\n";
    let csv = csv(&lines(&plan(truth), 0));
    let mut json = String::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [at, tool, took, status] = cells[..] else { panic!("{line}") };
        writeln!(json, "{{\"other\": [1, {{}}], \"timestamp\": {at}, \"tool\": \"{tool}\", \"duration_ms\": {took}, \"status\": {status}}}").unwrap();
    }
    assert_eq!(read(&csv), read(&json));
    assert_eq!(derive(&read(&csv)), derive(&read(&json)));
    let turned: Vec<&str> = csv.lines().skip(1).collect();
    let turned = turned
        .into_iter()
        .rev()
        .fold("timestamp,tool,duration_ms,status".to_owned(), |text, line| text + "\n" + line);
    let turned = read(&turned);
    assert!(turned.unordered > 0);
    assert_eq!(derive(&turned).duration, derive(&read(&csv)).duration);
    assert_eq!(turned.calls.len(), read(&csv).calls.len());
}

#[test]
fn names_units_and_words_are_those_of_many_hands() {
    let log = read(
        "\u{feff}@timestamp;Service;elapsed_s;StatusCode;is_error\r\n\
         2026-01-05T10:00:01Z;a;0.5;200;false\r\n2026-01-05 10:00:00;\"b;\";20ms;;true\r\n\r\n\
         2026-01-05T11:00:02+01:00;a;;429;\r\n2026-01-05 10:00:03;a;1;200;true\r\n",
    );
    assert_eq!(log.tools, ["a", "b;"]);
    assert_eq!((log.unordered, log.span), (1, Span::from_secs(3)));
    assert_eq!(log.begins, "2026-01-05T10:00:00Z");
    let told = |i: usize| (log.calls[i].outcome, log.calls[i].took.map(u64::from));
    assert_eq!(told(0), (Outcome::Error, Some(20_000_000)));
    assert_eq!(told(1), (Outcome::Success, Some(500_000_000)));
    assert_eq!(told(2), (Outcome::Status(429), None));
    assert_eq!(told(3), (Outcome::Error, Some(1_000_000_000)));
}

#[test]
fn columns_can_be_named_and_bad_lines_left_out() {
    let columns = vec![(Role::Timestamp, "when".into()), (Role::Duration, "meta.rt".into())];
    let options = Options { columns, unit: Some(Unit::Secs), skip: 1 };
    let log = with(
        "{\"when\": 1, \"time\": \"noon\", \"meta\": {\"rt\": 2}}\n{\"when\": 1.5, \"meta\"\n\
         {\"when\": 2, \"meta\": {\"rt\": 0.25}}\n",
        &options,
    );
    let took: Vec<_> = log.calls.iter().map(|call| call.took.map(u64::from)).collect();
    assert_eq!(took, [Some(2_000_000_000), Some(250_000_000)]);
    assert_eq!((log.skipped.0, log.skipped.1.unwrap().line), (1, Some(2)));
}

#[test]
fn rare_tools_are_left_out_and_fifty_kept() {
    let mut text = "ts,tool\n".to_owned();
    for i in 0..70 {
        (0..20 + i).for_each(|n| writeln!(text, "{n},tool-{i}").unwrap());
    }
    let derived = derive(&read(&text));
    assert_eq!(derived.tools.len(), 50);
    assert_eq!((derived.tools[0].name.as_str(), derived.tools[0].facts.calls), ("tool-69", 89));
    assert_eq!(derived.left_out.len(), 20);
    assert_eq!(derived.left_out[19], ("tool-0".into(), 20));
    assert_eq!(derive(&read("ts,tool\n1,a\n2,b\n")).tools.len(), 2, "rare ones only");
}

/// An hour of real arrivals, where they are at hand.
#[test]
fn the_real_trace_is_far_from_a_poisson_process() {
    let name = "../shared/data/azure-llm-code-2023.csv";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        // Not by `eprintln!`, which the test harness keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: there is no {name}");
        return;
    };
    let log = read(&text);
    assert_eq!(log.calls.len(), text.lines().count() - 1);
    assert_eq!(log.columns, [(Role::Timestamp, "TIMESTAMP".to_owned())]);
    let tool = derive(&log).tools.remove(0);
    assert!(matches!(tool.arriving.model, Model::Trace { .. }));
    assert!(
        tool.arriving.dispersion.iter().all(|d| d.index > 10.0),
        "{:?}",
        tool.arriving.dispersion
    );
    assert_eq!((tool.latency, tool.failures.kinds.len()), (None, 0));
}
