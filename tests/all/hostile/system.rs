//! Faults of the system: a full disk, a folder that cannot be written, closed pipes, and kills at any moment.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{folder, retrylab, run, told};

/// A report folder that is whole: every file, and a result that can be read. Gives the replicas in it.
fn whole(out: &Path) -> u64 {
    for name in ["herd", "recovery", "latency", "amplification", "waits"] {
        for ending in ["svg", "png"] {
            assert!(fs::metadata(out.join(format!("{name}.{ending}"))).unwrap().len() > 100);
        }
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.trim_end().ends_with("</html>"));
    let text = fs::read_to_string(out.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    result["replicas"].as_u64().unwrap()
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_the_run() {
    let folder = folder(&[]);
    // Nobody, root included, makes folders there.
    for out in ["ok.toml/out", "/proc/retrylab", "/dev/null"] {
        let output = run(folder.path(), &["run", "ok.toml", "--out", out]);
        let told = told(&output);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
        assert!(told.contains("cannot write the report to") && told.contains("--out"), "{told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_told_and_the_report_is_whole() {
    for words in
        [&["run", "ok.toml", "--out", "out"][..], &["list"], &["verify"], &["check", "ok.toml"]]
    {
        let folder = folder(&[]);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = retrylab(folder.path()).args(words).stdout(full).output().unwrap();
        let told = told(&output);
        assert!(
            output.status.code() == Some(2) && told.contains("cannot write to stdout"),
            "{told}"
        );
        if words[0] == "run" {
            assert_eq!(whole(&folder.path().join("out")), 1);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_or_closed_stderr_changes_nothing() {
    for redirect in ["2>/dev/full", "2>&-"] {
        let folder = folder(&[("bad.toml", b"question = 1\n")]);
        for (words, code) in [("run ok.toml --out out", 0), ("check bad.toml", 2), ("run none", 2)]
        {
            let line = format!("exec \"$0\" {words} {redirect}");
            let mut command = Command::new("sh");
            command.args(["-c", &line, env!("CARGO_BIN_EXE_retrylab")]).current_dir(folder.path());
            assert_eq!(command.output().unwrap().status.code(), Some(code), "{words} {redirect}");
        }
    }
}

/// A disk with room for two reports; none where this user may not mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_report_and_prints_the_figures() {
    let folder = folder(&[]);
    let script = "mkdir disk && mount -t tmpfs -o size=900k none disk && cd disk || exit 99\n\
        \"$0\" run ../ok.toml -q --out out > /dev/null; echo first $?; cp -r out/result.json ../before\n\
        head -c 10000000 /dev/zero > filler 2> /dev/null\n\
        \"$0\" run ../ok.toml -q --seed 2 --out out; echo second $?\n\
        cmp out/result.json ../before && ls -A . out; rm filler\n\
        \"$0\" report out > /dev/null 2>&1; echo third $?";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_retrylab")]);
    let Ok(output) = command.current_dir(folder.path()).output() else {
        eprintln!("skipped: there is no `unshare`");
        return;
    };
    let (out, told) = (String::from_utf8(output.stdout.clone()).unwrap(), told(&output));
    if !out.contains("first") {
        eprintln!("skipped: no file system may be mounted: {told}");
        return;
    }
    assert!(
        out.contains("first 0") && out.contains("second 2") && out.contains("third 0"),
        "{out}{told}"
    );
    assert!(
        told.contains("cannot write the report to out") && told.contains("No space left"),
        "{told}"
    );
    assert!(out.contains("Does it end?"), "{out}");
    assert!(!out.contains(".retrylab-"), "{out}");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let folder = folder(&[]);
    for words in
        [&["list"][..], &["check", "--schema"], &["verify"], &["run", "ok.toml", "--out", "out"]]
    {
        let mut child = retrylab(folder.path())
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), told(&output).contains("panic")),
            (Some(0), false),
            "{words:?}"
        );
    }
    assert_eq!(whole(&folder.path().join("out")), 1);
}

/// Starts a run of many replicas, sends a signal after some time, and gives the exit code.
fn cut(folder: &Path, signal: &str, after: Duration) -> Option<i32> {
    cut_off(folder, &["run", "many.toml", "-q", "--out", "out"], signal, after)
}

/// The same of any command.
fn cut_off(folder: &Path, words: &[&str], signal: &str, after: Duration) -> Option<i32> {
    let mut child =
        retrylab(folder).args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    // It may be done already.
    let _ =
        Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
    child.wait().unwrap().code()
}

/// Takes some tenths of a second, much of it for the report.
fn many() -> String {
    let text = super::SMALL.replace("'1s'", "'20s'").replace("5/s", "500/s");
    format!("replicas = 20\n{text}")
}

fn moments() -> impl Iterator<Item = Duration> {
    (0..20).map(|i| Duration::from_millis(7 + i * 23))
}

#[cfg(unix)]
#[test]
fn a_kill_at_any_moment_leaves_a_whole_report_or_none() {
    let text = many();
    let folder = folder(&[("many.toml", text.as_bytes())]);
    let out = folder.path().join("out");
    for (i, after) in moments().enumerate() {
        // One time in two, a report is there already; it is the old one or the new one.
        if i % 2 == 0 && out.exists() {
            fs::remove_dir_all(&out).unwrap();
        }
        let code = cut(folder.path(), "-KILL", after);
        assert!(matches!(code, None | Some(0)), "{code:?}");
        if out.exists() {
            assert_eq!(whole(&out), 20);
        } else {
            assert_eq!(code, None);
        }
    }
    assert_eq!(
        run(folder.path(), &["run", "many.toml", "-q", "--out", "out"]).status.code(),
        Some(0)
    );
    assert_eq!(whole(&out), 20);
    let hidden = fs::read_dir(folder.path()).unwrap().flatten();
    let left = hidden.filter(|e| e.file_name().to_string_lossy().starts_with(".retrylab-")).count();
    // A kill between the making of a folder and its lock leaves an empty one for good.
    assert!(left <= 2, "{left} leftovers");
}

#[cfg(unix)]
#[test]
fn an_interrupt_at_any_moment_saves_what_is_done_or_nothing() {
    let text = many();
    let folder = folder(&[("many.toml", text.as_bytes())]);
    let out = folder.path().join("out");
    for after in moments() {
        let _ = fs::remove_dir_all(&out);
        let code = cut(folder.path(), "-INT", after);
        match code {
            // Before the handler is there, the signal ends the process as it always does.
            None => assert!(!out.exists()),
            Some(130) if out.exists() => assert!((1..20).contains(&whole(&out))),
            Some(130) => {}
            Some(0) => assert_eq!(whole(&out), 20),
            other => panic!("{other:?}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_of_what_has_nothing_to_save_ends_it_with_130() {
    let folder = folder(&[]);
    let half_a_second = Duration::from_millis(500);
    let verify: &[&str] = &["verify", "--cases", "100000000"];
    assert_eq!(cut_off(folder.path(), verify, "-INT", half_a_second), Some(130));
}
