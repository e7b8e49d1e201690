//! A policy as it was written becomes a checked [`PolicySet`]. Published versions find a bad override
//! only when its tool is called; here every fault of a policy is found when it is loaded, all at once,
//! and the merged policy of every tool obeys every rule.

use super::{Jitter, Overrides, Policy, PolicySet, StatusSet};
use crate::base::fault::{joined, near};
use crate::base::tree::{Key, Node, Value};
use crate::base::{Fault, Span};

/// A field of the policy, for whoever documents or completes it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// Its default, as it would be written.
    pub default: &'static str,
    /// The rule that it obeys.
    pub rule: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// The fields that the base policy and overrides can have; the base has [`OVERRIDES`] too.
pub const FIELDS: [Field; 6] = [
    Field {
        name: "max_retries",
        default: "2",
        rule: "must be an integer from 0 to 1000",
        doc: "retries after the first attempt",
    },
    Field {
        name: "backoff_base_ms",
        default: "200",
        rule: "must be an integer of at least 0",
        doc: "ceiling of the first wait, in ms; each later one is twice as long",
    },
    Field {
        name: "max_backoff_ms",
        default: "5000",
        rule: "must be an integer of at least backoff_base_ms",
        doc: "largest ceiling, in ms",
    },
    Field {
        name: "retry_on_status",
        default: "[429, 500, 502, 503, 504]",
        rule: "must be a list of integers from 100 to 599",
        doc: "statuses that are tried again",
    },
    Field {
        name: "jitter",
        default: "true",
        rule: "must be true (full), false (none), \"none\", \"full\", \"equal\" or \"decorrelated\"",
        doc: "how waits are spread under their ceiling",
    },
    Field {
        name: "check_text_content",
        default: "false",
        rule: "must be true or false",
        doc: "whether text items that hold a JSON object are read for failures",
    },
];

/// The key under which the base policy holds the overrides of single tools.
pub const OVERRIDES: &str = "tool_overrides";

const JITTERS: [(&str, Jitter); 4] = [
    ("none", Jitter::None),
    ("full", Jitter::Full),
    ("equal", Jitter::Equal),
    ("decorrelated", Jitter::Decorrelated),
];

/// Published versions from 0.3.2 on refuse more retries than this.
const PUBLISHED_MAX_RETRIES: u32 = 10;

/// Reads a policy and its overrides. `path` is what faults and warnings call the policy.
///
/// # Errors
/// Every fault at once.
pub fn read(node: &Node, path: &str, warnings: &mut Vec<String>) -> Result<PolicySet, Vec<Fault>> {
    read_as(Overrides::AtLoad, node, path, warnings)
}

/// The same for a body that checks its overrides at a time of its own.
///
/// # Errors
/// Every fault at once.
pub fn read_as(
    checked: Overrides,
    node: &Node,
    path: &str,
    warnings: &mut Vec<String>,
) -> Result<PolicySet, Vec<Fault>> {
    let mut reader = Reader { warnings, faults: Vec::new(), base_sound: true };
    let Value::Table(_) = node.value else {
        return Err(vec![
            Fault::new(path, node.shown(), "must be a table of policy fields")
                .at(node.span.clone()),
        ]);
    };
    let mut set = PolicySet {
        base: reader.merge(node, path, &Policy::default(), true),
        ..PolicySet::default()
    };
    if let Some(overrides) = node.get(OVERRIDES) {
        let path = joined(path, OVERRIDES);
        if !matches!(overrides.value, Value::Table(_)) {
            reader.fault(&path, overrides, "must be a table: tool name = fields to replace");
        }
        for (tool, fields) in overrides.entries() {
            let sound = reader.faults.len();
            let merged = reader.own(fields, &joined(&path, &tool.name), &set.base);
            let aside = match checked {
                Overrides::AtLoad => None,
                Overrides::AtCall => reader.faults.drain(sound..).next(),
            };
            if let Some(fault) = aside {
                let tool = tool.name.clone();
                reader.warnings.push(format!("{fault}: every call of the tool {tool:?} will fail"));
                set.refused.insert(tool, fault.to_string());
            } else {
                set.overrides.insert(tool.name.clone(), merged);
            }
        }
    }
    if reader.faults.is_empty() { Ok(set) } else { Err(reader.faults) }
}

struct Reader<'a> {
    warnings: &'a mut Vec<String>,
    faults: Vec<Fault>,
    /// The base's own backoff fields are free of faults: overrides can be held against them.
    base_sound: bool,
}

