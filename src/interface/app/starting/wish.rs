//! What somebody wants in a new document, as it is typed: names, inputs, agents.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::document::OutputType;
use crate::language::plan::misfits;
use crate::language::source::{self, Source, SourceId};
use crate::organization::role_id;

/// The name of a document: small Latin letters, digits, `_` and `-`, a letter first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentName(String);

impl DocumentName {
    /// Reads a name.
    ///
    /// # Errors
    /// When documents cannot be called so, with a name that they could have.
    pub fn parse(written: &str) -> Result<DocumentName, Failure> {
        let goes_on =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if written.starts_with(|c: char| c.is_ascii_lowercase()) && written.chars().all(goes_on) {
            return Ok(DocumentName(written.to_owned()));
        }
        Err(bad_name("a document", written))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An input to declare.
#[derive(Debug, Clone, PartialEq)]
pub struct InputWish {
    /// Its name.
    pub name: String,
    /// Its type, in the shorthand or as JSON Schema.
    pub kind: Value,
    /// The value where none is given.
    pub default: Option<Value>,
}

impl InputWish {
    /// Reads `NAME`, `NAME:TYPE` or `NAME:TYPE=DEFAULT`. Without a type it is text.
    ///
    /// # Errors
    /// When the name cannot be one, the type is none, or the default does not fit it.
    pub fn parse(written: &str) -> Result<InputWish, Failure> {
        let (declared, default) = match written.split_once('=') {
            Some((declared, default)) => (declared, Some(default)),
            None => (written, None),
        };
        let (name, kind) = declared.split_once(':').unwrap_or((declared, "string"));
        let name = name.trim();
        if !is_identifier(name) {
            return Err(bad_name("an input", name));
        }
        let wrong = |message: String| usage(format!("the type of input `{name}`: {message}"));
        let kind = read_yaml(kind).map_err(wrong)?;
        let schema = OutputType(kind.clone()).to_schema().map_err(|problems| {
            let first = problems.first();
            let failure = wrong(first.map(|first| first.message.clone()).unwrap_or_default());
            match first.and_then(|first| first.help.clone()) {
                Some(help) => failure.hint(help),
                None => failure,
            }
        })?;
        let default = default.map(|text| read_default(name, text, &schema)).transpose()?;
        Ok(InputWish { name: name.to_owned(), kind, default })
    }

    /// Reads several, each name once.
    ///
    /// # Errors
    /// The first that cannot be read, or a name that comes twice.
    pub fn parse_all(written: &[String]) -> Result<Vec<InputWish>, Failure> {
        let inputs: Vec<InputWish> =
            written.iter().map(|text| InputWish::parse(text)).collect::<Result<_, _>>()?;
        let mut names = BTreeSet::new();
        match inputs.iter().find(|input| !names.insert(input.name.as_str())) {
            Some(twice) => Err(usage(format!("the input `{}` is declared twice", twice.name))),
            None => Ok(inputs),
        }
    }
}

/// An agent to put into a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentWish {
    /// How tasks address it.
    pub id: String,
    /// Its title.
    pub role: String,
    /// What it is there for; may be empty.
    pub purpose: String,
}

impl AgentWish {
    /// Reads several, each written `ROLE` or `ROLE: PURPOSE`.
    ///
    /// # Errors
    /// When one has no role, or two have the same.
    pub fn parse_all(written: &[String]) -> Result<Vec<AgentWish>, Failure> {
        let mut agents: Vec<AgentWish> = Vec::new();
        for (place, text) in written.iter().enumerate() {
            let (role, purpose) = text.split_once(':').unwrap_or((text, ""));
            let (role, purpose) = (role.trim(), purpose.trim());
            if role.is_empty() {
                return Err(usage(format!("`{text}` names no role"))
                    .hint("write --agent \"Market Analyst: Size the market\""));
            }
            let from_role = role_id(role);
            let id = if is_identifier(&from_role) {
                from_role
            } else {
                // A role that templates cannot say without quotes.
                format!("agent_{}", place + 1)
            };
            let same = |other: &&AgentWish| other.id == id || role_id(&other.role) == id;
            if let Some(other) = agents.iter().find(same) {
                return Err(usage(format!("`{}` and `{role}` are addressed alike", other.role))
                    .hint("give each agent a role of its own"));
            }
            agents.push(AgentWish { id, role: role.to_owned(), purpose: purpose.to_owned() });
        }
        Ok(agents)
    }

