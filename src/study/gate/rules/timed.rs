//! The optional tables: what is timed, and whose allocations are counted.

use super::Reader;
use crate::base::fault::joined;
use crate::base::text::probability;
use crate::base::tree::{Node, Value};
use crate::bench::workload;
use crate::study::gate::timed::{LEAST_BLOCKS, Ratio, Timed};
use crate::variants;

/// `[allocations]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allocations {
    /// Whose.
    pub variants: Vec<String>,
    /// Why.
    pub why: String,
}

/// More blocks than this take longer than anybody waits.
const MOST_BLOCKS: i64 = 1_000;

fn names() -> (Vec<&'static str>, Vec<&'static str>) {
    let variants = variants::all().iter().map(|v| v.name).collect();
    (variants, workload::PATHS.iter().map(|p| p.name).collect())
}

impl Reader {
    pub(super) fn allocations(&mut self, root: &Node) -> Option<Allocations> {
        let (table, path) = (root.get("allocations")?, "allocations");
        self.keys(table, path, &["variants", "why"]);
        let variants = self.names(table, path, "variants", &names().0);
        Some(Allocations { variants, why: self.text(table, path, "why") })
    }

    pub(super) fn timed(&mut self, root: &Node) -> Option<Timed> {
        let (table, path) = (root.get("timed")?, "timed");
        let known = [
            "variants",
            "paths",
            "counts",
            "sees",
            "level",
            "blocks",
            "most_blocks",
            "why",
            "ratios",
        ];
        self.keys(table, path, &known);
        let (variants, paths) = names();
        let timed = Timed {
            variants: self.names(table, path, "variants", &variants),
            paths: self.names(table, path, "paths", &paths),
            counts: self.share(table, path, "counts"),
            sees: self.share(table, path, "sees"),
            level: self.share(table, path, "level"),
            blocks: self.count(table, path, "blocks"),
            most_blocks: self.count(table, path, "most_blocks"),
            why: self.text(table, path, "why"),
            ratios: self.ratios(table),
        };
        let mut must = |holds: bool, key: &str, rule: &str| {
            if let (false, Some(node)) = (holds, table.get(key)) {
                self.fault(node, &joined(path, key), rule);
            }
        };
        must(timed.sees == 0.0 || timed.sees > timed.counts, "sees", "must be more than `counts`");
        let order = timed.most_blocks == 0 || timed.most_blocks >= timed.blocks;
        must(order, "most_blocks", "must not be less than `blocks`");
        Some(timed)
    }

    /// A share between 0 and 1, as `"3%"`.
    fn share(&mut self, table: &Node, path: &str, key: &str) -> f64 {
        let Some(node) = self.need(table, path, key) else { return 0.0 };
        let read = match &node.value {
            Value::Text(text) => probability(text).filter(|p| *p > 0.0 && *p < 1.0),
            _ => None,
        };
        read.unwrap_or_else(|| {
            self.fault(node, &joined(path, key), "must be a share as \"3%\", between 0 and 100 %");
            0.0
        })
    }

    fn count(&mut self, table: &Node, path: &str, key: &str) -> u32 {
        let node = self.need(table, path, key);
        node.map_or(0, |n| self.whole(n, &joined(path, key), LEAST_BLOCKS.into(), MOST_BLOCKS))
    }

    fn ratios(&mut self, timed: &Node) -> Vec<Ratio> {
        let Some(node) = timed.get("ratios") else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.fault(node, "timed.ratios", "must be a list of tables: [[timed.ratios]]");
            return Vec::new();
        };
        let (variants, paths) = names();
        let mut ratios: Vec<Ratio> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let path = format!("timed.ratios[{i}]");
            self.keys(item, &path, &["variant", "to", "paths", "at_least", "why"]);
            let variant = self.one(item, &path, "variant", &variants);
            let to = self.one(item, &path, "to", &variants);
            let on = self.names(item, &path, "paths", &paths);
            let at_least = self.factor(item, &path);
            let why = self.text(item, &path, "why");
            for name in on {
                let ratio = Ratio {
                    variant: variant.clone(),
                    to: to.clone(),
                    path: name.clone(),
                    at_least,
                    why: why.clone(),
                };
                let same =
                    |r: &Ratio| (&r.variant, &r.to, &r.path) == (&ratio.variant, &ratio.to, &name);
                if ratios.iter().any(same) {
                    self.fault(item, &joined(&path, "paths"), "is asked twice of these variants");
                }
                ratios.push(ratio);
            }
        }
        ratios
    }

    /// One known name.
    fn one(&mut self, table: &Node, path: &str, key: &str, known: &[&str]) -> String {
        let text = self.text(table, path, key);
        if let (false, Some(node)) = (text.is_empty(), table.get(key))
            && !known.contains(&text.as_str())
        {
            self.stranger(node, &joined(path, key), &text, known);
        }
        text
    }

    fn factor(&mut self, table: &Node, path: &str) -> f64 {
        let Some(node) = self.need(table, path, "at_least") else { return 1.0 };
        let factor = match node.value {
            Value::Int(n) => Some(n as f64),
            Value::Float(x) => Some(x),
            _ => None,
        };
        factor.filter(|x| *x > 0.0 && *x <= 1e6).unwrap_or_else(|| {
            let rule = "must be how many times as fast it has to be, more than 0";
            self.fault(node, &joined(path, "at_least"), rule);
            1.0
        })
    }
}
