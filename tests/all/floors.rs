//! The house keeps its floors: a room imports rooms on lower floors only, and the lower floors touch no
//! file, environment, output or wall clock.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms by floor, from the ground up.
const FLOORS: [&[&str]; 9] = [
    &["base"],
    &["plugin"],
    &["gateway", "variants"],
    &["sim", "bench"],
    &["metrics"],
    &["scenario", "chart"],
    &["study"],
    &["report"],
    &["cli"],
];

/// What only floors 6 and up may touch, and the exceptions below.
const OUTSIDE: [&str; 12] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "stdout",
    "stderr",
    "stdin",
    "SystemTime",
    "Instant",
    "println!",
    "eprintln!",
    "thread_rng",
];
const EXCEPTIONS: [(&str, &str); 3] = [
    // Real sleeping, time-outs and cancellation are what it is for.
    ("gateway/tokio_driver.rs", "Instant"),
    // The scales have a real clock.
    ("bench/clock.rs", "Instant"),
    ("bench/throughput.rs", "Instant"),
];

/// The longest file that is read with pleasure.
const LONGEST: usize = 300;

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Every Rust file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// Words of the code, without comments and strings in them.
fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Rooms that a text imports: whatever follows `crate::`, in braces too.
fn imports(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => rooms.push(word(after)),
            Some(list) => {
                let mut depth = 0;
                let mut start = 0;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth > 0 => depth -= 1,
                        ',' | '}' if depth == 0 => {
                            rooms.push(word(&list[start..i]));
                            start = i + 1;
                            if c == '}' {
                                break;
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    rooms
}

/// What is wrong with a file of a room.
fn faults(name: &str, text: &str) -> Vec<String> {
    let room = name.split(['/', '.']).next().unwrap_or_default();
    let Some(own) = floor(room) else { return vec![format!("{name}: no floor has a room {room}")] };
    let code = code(text);
    let mut faults = Vec::new();
    for other in imports(&code) {
        let Some(there) = floor(&other) else { continue };
        if other != room && there >= own {
            faults.push(format!("{name}: {room} (floor {own}) imports {other} (floor {there})"));
        }
    }
    let allowed = |what: &&str| EXCEPTIONS.iter().any(|(file, w)| *file == name && w == what);
    for what in OUTSIDE.iter().filter(|what| own <= 5 && code.contains(**what) && !allowed(what)) {
        faults.push(format!("{name}: {room} (floor {own}) touches {what}"));
    }
    if text.lines().count() > LONGEST {
        faults.push(format!("{name}: {} lines, at most {LONGEST} are kept", text.lines().count()));
    }
    faults
}

#[test]
fn every_room_imports_lower_floors_only_and_stays_small() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for path in files(&source) {
        let name = path.strip_prefix(&source).unwrap().to_string_lossy().replace('\\', "/");
        if name != "lib.rs" && name != "main.rs" {
            all.extend(faults(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_room_that_looks_up_is_caught() {
    let up = "use crate::{base::Span, metrics::{Tally, NAMES}};\nfn f() { crate::cli::main(); }";
    let found = faults("sim/island.rs", up);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(faults("sim/island.rs", "use crate::base::Span; // crate::cli").is_empty());
    assert_eq!(faults("chart/mod.rs", "use crate::scenario::Plan;").len(), 1, "sideways");
    assert_eq!(faults("metrics/a.rs", "let t = std::time::Instant::now();").len(), 1);
    assert_eq!(faults("attic/a.rs", "").len(), 1);
    assert_eq!(faults("base/long.rs", &"\n".repeat(LONGEST + 1)).len(), 1);
}
