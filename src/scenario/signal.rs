//! What failures look like: the signals of a scenario become what the gateway receives.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::base::Fault;
use crate::base::tree::{Node, Value};
use crate::plugin::{Content, Item, Reply, Status, Structured, wire};
use crate::sim::world::{Brought, Signal};

use super::form::{Form, form};
use super::forms::{REPLY, SIGNAL};
use super::table::Table;

/// The signal under a key; `None` where the key is absent or at fault.
pub(super) fn signal_of(table: &Table<'_>, key: &str, faults: &mut Vec<Fault>) -> Option<Signal> {
    of_form(form(table.get(key)?, &table.at(key), &SIGNAL, faults)?, faults)
}

/// Reads a reply: a signal, or `None` inside for "success".
pub(super) fn reply(node: &Node, path: &str, faults: &mut Vec<Fault>) -> Option<Option<Signal>> {
    match form(node, path, &REPLY, faults)? {
        Form::Plain("success") => Some(None),
        other => of_form(other, faults).map(Some),
    }
}

/// A failure with an error flag and no status.
pub(super) fn error_flag() -> Signal {
    looks(Brought::Reply(Arc::new(flagged())), false)
}

/// A reply whose structured content has a status and nothing else.
pub(super) fn structured_status(status: u16) -> Signal {
    let reply = Reply { structured: object(false, status.into()), ..Reply::default() };
    looks(Brought::Reply(Arc::new(reply)), status < 400)
}

fn looks(brought: Brought, success: bool) -> Signal {
    Signal { brought, executed: success, success }
}

fn flagged() -> Reply {
    Reply { is_error: true, ..Reply::default() }
}

fn object(is_error: bool, status: i64) -> Structured {
    Structured::Object { is_error, status: Status::Integer(status) }
}

fn text(body: String) -> Reply {
    Reply {
        content: Content::Items(vec![Item::Text(body.into_bytes().into())]),
        ..Reply::default()
    }
}

fn of_form(form: Form<'_>, faults: &mut Vec<Fault>) -> Option<Signal> {
    let tagged = match form {
        Form::Plain(word) => return Some(of_word(word)),
        Form::Any(_) => return None,
        Form::Tagged(tagged) => tagged,
    };
    let value = tagged.value;
    let mut signal = match (tagged.name(), &value.value) {
        ("is", Value::Text(word)) => of_word(word),
        ("raw", Value::Text(text)) => match wire::reply(text) {
            Ok(reply) => of_wire(reply),
            Err(error) => {
                let rule = format!("must be a reply in wire form, which is JSON: {error}");
                faults.push(Fault::new(tagged.path, value.shown(), rule).at(value.span.clone()));
                return None;
            }
        },
        (name, Value::Int(status)) => of_status(name, u16::try_from(*status).ok()?),
        _ => return None,
    };
    let succeeded = tagged.beside.flag("success");
    if succeeded && !matches!(signal.brought, Brought::Reply(_)) {
        let rule = "cannot be true: only a reply can be a success";
        let place = tagged.beside.place_of("success");
        faults.push(Fault::new(tagged.beside.at("success"), "true", rule).at(place));
    }
    signal.executed |= succeeded || tagged.beside.flag("executed");
    signal.success |= succeeded;
    Some(signal)
}

fn of_word(word: &str) -> Signal {
    let reply = |reply| Brought::Reply(Arc::new(reply));
    let brought = match word {
        "structured_flag" => reply(Reply {
            structured: Structured::Object { is_error: true, status: Status::Absent },
            ..Reply::default()
        }),
        "text_flag" => reply(text("{\"isError\": true}".into())),
        "exception" => Brought::Exception(Status::Absent),
        "timeout" => Brought::Hang,
        "refused" => Brought::Refusal,
        _ => return error_flag(),
    };
    looks(brought, false)
}

fn of_status(form: &str, status: u16) -> Signal {
    let code = i64::from(status);
    match form {
        "error_flag_status" => {
            let reply = Reply { structured: object(false, code), ..flagged() };
            looks(Brought::Reply(Arc::new(reply)), false)
        }
        "text_status" => {
            let reply = text(format!("{{\"status_code\": {status}}}"));
            looks(Brought::Reply(Arc::new(reply)), status < 400)
        }
        "exception" => looks(Brought::Exception(Status::Integer(code)), false),
        _ => structured_status(status),
    }
}

/// A raw reply. Whether it is a success is told by its content, whatever a policy retries (and unless
/// the scenario says that it is one): no flag, and no status of 400 or more, structured or in a text.
fn of_wire(reply: Reply) -> Signal {
    let structured = match reply.structured {
        Structured::Object { is_error, status } => {
            is_error || matches!(status, Status::Integer(400..))
        }
        Structured::Absent | Structured::Opaque => false,
    };
    let in_text = match &reply.content {
        Content::Items(items) if reply.structured == Structured::Absent => items.iter().any(failed),
        _ => false,
    };
    let success = !reply.is_error && !structured && !in_text;
    looks(Brought::Reply(Arc::new(reply)), success)
}

/// Whether a text is a JSON object that reports a failure.
fn failed(item: &Item) -> bool {
    let Item::Text(text) = item else { return false };
    serde_json::from_slice::<Json>(text).is_ok_and(|body| {
        body["isError"] == Json::Bool(true)
            || body["status_code"].as_i64().is_some_and(|status| status >= 400)
    })
}
