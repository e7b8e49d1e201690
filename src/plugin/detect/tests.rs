//! The corner cases of the specification, row by row: one function for each row of its table, with the
//! column `reference` as what is expected.

use super::*;
use crate::plugin::{StatusSet, wire};
use Reason::{ErrorFlag, ErrorFlagStatus, StructuredFlag, StructuredStatus, TextFlag, TextStatus};
use Verdict::{Failure, NotRetryable, Success};

/// The verdict on a wire form, with text checked.
fn verdict(json: &str) -> Verdict {
    let policy = Policy { check_text_content: true, ..Policy::default() };
    judge(Seen::Result(&wire::reply(json).unwrap()), &policy)
}

/// The verdict on a result with one text item.
fn verdict_on_text(text: &str) -> Verdict {
    let text = serde_json::to_string(text).unwrap();
    verdict(&format!(r#"{{"content": [{{"type": "text", "text": {text}}}], "isError": false}}"#))
}

#[track_caller]
fn all(expected: Verdict, replies: &[&str]) {
    for json in replies {
        assert_eq!(verdict(json), expected, "{json}");
    }
}

#[track_caller]
fn all_texts(expected: Verdict, texts: &[&str]) {
    for text in texts {
        assert_eq!(verdict_on_text(text), expected, "{text}");
    }
}

#[test]
fn is_error_is_json_true_and_nothing_else() {
    all(Failure(ErrorFlag), &[r#"{"isError": true}"#, "\n {\"is\\u0045rror\" : true}\t"]);
    let others = ["1", "\"true\"", "null", "[true]", "{\"true\": true}", "1e400"];
    for other in others {
        all(Success, &[&format!("{{\"isError\": {other}}}")]);
    }
    all(Success, &[r#"{"is_error": true}"#, "{}", "[]", "[true]", "\"isError\"", "null", "7"]);
}

#[test]
fn a_flagged_error_with_a_status_is_decided_by_the_list() {
    let with = |status: &str| {
        verdict(&format!(
            r#"{{"isError": true, "structuredContent": {{"status_code": {status}}}}}"#
        ))
    };
    assert_eq!(with("503"), Failure(ErrorFlagStatus(503)));
    assert_eq!(with("404"), NotRetryable(404));
    for no_integer in ["\"404\"", "404.0", "404e0", "null", "[404]", "{}", "true", "false", "1e400"]
    {
        assert_eq!(with(no_integer), Failure(ErrorFlag), "{no_integer}");
    }
    assert_eq!(with("2147483648"), NotRetryable(1 << 31));
    assert_eq!(with("1099511627776"), NotRetryable(1 << 40));
    assert_eq!(with("4294967799"), NotRetryable((1 << 32) + 503));
    assert_eq!(with("99999999999999999999999"), NotRetryable(i64::MAX));
    assert_eq!(with("-1"), NotRetryable(-1));
    assert_eq!(with("-0"), NotRetryable(0));
}

#[test]
fn a_status_at_top_level_does_not_count() {
    all(Failure(ErrorFlag), &[r#"{"isError": true, "status_code": 404}"#]);
    all(Success, &[r#"{"status_code": 503}"#]);
}

#[test]
fn structured_content_reports_failures_of_its_own() {
    let with = |fields: &str| verdict(&format!(r#"{{"structuredContent": {{{fields}}}}}"#));
    assert_eq!(with(r#""status_code": 503"#), Failure(StructuredStatus(503)));
    for no in ["\"503\"", "503.0", "true", "404", "4294967799", "null"] {
        assert_eq!(with(&format!("\"status_code\": {no}")), Success, "{no}");
    }
    assert_eq!(with(r#""isError": true"#), Failure(StructuredFlag));
    assert_eq!(with(r#""isError": true, "status_code": 404"#), Failure(StructuredFlag));
    assert_eq!(with(r#""isError": 1"#), Success);
    all(
        Success,
        &[r#"{"structuredContent": [{"isError": true}]}"#, r#"{"structuredContent": 503}"#],
    );
}

#[test]
fn a_text_that_is_a_json_object_reports_failures() {
    let flags = [
        r#"{"isError": true}"#,
        r#"{"isError": true, "status_code": 404}"#,
        "\r\n\t {\"isError\":true} ",
    ];
    all_texts(Failure(TextFlag), &flags);
    all_texts(Failure(TextStatus(503)), &[r#"{"status_code": 503}"#]);
    let no = ["4294967799", "503.0", "\"503\"", "true", "404", "1e400"];
    for status in no {
        all_texts(Success, &[&format!("{{\"status_code\": {status}}}")]);
    }
    let not_objects =
        [r#"[{"isError": true}]"#, "plain words", "", " ", "{", r#"{"isError": true} and more"#];
    all_texts(Success, &not_objects);
}

#[test]
fn a_failing_text_fails_whatever_else_stands_in_it() {
    let nested = format!(r#"{{"x": {}{}, "status_code": 503}}"#, "[".repeat(200), "]".repeat(200));
    let objects =
        format!(r#"{{"x": {}1{}, "status_code": 503}}"#, r#"{"y":"#.repeat(200), "}".repeat(200));
    let texts = [
        r#"{"status_code": 503, "x": "\ud800"}"#,
        r#"{"\udfff": 1, "status_code": 503}"#,
        r#"{"x": 1e400, "status_code": 503}"#,
        &nested,
        &objects,
    ];
    all_texts(Failure(TextStatus(503)), &texts);
    all_texts(Success, &[r#"{"isError": true, "x": NaN}"#, r#"{"isError": true, "x": Infinity}"#]);
}

#[test]
fn a_lone_surrogate_in_the_wire_form_stays_in_the_text() {
    let json =
        r#"{"content": [{"type": "text", "text": "{\"x\": \"\ud800\", \"status_code\": 503}"}]}"#;
    all(Failure(TextStatus(503)), &[json]);
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    all_texts(Failure(TextStatus(503)), &[r#"{"status_code": 404, "status_code": 503}"#]);
    all_texts(Success, &[r#"{"status_code": 503, "status_code": 404}"#]);
    all_texts(Success, &[r#"{"isError": true, "isError": false}"#]);
    all(Success, &[r#"{"isError": true, "isError": false}"#]);
    all(Success, &[r#"{"structuredContent": {"isError": true}, "structuredContent": null}"#]);
}

#[test]
fn only_items_of_type_text_are_read_and_the_first_hit_wins() {
    let items = |items: &str| verdict(&format!(r#"{{"content": [{items}]}}"#));
    let failing = r#""text": "{\"status_code\": 503}""#;
    assert_eq!(items(&format!(r#"{{"type": "image", {failing}}}"#)), Success);
    assert_eq!(items(&format!("{{{failing}}}")), Success);
    assert_eq!(items(r#"{"type": "text", "text": {"status_code": 503}}"#), Success);
    assert_eq!(items(r#"null, "{\"isError\": true}", 7, []"#), Success);
    let later = r#"{"type": "text", "text": "{\"isError\": true}"}"#;
    assert_eq!(items(later), Failure(TextFlag));
    assert_eq!(
        items(&format!(r#"{{"type": "text", {failing}}}, {later}"#)),
        Failure(TextStatus(503))
    );
}

#[test]
fn text_is_read_only_when_asked_for_and_without_structured_content() {
    let failing = r#""content": [{"type": "text", "text": "{\"isError\": true}"}]"#;
    all(Success, &[&format!(r#"{{"structuredContent": {{}}, {failing}}}"#)]);
    all(Success, &[&format!(r#"{{"structuredContent": [], {failing}}}"#)]);
    all(Failure(TextFlag), &[&format!(r#"{{"structuredContent": null, {failing}}}"#)]);
    let reply = wire::reply(&format!("{{{failing}}}")).unwrap();
    assert_eq!(judge(Seen::Result(&reply), &Policy::default()), Success);
    all(Success, &[r#"{"content": null}"#, r#"{"content": "{\"isError\": true}"}"#]);
}

#[test]
#[cfg_attr(
    miri,
    ignore = "an interpreter has no stack to overflow, and a megabyte takes it minutes"
)]
fn work_is_bounded_and_no_depth_overflows_the_stack() {
    let padded = |length: usize| {
        let frame = r#"{"isError": true, "x": ""}"#.len();
        format!(r#"{{"isError": true, "x": "{}"}}"#, "y".repeat(length - frame))
    };
    all_texts(Failure(TextFlag), &[&padded(text::LONGEST_ITEM)]);
    all_texts(Success, &[&padded(text::LONGEST_ITEM + 1)]);
    let deep = format!(r#"{{"x": {}"#, "[".repeat(1_000_000));
    all_texts(Success, &[&deep]);
    let closed =
        format!(r#"{{"isError": true, "x": {}{}}}"#, "[".repeat(500_000), "]".repeat(500_000));
    all_texts(Failure(TextFlag), &[&closed]);
    all(Failure(ErrorFlag), &[&closed]);
    let in_content = format!(r#"{{"content": {}{}}}"#, "[".repeat(500_000), "]".repeat(500_000));
    all(Success, &[&in_content]);
    assert!(wire::reply(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn each_detector_looks_at_its_own_place_only() {
    let policy = Policy { check_text_content: true, ..Policy::default() };
    let flag = wire::reply(r#"{"isError": true}"#).unwrap();
    let structured = wire::reply(r#"{"structuredContent": {"status_code": 503}}"#).unwrap();
    let text = wire::reply(r#"{"content": [{"type": "text", "text": "{\"status_code\": 503}"}]}"#)
        .unwrap();
    let verdicts = |reply: &Reply| {
        let (a, b) = (error_flag::detect(reply, &policy), structured::detect(reply, &policy));
        [a, b, text::detect(reply, &policy)]
    };
    assert_eq!(verdicts(&flag), [Failure(ErrorFlag), Success, Success]);
    assert_eq!(verdicts(&structured), [Success, Failure(StructuredStatus(503)), Success]);
    assert_eq!(verdicts(&text), [Success, Success, Failure(TextStatus(503))]);
}

#[test]
fn time_outs_and_exceptions_go_in_as_error_flags() {
    let policy = Policy { retry_on_status: StatusSet::of([503]), ..Policy::default() };
    let exception = |status| judge(Seen::Exception(status), &policy);
    assert_eq!(judge(Seen::TimedOut, &policy), Failure(Reason::Timeout));
    assert_eq!(exception(Status::Absent), Failure(Reason::Exception));
    assert_eq!(exception(Status::Other), Failure(Reason::Exception));
    assert_eq!(exception(Status::Integer(503)), Failure(ErrorFlagStatus(503)));
    assert_eq!(exception(Status::Integer(401)), NotRetryable(401));
}
