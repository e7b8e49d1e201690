//! `report.html`: one file without anything from the network, for light and dark screens, wide and narrow.

use minijinja::{Environment, Value, context};

use super::decision::decision;
use super::figures::Picture;
use super::live;
use super::made::{command, identity};
use super::saved::{Column, Policy, Saved};
use super::words::{every, table};
use crate::chart::shown;

/// The page, but for what is filled in.
const PAGE: &str = include_str!("page.html.j2");

/// The looks of every page: what stands between the style's tags.
pub(super) fn style() -> &'static str {
    let after = PAGE.split_once("<style>").map_or("", |(_, after)| after);
    after.split_once("</style>").map_or("", |(style, _)| style)
}

/// The result as a page with its pictures inside.
///
/// # Errors
/// None for the page of this version; minijinja's, should the template be broken.
pub fn html(saved: &Saved, pictures: &[(Picture, String)]) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_template("page", PAGE)?;
    let met = saved.expectations.iter().filter(|e| e.met).count();
    let expectations = saved.expectations.iter().map(|e| {
        let found = e.value.map_or("n/a".into(), shown);
        context! { text => e.text.as_str(), column => e.column.as_str(), found => found, met => e.met }
    });
    let names: Vec<String> = saved.columns.iter().map(|c| c.name.clone()).collect();
    let pictures = pictures.iter().map(|(picture, svg)| (picture, svg.as_str()));
    let columns = saved.columns.iter().map(|column| {
        context! { name => column.name.as_str(), variant => column.variant.as_str(), policy => policy(column), rows => every(column) }
    });
    env.get_template("page")?.render(context! {
        saved => facts(saved),
        figures => grid(&table(saved)),
        met,
        expectations => expectations.collect::<Vec<_>>(),
        live => live::live(&names, pictures)?,
        columns => columns.collect::<Vec<_>>(),
        decision => decision(saved).map(|d| context! { answer => d.answer.as_str(), table => grid(&d.rows) }),
        command => command(saved),
        identity => identity(saved),
    })
}

/// Rows as a template takes them: `head`, and `body`.
pub(super) fn grid(rows: &[Vec<String>]) -> Value {
    let (head, body) = rows.split_first().map_or((&[][..], &[][..]), |(h, b)| (h.as_slice(), b));
    let body: Vec<Value> = body.iter().map(|row| Value::from(row.clone())).collect();
    context! { head => head.to_vec(), body }
}

/// What the page says of the run as a whole.
fn facts(saved: &Saved) -> Value {
    context! {
        scenario => saved.scenario.as_str(),
        question => saved.question.as_str(),
        source => saved.source.as_str(),
        replicas => saved.replicas,
        replicas_asked => saved.replicas_asked,
        seed => saved.seed,
        digest => saved.digest.as_str(),
        definition_sha256 => saved.definition_sha256.as_str(),
        warnings => saved.warnings.clone(),
    }
}

/// The drawing as an element of the page that tells its caption to those who do not see it.
pub(super) fn inline(picture: &Picture, svg: &str) -> String {
    let caption = minijinja::HtmlEscape(&picture.caption).to_string();
    svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{caption}\" "), 1)
}

/// The policy and the gateway of a column in a line, in the words of their files.
fn policy(column: &Column) -> String {
    let words = |p: &Policy| {
        let Policy { max_retries, backoff_base_ms, max_backoff_ms, jitter, .. } = p;
        let statuses: Vec<String> = p.retry_on_status.iter().map(u16::to_string).collect();
        format!(
            "max_retries {max_retries}, backoff_base_ms {}, max_backoff_ms {}, jitter {jitter}, \
             retry_on_status [{}], check_text_content {}",
            shown(*backoff_base_ms),
            shown(*max_backoff_ms),
            statuses.join(", "),
            p.check_text_content
        )
    };
    let gateway = &column.gateway;
    let deadline = gateway.deadline_ms.map_or("none".into(), |ms| format!("{} ms", shown(ms)));
    let overrides: String =
        column.overrides.iter().map(|(tool, p)| format!("; {tool}: {}", words(p))).collect();
    format!(
        "{}{overrides}. Gateway: loop {}, max_tool_retries {}, attempt time-out {} ms, deadline {deadline}.",
        words(&column.policy),
        gateway.r#loop,
        gateway.max_tool_retries,
        shown(gateway.attempt_timeout_ms),
    )
}
