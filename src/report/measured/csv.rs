//! The figures as CSV, one row for each.

use super::Measured;

/// Columns `kind,path,variant,size,metric,value`; `size` is the number of threads, entries or whatever
/// grows, empty where there is none.
pub(super) fn csv(measured: &Measured) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let mut row = |cells: [&str; 5], value: Option<f64>| {
        let value = value.map_or(String::new(), |value| value.to_string());
        let whole = cells.into_iter().chain([value.as_str()]);
        let written = out.write_record(whole).is_ok();
        debug_assert!(written, "writing to memory cannot fail");
    };
    for l in &measured.latency {
        let compared = |f: fn(&super::Compared) -> f64| l.comparison.as_ref().map(f);
        for (metric, value) in [
            ("ns", Some(l.ns)),
            ("ns_min", Some(l.ns_min)),
            ("ns_p50", Some(l.ns_p50)),
            ("ns_p90", Some(l.ns_p90)),
            ("ns_p99", Some(l.ns_p99)),
            ("ns_max", Some(l.ns_max)),
            ("one_ns_p50", Some(l.one_ns_p50)),
            ("one_ns_p99", Some(l.one_ns_p99)),
            ("one_ns_p999", Some(l.one_ns_p999)),
            ("one_ns_max", Some(l.one_ns_max)),
            ("allocations", l.allocations),
            ("ratio", compared(|c| c.ratio)),
            ("ratio_low", compared(|c| c.low)),
            ("ratio_high", compared(|c| c.high)),
        ] {
            row(["latency", l.path, l.variant, "", metric], value);
        }
    }
    for g in &measured.growth {
        for point in &g.points {
            let size = point.size.to_string();
            let metric = format!("ns by {}", g.size);
            row(["growth", g.path, g.variant, &size, &metric], Some(point.ns));
        }
    }
    for m in &measured.memory {
        let size = m.entries.to_string();
        row(["memory", "", m.variant, &size, "bytes_an_entry"], Some(m.bytes_an_entry));
        row(["memory", "", m.variant, &size, "kept_an_entry"], Some(m.kept_an_entry));
    }
    for t in &measured.throughput {
        let size = t.threads.to_string();
        for (metric, value) in [
            ("calls_per_s", Some(t.calls_per_s)),
            ("times_one_thread", t.times_one_thread),
            ("times_base", t.times_base),
        ] {
            row(["throughput", t.load, t.variant, &size, metric], value);
        }
    }
    let body = String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default();
    format!("kind,path,variant,size,metric,value\n{body}")
}