    /// Whether its id follows from its role, so that it need not be written.
    pub(super) fn has_implied_id(&self) -> bool {
        role_id(&self.role) == self.id
    }
}

/// Names of waves, each once.
///
/// # Errors
/// When one cannot be a name, or comes twice.
pub fn parse_waves(written: &[String]) -> Result<Vec<String>, Failure> {
    let mut names = BTreeSet::new();
    for name in written {
        if !is_identifier(name) {
            return Err(bad_name("a wave", name));
        }
        if !names.insert(name) {
            return Err(usage(format!("there are two waves `{name}`")));
        }
    }
    Ok(written.to_vec())
}

/// Whether templates can say a name without quotes.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A failure that is the command line's fault.
pub(super) fn usage(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Usage, message)
}

fn bad_name(what: &str, written: &str) -> Failure {
    let failure = usage(format!("`{written}` cannot be the name of {what}"));
    let near: String = role_id(written).chars().filter(char::is_ascii).collect();
    let near = near.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    if near.is_empty() {
        failure.hint("use small letters, digits and `_`, a letter first")
    } else {
        failure.hint(format!("write `{near}`: small letters, digits and `_`, a letter first"))
    }
}

/// A value that was typed as YAML.
fn read_yaml(text: &str) -> Result<Value, String> {
    let parsed = source::parse(&Source::new(SourceId(0), "type", text));
    if let Some(error) = parsed.errors.first() {
        return Err(error.to_string());
    }
    Ok(parsed.tree.map(|tree| tree.to_json()).unwrap_or_default())
}

/// A default, taken as text where text fits, else as YAML.
fn read_default(name: &str, text: &str, schema: &Value) -> Result<Value, Failure> {
    let as_text = Value::from(text);
    if misfits(schema, &as_text).is_empty() {
        return Ok(as_text);
    }
    let value = read_yaml(text).unwrap_or(as_text);
    match misfits(schema, &value).first() {
        None => Ok(value),
        Some(misfit) => Err(usage(format!("the default of input `{name}`: {}", misfit.message))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_input(written: &str, expected: Result<(&str, Value, Option<Value>), &str>) {
        let found = InputWish::parse(written);
        let found = found.as_ref().map(|i| (i.name.as_str(), i.kind.clone(), i.default.clone()));
        assert_eq!(found.map_err(|failure| failure.message.as_str()), expected, "{written}");
    }

    #[test]
    fn inputs_are_read_with_type_and_default() {
        check_input("topic", Ok(("topic", json!("string"), None)));
        check_input("count: integer=3", Ok(("count", json!("integer"), Some(json!(3)))));
        check_input("zip:string=0123", Ok(("zip", json!("string"), Some(json!("0123")))));
        check_input(
            "tags:[string]=[a, b]",
            Ok(("tags", json!(["string"]), Some(json!(["a", "b"])))),
        );
        check_input(
            "risk:{ enum: [low, high] }",
            Ok(("risk", json!({ "enum": ["low", "high"] }), None)),
        );
        check_input("Топик", Err("`Топик` cannot be the name of an input"));
        check_input("n:intger", Err("the type of input `n`: unknown type `intger`"));
        check_input(
            "n:integer=many",
            Err("the default of input `n`: expected integer, found `many`"),
        );
        check_input("n:[", Err("the type of input `n`: `[` is opened but not closed"));
    }

    #[test]
    fn names_are_refused_with_one_that_would_do() {
        let failure = DocumentName::parse("Product Launch").unwrap_err();
        assert!(failure.hints[0].starts_with("write `product_launch`"), "{:?}", failure.hints);
        assert!(DocumentName::parse("product-launch_2").is_ok());
        assert!(DocumentName::parse("").is_err());
    }

    #[test]
    fn agents_have_ids_that_tasks_can_say() {
        let written = ["QA Lead: Break it", "Éditeur", "編集者: 短くする"].map(str::to_owned);
        let agents = AgentWish::parse_all(&written).unwrap();
        let ids: Vec<&str> = agents.iter().map(|agent| agent.id.as_str()).collect();
        assert_eq!(ids, ["qa_lead", "agent_2", "agent_3"]);
        assert_eq!(agents[2].purpose, "短くする");
        assert!(AgentWish::parse_all(&["A".into(), "a".into()]).is_err());
        assert!(AgentWish::parse_all(&[": x".into()]).is_err());
    }
}
