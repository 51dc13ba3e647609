//! What there is to do for those who get the posts of a scope.

use std::collections::BTreeSet;

use serde_json::Value;

use super::context::data;
use super::prepare::Trouble;
use super::store::Contents;
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::state::State;
use crate::language::plan::{PlannedPost, PostChoice, ScopeId, WorkTemplate};
use crate::language::template::{Data, render_text, render_tree};
use crate::organization::{Complexity, Demand, NoHours, minutes_of, minutes_of_text};

/// What there is to do, post by post.
pub(super) fn wanted(
    state: &State,
    scope: ScopeId,
    contents: &dyn Contents,
) -> Result<Vec<Option<Demand>>, Failure> {
    let around = data(state, scope, &BTreeSet::new(), None, contents);
    let around = around.map_err(|error| Trouble::from(error).0)?;
    let demand = |post: &PlannedPost| match &post.choice {
        PostChoice::Assign(work) | PostChoice::PeerOf(_, work) => {
            demand(work, &around).map(Some).map_err(|mut failure| {
                failure.message = format!("post `{}`: {}", post.name, failure.message);
                failure
            })
        }
        PostChoice::Above(_) => Ok(None),
    };
    state.plan().scope(scope).staff.iter().map(demand).collect()
}

fn demand(work: &WorkTemplate, around: &Data) -> Result<Demand, Failure> {
    let failed = |error| Trouble::from(error).0;
    let text = |written: &Option<String>| {
        let text = written.as_ref().map(|text| render_text(text, around)).transpose();
        let text = text.map_err(failed)?;
        Ok::<_, Failure>(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let value = |written: &Option<Value>| {
        written.as_ref().map(|value| render_tree(value, around)).transpose().map_err(failed)
    };
    Ok(Demand {
        layer: work.layer,
        domain: text(&work.domain)?,
        skills: texts("skills", value(&work.skills)?)?,
        complexity: match text(&work.complexity)? {
            Some(word) => complexity(&word)?,
            None => Complexity::Medium,
        },
        minutes: minutes(value(&work.hours)?)?,
        related: texts("related", value(&work.related)?)?.into_iter().collect(),
    })
}

fn complexity(word: &str) -> Result<Complexity, Failure> {
    let named = serde_json::from_value(Value::from(word.to_lowercase()));
    named.map_err(|_| wrong(format!("`complexity` is low, medium or high, and not `{word}`")))
}

fn minutes(hours: Option<Value>) -> Result<u32, Failure> {
    let minutes = hours.map(|written| minutes_of_hours(&written)).transpose();
    minutes.map(Option::unwrap_or_default).map_err(|error| wrong(error.to_string()))
}

/// Hours, as a number or a text with one, in whole minutes.
///
/// # Errors
/// When it is neither, or out of bounds.
pub fn minutes_of_hours(written: &Value) -> Result<u32, NoHours> {
    match written {
        Value::String(text) => minutes_of_text(text),
        other => other.as_f64().map_or_else(|| Err(NoHours::of(other.to_string())), minutes_of),
    }
}

/// A list of texts; what a template left empty is none.
fn texts(key: &str, value: Option<Value>) -> Result<Vec<String>, Failure> {
    let entries = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if text.trim().is_empty() => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(other) => vec![other],
    };
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry {
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => found.push(text.trim().to_owned()),
            other => return Err(wrong(format!("`{key}` has texts, and not {other}"))),
        }
    }
    Ok(found)
}

fn wrong(message: String) -> Failure {
    Failure::new(FailureClass::Template, message)
}