impl Reader<'_> {
    fn fault(&mut self, path: &str, node: &Node, rule: &str) {
        self.faults.push(Fault::new(path, node.shown(), rule).at(node.span.clone()));
    }

    /// The policy of a tool with an override.
    fn own(&mut self, fields: &Node, path: &str, base: &Policy) -> Policy {
        if matches!(fields.value, Value::Table(_)) {
            return self.merge(fields, path, base, false);
        }
        self.fault(path, fields, "must be a table of policy fields");
        base.clone()
    }

    /// `under` with the fields of a table in place of its own. A field at fault keeps the value of
    /// `under`, so that one slip is reported once.
    fn merge(&mut self, table: &Node, path: &str, under: &Policy, is_base: bool) -> Policy {
        let mut policy = under.clone();
        let mut sound = self.base_sound;
        for (key, node) in table.entries() {
            let path = joined(path, &key.name);
            match key.name.as_str() {
                OVERRIDES if is_base => {}
                name if FIELDS.iter().any(|f| f.name == name) => {
                    if !self.field(name, node, &path, &mut policy) {
                        let rule = FIELDS.iter().find(|f| f.name == name).map_or("", |f| f.rule);
                        self.fault(&path, node, rule);
                        self.hint_at_jitter(name, node);
                        sound &= !matches!(name, "backoff_base_ms" | "max_backoff_ms");
                    }
                }
                _ => self.unknown(key, &path, is_base),
            }
        }
        if sound && policy.max_backoff < policy.backoff_base {
            self.crossed(table, path, &policy);
            sound = false;
        }
        if is_base {
            self.base_sound = sound;
        }
        policy
    }

    /// Puts one field into a policy; false if its value breaks the field's rule.
    fn field(&mut self, name: &str, node: &Node, path: &str, policy: &mut Policy) -> bool {
        match name {
            "max_retries" => match whole(node).and_then(|n| u32::try_from(n).ok()) {
                Some(n) if n <= 1000 => {
                    if n > PUBLISHED_MAX_RETRIES {
                        self.warnings.push(format!(
                            "{path} = {n}: published versions from 0.3.2 on refuse more than \
                             {PUBLISHED_MAX_RETRIES}"
                        ));
                    }
                    policy.max_retries = n;
                }
                _ => return false,
            },
            "backoff_base_ms" => match whole(node) {
                Some(ms) => {
                    if ms == 0 {
                        self.warnings.push(format!(
                            "{path} = 0 retries at once: published versions refuse it"
                        ));
                    }
                    policy.backoff_base = Span::from_millis(ms);
                }
                None => return false,
            },
            "max_backoff_ms" => match whole(node) {
                Some(ms) => policy.max_backoff = Span::from_millis(ms),
                None => return false,
            },
            "retry_on_status" => return self.statuses(node, path, policy),
            "jitter" => match jitter(node) {
                Some(jitter) => policy.jitter = jitter,
                None => return false,
            },
            _ => match node.value {
                Value::Bool(on) => policy.check_text_content = on,
                _ => return false,
            },
        }
        true
    }

    /// A mistyped kind of jitter is told the near one.
    fn hint_at_jitter(&mut self, field: &str, node: &Node) {
        let Value::Text(found) = &node.value else { return };
        let known = JITTERS.iter().map(|(name, _)| *name);
        if let (Some(name), Some(fault)) = (near(found, known), self.faults.last_mut())
            && field == "jitter"
        {
            fault.hint = Some(format!("did you mean {name:?}?"));
        }
    }

    fn statuses(&mut self, node: &Node, path: &str, policy: &mut Policy) -> bool {
        let Value::List(items) = &node.value else { return false };
        let mut found = Vec::new();
        for (i, item) in items.iter().enumerate() {
            match whole(item).and_then(|n| u16::try_from(n).ok()) {
                Some(status) if (100..=599).contains(&status) => found.push(status),
                _ => {
                    self.fault(&format!("{path}[{i}]"), item, "must be an integer from 100 to 599");
                }
            }
        }
        policy.retry_on_status = StatusSet::of(found);
        true
    }

    fn unknown(&mut self, key: &Key, path: &str, is_base: bool) {
        let known = FIELDS.iter().map(|f| f.name).chain(is_base.then_some(OVERRIDES));
        let fault = Fault::new(path, format!("key {:?}", key.name), "is not a field of the policy")
            .at(key.span.clone());
        self.faults.push(match near(&key.name, known) {
            Some(name) => fault.hint(format!("did you mean `{name}`?")),
            None => fault,
        });
    }

    /// The cap is below the base. The fault stands at the field that this table itself has.
    fn crossed(&mut self, table: &Node, path: &str, policy: &Policy) {
        let base = policy.backoff_base.millis_ceil();
        let cap = policy.max_backoff.millis_ceil();
        let (name, rule) = match table.get("max_backoff_ms") {
            Some(_) => ("max_backoff_ms", format!("must be at least backoff_base_ms, here {base}")),
            None => ("backoff_base_ms", format!("must be at most max_backoff_ms, here {cap}")),
        };
        if let Some(node) = table.get(name) {
            self.fault(&joined(path, name), node, &rule);
        }
    }
}

fn whole(node: &Node) -> Option<u64> {
    match node.value {
        Value::Int(n) => u64::try_from(n).ok(),
        _ => None,
    }
}

fn jitter(node: &Node) -> Option<Jitter> {
    match &node.value {
        Value::Bool(true) => Some(Jitter::Full),
        Value::Bool(false) => Some(Jitter::None),
        Value::Text(name) => JITTERS.iter().find(|(n, _)| n == name).map(|(_, j)| *j),
        _ => None,
    }
}
