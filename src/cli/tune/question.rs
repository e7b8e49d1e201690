//! What is asked, from the words of the command line.

use anyhow::{anyhow, bail};

use crate::base::digest::sha256;
use crate::base::fault::near;
use crate::base::text::duration;
use crate::cli::args;
use crate::cli::input::{self, Own};
use crate::plugin::Jitter;
use crate::scenario::{self, Column, Plan, presets};
use crate::study::tune::point::{AXES, JITTERS};
use crate::study::tune::{Goal, Keep, Point, Question, Space, Target, Task};

/// A search, ready to go.
pub(super) struct Asked {
    pub(super) question: Question,
    pub(super) tasks: Vec<Task>,
    pub(super) target: Target,
    pub(super) warnings: Vec<String>,
    definitions: Vec<String>,
}

impl Asked {
    /// A hash over all that decides what a run comes to.
    pub(super) fn definition(&self) -> String {
        let mut whole = self.definitions.join("\n");
        for task in &self.tasks {
            let Task { name, column, seed, .. } = task;
            let policies = &column.policies;
            whole += &format!("\n{name} {} {seed} {:?} {policies:?}", column.name, self.target);
        }
        let metrics = crate::study::tune::metrics(self.question.goal, &self.question.keeps);
        sha256(&format!("{whole} {metrics:?}"))
    }

    /// How many runs it takes at most, by and large.
    pub(super) fn runs(&self) -> u64 {
        let Question { space, replicas, current, .. } = &self.question;
        let tenth = space.size(current.cap_ms) as u64 * replicas / 10;
        (tenth + 4 * replicas).max(48) * self.tasks.len() as u64
    }
}

pub(super) fn asked(options: &args::Tune) -> anyhow::Result<Asked> {
    let goal = Goal::of(&options.goal).map_err(|fault| anyhow!("--goal: {fault}"))?;
    let keep = |text: &String| Keep::of(text).map_err(|fault| anyhow!("--keep {text:?}: {fault}"));
    let keeps = options.keep.iter().map(keep).collect::<anyhow::Result<Vec<_>>>()?;
    let own = options.policy.as_deref().map(input::own_policy).transpose()?;
    let mut tasks = Vec::new();
    let mut warnings = own.as_ref().map_or_else(Vec::new, |own| own.odd.clone());
    let mut definitions = Vec::new();
    for name in &options.scenarios {
        let mut plan = input::scenario(name)?;
        plan.seed = options.seed.unwrap_or(plan.seed);
        warnings.extend(plan.warnings.iter().map(|w| format!("{}: {w}", plan.name)));
        definitions.push(plan.definition.clone());
        let weight = weight(&options.weight, &plan, &options.scenarios)?;
        tasks.push(task(plan, options, (own.as_ref(), weight), &mut warnings)?);
    }
    let target = target(options.tool.as_deref(), &tasks)?;
    let first = &tasks[0].column;
    let current = Point::of(target.policy(first), first.world.gateway.deadline);
    let limit = tasks.iter().map(|t| t.column.world.gateway.max_tool_retries).min().unwrap_or(0);
    let mut space = Space::around(current, limit);
    options.vary.iter().try_for_each(|text| vary(&mut space, text, limit))?;
    let presets = presets::all().into_iter().filter(|p| options.presets && p.name != "none");
    let of = |p: presets::Preset| {
        let mut policy = p.policy;
        policy.max_retries = policy.max_retries.min(limit);
        (p.name.to_owned(), Point::of(&policy, first.world.gateway.deadline))
    };
    let contestants = presets.map(of).collect();
    let replicas = u64::from(options.replicas);
    let question = Question { goal, keeps, space, contestants, current, replicas };
    Ok(Asked { question, tasks, target, warnings, definitions })
}

/// The weight of a scenario: `--weight outage=3`.
fn weight(weights: &[String], plan: &Plan, names: &[String]) -> anyhow::Result<f64> {
    let mut weight = 1.0;
    for text in weights {
        let wrong =
            || anyhow!("--weight {text:?}: must be a scenario and a number above 0, like outage=2");
        let (name, number) = text.split_once('=').ok_or_else(wrong)?;
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        if !(number.is_finite() && number > 0.0) {
            return Err(wrong());
        }
        let stem = |n: &str| {
            let file = n.rsplit('/').next().unwrap_or(n);
            file.strip_suffix(".toml").unwrap_or(file).to_owned()
        };
        if !names.iter().any(|known| stem(known) == stem(name)) {
            bail!("--weight {text:?}: {name} is none of the scenarios: {}", names.join(", "));
        }
        if stem(name) == plan.name {
            weight = number;
        }
    }
    Ok(weight)
}

