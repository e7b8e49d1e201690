//! What failures look like: the signals of a scenario become what the gateway receives.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::base::Fault;
use crate::base::tree::{Node, Value};
use crate::plugin::{Content, Item, Reply, Status, Structured};
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
        ("raw", Value::Text(wire)) => match serde_json::from_str(wire) {
            Ok(json) => of_wire(&json),
            Err(error) => {
                let rule = format!("must be a reply in wire form, which is JSON: {error}");
                faults.push(Fault::new(tagged.path, value.shown(), rule).at(value.span.clone()));
                return None;
            }
        },
        (name, Value::Int(status)) => of_status(name, u16::try_from(*status).ok()?),
        _ => return None,
    };
    signal.executed |= tagged.beside.flag("executed");
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

/// A raw reply. Whether it is a success is told by its content alone, whatever a policy retries: no
/// flag, and no status of 400 or more, structured or in a text.
fn of_wire(json: &Json) -> Signal {
    let failed = |object: &Json| {
        object["isError"] == Json::Bool(true)
            || object["status_code"].as_i64().is_some_and(|status| status >= 400)
    };
    let texts = json["content"].as_array().into_iter().flatten();
    let in_text = texts
        .filter(|item| item["type"] == "text")
        .filter_map(|item| serde_json::from_str::<Json>(item["text"].as_str()?).ok())
        .any(|body| failed(&body));
    let success = json["isError"] != Json::Bool(true)
        && !failed(&json["structuredContent"])
        && (!in_text || !json["structuredContent"].is_null());
    looks(Brought::Reply(Arc::new(reply_of_json(json))), success)
}

/// A reply in wire form, reduced to what the detectors look at.
fn reply_of_json(json: &Json) -> Reply {
    let structured = match &json["structuredContent"] {
        Json::Null => Structured::Absent,
        Json::Object(object) => Structured::Object {
            is_error: object.get("isError") == Some(&Json::Bool(true)),
            status: object.get("status_code").map_or(Status::Absent, status_of_json),
        },
        _ => Structured::Opaque,
    };
    let content = match json.get("content") {
        Some(Json::Null) => Content::Null,
        Some(Json::Array(items)) => Content::Items(items.iter().map(item_of_json).collect()),
        _ => Content::Absent,
    };
    Reply { is_error: json["isError"] == Json::Bool(true), structured, content }
}

fn status_of_json(status: &Json) -> Status {
    match status {
        Json::Bool(on) => Status::Bool(*on),
        Json::Number(n) if n.is_u64() || n.is_i64() => {
            n.as_i64().map_or(Status::Wide, Status::Integer)
        }
        _ => Status::Other,
    }
}

fn item_of_json(item: &Json) -> Item {
    match (item["type"].as_str(), item["text"].as_str()) {
        (Some("text"), Some(text)) => Item::Text(text.as_bytes().into()),
        _ => Item::Other,
    }
}
