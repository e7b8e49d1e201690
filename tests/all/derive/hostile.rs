//! Logs that are none, golden: each answer names the line, the column, the value, the rule and a way out.

use std::fs;

use assert_cmd::Command;
use retrylab::scenario::log::{self, MAX_LINE, Options};

#[test]
fn words_for_logs_that_are_none() {
    let long = format!("ts\n1\n{}\n", "7".repeat(MAX_LINE));
    let head = "timestamp,tool,duration_ms,status\n";
    let kinds: Vec<(&str, &[&str], Vec<u8>)> = vec![
        ("nothing at all", &[], Vec::new()),
        ("names and no call", &[], head.into()),
        ("no column of times", &[], "when,n\n1,2\n".into()),
        ("a column that there is not", &["--columns", "tool=toool"], head.into()),
        ("a role that there is not", &["--columns", "tols=tool"], head.into()),
        ("a time that is none", &[], format!("{head}1,a,1,200\nnoon,a,1,200\n").into()),
        ("a duration below 0", &[], format!("{head}1,a,-1,200\n").into()),
        ("a duration of words", &[], format!("{head}1,a,soon,200\n").into()),
        ("an outcome that is none", &[], format!("{head}1,a,1,perhaps\n").into()),
        ("a status beyond all", &[], format!("{head}1,a,1,777\n").into()),
        ("a cell too few", &[], format!("{head}1,a,1\n").into()),
        ("a quote that is not closed", &[], format!("{head}1,\"a,1,200\n2,b,1,200\n").into()),
        ("a quote in a cell", &[], format!("{head}1,\"a\"b,1,200\n").into()),
        ("bytes that are no text", &[], [head.as_bytes(), b"1,\xff,1,200\n"].concat()),
        ("a line of 64 KiB", &[], long.into()),
        ("JSON that is cut off", &[], "{\"ts\": 1}\n{\"ts\": 2, \"tool\n".into()),
        ("JSON that is a list", &[], "[{\"ts\": 1}]\n".into()),
        ("JSON without a time", &[], "{\"at_all\": 1}\n".into()),
        (
            "JSON with an object for a status",
            &[],
            "{\"ts\": 1, \"status\": {\"code\": 3}}\n".into(),
        ),
        ("times in several units", &[], "ts\n1\n1767607200\n-9000000000\n".into()),
        ("more bad lines than may be", &["--skip-bad", "1"], "ts\n1\nx\ny\n".into()),
    ];
    let mut whole = String::new();
    for (kind, more, bytes) in kinds {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.log"), bytes).unwrap();
        let mut command = Command::cargo_bin("retrylab").unwrap();
        let command = command.current_dir(folder.path()).args(["derive", "a.log"]).args(more);
        let output = command.assert().code(2);
        let told = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        whole += &format!("## {kind}\n{}\n\n", told.trim_end());
        assert!(!folder.path().join("a.toml").exists(), "{kind}");
    }
    insta::assert_snapshot!("logs", whole);
}

#[test]
fn a_log_without_an_end_of_line_takes_no_memory_for_it() {
    let mut endless = std::io::BufReader::new(std::io::repeat(b'7'));
    let wrong = log::read(&mut endless, &Options::default()).unwrap_err();
    assert_eq!(wrong.line, Some(1));
}

#[test]
fn a_folder_and_a_file_that_is_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (log, words) in [(".", "it is a folder"), ("none.csv", "cannot read none.csv")] {
        let mut command = Command::cargo_bin("retrylab").unwrap();
        let output = command.current_dir(folder.path()).args(["derive", log]).assert().code(2);
        let told = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(told.contains(words), "{told}");
    }
}
