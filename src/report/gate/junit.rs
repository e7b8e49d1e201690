//! JUnit XML, the form in which CI systems take test results: a case for each piece of evidence, a suite
//! for each kind. What is not as it was is a failure; what cannot be compared or told is an error.

use std::collections::BTreeMap;

use super::{Gate, cell};
use crate::study::gate::{Finding, Verdict};

/// The gate's answer as JUnit XML.
pub fn junit(gate: &Gate<'_>) -> String {
    let mut suites: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &gate.judgement.findings {
        let kind = finding.path.split('/').next().unwrap_or_default();
        suites.entry(kind).or_default().push(finding);
    }
    let all: Vec<&Finding> = gate.judgement.findings.iter().collect();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    out += &format!("<testsuites name=\"retrylab gate\" {}>\n", numbers(&all));
    for (kind, findings) in &suites {
        out += &format!("  <testsuite name=\"{}\" {}>\n", escaped(kind), numbers(findings));
        findings.iter().for_each(|finding| out += &case(kind, finding));
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn numbers(findings: &[&Finding]) -> String {
    let count = |v| findings.iter().filter(|f| f.standing.verdict() == v).count();
    let failures = count(Verdict::Regression);
    let errors = count(Verdict::NoBaseline) + count(Verdict::Undecided);
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", findings.len())
}

fn case(kind: &str, f: &Finding) -> String {
    let head = format!(
        "    <testcase classname=\"retrylab.gate.{}\" name=\"{}\"",
        escaped(kind),
        escaped(&f.path)
    );
    let element = match f.standing.verdict() {
        Verdict::Pass => return head + "/>\n",
        Verdict::Regression => "failure",
        Verdict::NoBaseline | Verdict::Undecided => "error",
    };
    let word = f.standing.word();
    let allowed = f.tolerance.map_or(String::new(), |t| format!(", allowed {t}"));
    let (before, now) = (cell(f.before.as_ref()), cell(f.now.as_ref()));
    let message = format!("{word}: baseline {before}, now {now}{allowed}");
    let told = f.detail.as_ref().map_or(f.why.clone(), |d| format!("{}\n{d}", f.why));
    format!(
        "{head}>\n      <{element} type=\"{word}\" message=\"{}\">{}</{element}>\n    </testcase>\n",
        escaped(&message),
        escaped(&told)
    )
}

/// Text as XML 1.0 can hold it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(escaped("a<b>&\"c\"\u{1}\n"), "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}\n");
    }
}