/// The column that is tuned, with the operator's own policy where one is given.
fn task(
    plan: Plan,
    options: &args::Tune,
    (own, weight): (Option<&Own>, f64),
    warnings: &mut Vec<String>,
) -> anyhow::Result<Task> {
    let mut column = chosen(&plan, options.column.as_deref())?;
    if let Some(own) = own {
        column = scenario::with_policies(&column, own.policies.clone(), warnings);
    }
    if plan.columns.len() > 1 && options.column.is_none() {
        let name = &column.name;
        warnings.push(format!(
            "{}: has {} columns; the policy in use is that of \"{name}\" (--column names another)",
            plan.name,
            plan.columns.len()
        ));
    }
    Ok(Task { name: plan.name, column, seed: plan.seed, weight })
}

fn chosen(plan: &Plan, name: Option<&str>) -> anyhow::Result<Column> {
    let Some(name) = name else { return Ok(plan.columns[0].clone()) };
    let names = || plan.columns.iter().map(|c| c.name.as_str());
    plan.columns.iter().find(|c| c.name == name).cloned().ok_or_else(|| {
        let all = || format!("there are {}", names().collect::<Vec<_>>().join(", "));
        let hint = near(name, names()).map_or_else(all, |n| format!("did you mean \"{n}\"?"));
        anyhow!("--column {name:?}: is no column of {}; {hint}", plan.name)
    })
}

fn target(tool: Option<&str>, tasks: &[Task]) -> anyhow::Result<Target> {
    let Some(name) = tool else { return Ok(Target::Base) };
    let of = |task: &Task| task.column.world.tools.iter().map(|t| t.group.to_string()).collect();
    let groups: Vec<Vec<String>> = tasks.iter().map(of).collect();
    if groups.iter().any(|known| known.iter().any(|g| g == name)) {
        return Ok(Target::Tool(name.to_owned()));
    }
    let known: Vec<&str> = groups.iter().flatten().map(String::as_str).collect();
    let all =
        || format!("there are {}", known.iter().take(8).copied().collect::<Vec<_>>().join(", "));
    let hint = near(name, known.iter().copied()).map_or_else(all, |n| format!("did you mean {n}?"));
    Err(anyhow!("--tool {name:?}: is no tool of the scenario; {hint}"))
}

/// The values of a parameter: `--vary backoff_base_ms=50,100,200`, `--vary max_retries=0..5`.
fn vary(space: &mut Space, text: &str, limit: u32) -> anyhow::Result<()> {
    let (name, values) = text.split_once('=').unwrap_or((text, ""));
    let wrong = |rule: &str| anyhow!("--vary {text:?}: {rule}");
    let words: Vec<&str> = values.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        return Err(wrong("must be a parameter and its values, like backoff_base_ms=50,100,200"));
    }
    match name.trim() {
        "max_retries" => {
            let all = numbers(&words)
                .ok_or_else(|| wrong("must be whole numbers, or a range like 0..5"))?;
            if let Some(over) = all.iter().find(|n| **n > u64::from(limit)) {
                return Err(wrong(&format!(
                    "{over} is over the gateway's limit of {limit} (max_tool_retries in [gateway])"
                )));
            }
            space.max_retries = all.into_iter().map(|n| n as u32).collect();
        }
        "backoff_base_ms" => {
            space.base_ms = numbers(&words).ok_or_else(|| wrong("must be whole numbers of ms"))?;
        }
        "max_backoff_ms" => {
            space.cap_ms = numbers(&words).ok_or_else(|| wrong("must be whole numbers of ms"))?;
        }
        "jitter" => {
            let known = |w: &&str| JITTERS.into_iter().find(|j| j.name() == *w);
            let all: Option<Vec<Jitter>> = words.iter().map(known).collect();
            space.jitter = all.ok_or_else(|| wrong("must be none, full, equal or decorrelated"))?;
        }
        "deadline" => {
            let one = |w: &&str| match *w {
                "none" => Some(None),
                text => duration(text).map(|span| Some(span.as_nanos() / 1_000_000)),
            };
            let all: Option<Vec<Option<u64>>> = words.iter().map(one).collect();
            space.deadline_ms = all.ok_or_else(|| wrong("must be durations like 30s, or none"))?;
        }
        other => {
            let hint = near(other, AXES).map_or(String::new(), |n| format!("; did you mean {n}?"));
            return Err(wrong(&format!(
                "must be max_retries, backoff_base_ms, max_backoff_ms, jitter or deadline{hint}"
            )));
        }
    }
    Ok(())
}

/// Whole numbers, ascending, each once; `a..b` is all of them with both ends.
fn numbers(words: &[&str]) -> Option<Vec<u64>> {
    let mut all = Vec::new();
    for word in words {
        match word.split_once("..") {
            Some((low, high)) => {
                let (low, high) =
                    (low.trim().parse::<u64>().ok()?, high.trim().parse::<u64>().ok()?);
                if low > high || high - low > 1000 {
                    return None;
                }
                all.extend(low..=high);
            }
            None => all.push(word.parse().ok().filter(|n| *n <= 86_400_000)?),
        }
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}
