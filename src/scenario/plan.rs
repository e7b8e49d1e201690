//! What a checked scenario is: columns to simulate on common random numbers, and what must come out.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Fault;
use crate::base::tree::{Node, Value};
use crate::gateway::{Gateway, LoopModel};
use crate::plugin::PolicySet;
use crate::sim::world::World;

use super::columns;
use super::expect::expectations;
use super::files::Files;
use super::keys::{GATEWAY, MAX_INSTANCES, SCENARIO};
use super::load::loads;
use super::policy::{policies, settle};
use super::table::Table;
use super::toml;
use super::tools::tools;

/// A checked scenario.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name: the file's, without the ending.
    pub name: String,
    /// The one question that it asks.
    pub question: String,
    /// Where it comes from: an incident, a paper, an issue.
    pub source: String,
    /// The text that identifies it: the file's, followed by the texts of the files that it names.
    pub definition: String,
    /// The seed of its random streams.
    pub seed: u64,
    /// How many times each column runs, each on streams of its own.
    pub replicas: u32,
    /// The combinations to compare, at least one.
    pub columns: Vec<Column>,
    /// What must come out.
    pub expectations: Vec<Expectation>,
    /// What is odd but allowed.
    pub warnings: Vec<String>,
}

/// One combination of policy, gateway and world.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name: `jitter=full`, or the one given; `scenario` where there is only one.
    pub name: String,
    /// The variant of the plugin, as written; the registry of variants judges it.
    pub variant: String,
    /// What is simulated.
    pub world: World,
    /// The plugin's policies, clamped where the gateway clamps.
    pub policies: PolicySet,
}

/// A statement about one metric of one column.
#[derive(Clone, PartialEq, Debug)]
pub struct Expectation {
    /// As written: `"jitter=full".recovery_rate >= 95%`.
    pub text: String,
    /// Which column.
    pub column: usize,
    /// Which metric: `recovery_rate`, or of one tool: `tools.search.recovery_rate`.
    pub metric: String,
    /// What must hold.
    pub test: Test,
}

/// What must hold for the mean of a metric, in the metric's own unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Test {
    /// A bound or an exact value.
    Compare {
        /// How.
        op: Comparison,
        /// With what.
        value: f64,
    },
    /// Within a tolerance of a value, both ends included.
    Near {
        /// The value.
        value: f64,
        /// The largest difference.
        tolerance: f64,
    },
    /// Between two values, both included.
    Between {
        /// The smallest value allowed.
        low: f64,
        /// The largest value allowed.
        high: f64,
    },
    /// The metric does not exist.
    Null,
}

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Equal,
}

impl Test {
    /// Whether a value passes; a metric that does not exist passes [`Test::Null`] only.
    pub fn holds(&self, value: Option<f64>) -> bool {
        let Some(x) = value else { return *self == Test::Null };
        match *self {
            Test::Compare { op, value } => match op {
                Comparison::AtLeast => x >= value,
                Comparison::Above => x > value,
                Comparison::AtMost => x <= value,
                Comparison::Below => x < value,
                Comparison::Equal => x == value,
            },
            Test::Near { value, tolerance } => (x - value).abs() <= tolerance,
            Test::Between { low, high } => low <= x && x <= high,
            Test::Null => false,
        }
    }
}

/// Reads and checks a scenario. `files` gives the text of a file that the scenario names
/// (`policy_from`, a trace); `env` is what templates of gateway configurations may look up.
///
/// # Errors
/// Every fault of the file at once, in the order of the text.
pub fn load(
    name: &str,
    text: &str,
    files: &dyn Fn(&str) -> Result<String, String>,
    env: &BTreeMap<String, String>,
) -> Result<Plan, Vec<Fault>> {
    let root = toml::parse(text)?;
    let files = Files::new(files, env);
    let mut faults = Vec::new();
    let file = Table::open(&root, "", SCENARIO.keys, &mut faults);
    let mut warnings = Vec::new();
    let mut columns = Vec::new();
    let mut instances = 0;
    for (name, file) in columns::columns(&root, &mut faults) {
        let column = column(name, &file, &files, &mut faults, &mut warnings);
        instances += column.world.tools.len() as u64;
        columns.push(column);
        if instances > MAX_INSTANCES.unsigned_abs() {
            let rule = format!("must be at most {MAX_INSTANCES} over all columns");
            faults.push(Fault::new("tools", format!("{instances} instances"), rule));
            break;
        }
    }
    let expectations =
        file.get("expect").map_or(Vec::new(), |node| expectations(node, &columns, &mut faults));
    if !faults.is_empty() {
        let mut faults = unique(faults);
        faults.sort_by_key(|fault| fault.span.as_ref().map_or(usize::MAX, |span| span.start));
        return Err(faults);
    }
    Ok(Plan {
        name: name.to_owned(),
        question: file.text("question").unwrap_or_default(),
        source: file.text("source").unwrap_or_default(),
        definition: files.definition(text),
        seed: file.count("seed").unwrap_or_default(),
        replicas: file.small("replicas").unwrap_or(1),
        columns,
        expectations,
        warnings: unique(warnings),
    })
}

fn column(
    name: String,
    file: &Node,
    files: &Files<'_>,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<String>,
) -> Column {
    let file = Table::open(file, "", SCENARIO.keys, faults);
    let mut tools = tools(&file, faults);
    for list in ["tools", "load"] {
        if file.get(list).is_some() && file.list(list).is_empty() {
            faults.push(
                Fault::new(list, "[]", "must have at least one entry").at(file.place_of(list)),
            );
        }
    }
    loads(&file, &mut tools, files, faults);
    let world = World {
        tools: tools.instances,
        gateway: gateway(&file, faults),
        duration: file.span("duration").unwrap_or_default(),
    };
    let mut policies = policies(&file, files, faults, warnings);
    settle(&mut policies, &world, warnings);
    Column { name, variant: file.text("variant").unwrap_or_default(), world, policies }
}

fn gateway(file: &Table<'_>, faults: &mut Vec<Fault>) -> Gateway {
    let empty = Node::bare(Value::Table(Vec::new()));
    let node = file.get("gateway").unwrap_or(&empty);
    let table = Table::open(node, &file.at("gateway"), GATEWAY.keys, faults);
    Gateway {
        max_tool_retries: table.small("max_tool_retries").unwrap_or_default(),
        attempt_timeout: table.span("attempt_timeout").unwrap_or_default(),
        deadline: table.span("deadline"),
        loop_model: match table.text("loop").as_deref() {
            Some("as-shipped") => LoopModel::AsShipped,
            _ => LoopModel::Fixed,
        },
    }
}

/// Without repetitions: what all columns share is said once.
fn unique<T: ToString>(all: Vec<T>) -> Vec<T> {
    let mut said = BTreeSet::new();
    all.into_iter().filter(|one| said.insert(one.to_string())).collect()
}
