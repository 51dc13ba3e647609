//! The two documents of a contest: one pair, in which a pattern and a baseline do the same work and a
//! judge compares what came of it, and the list of pairs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Contender;
use crate::insight::{BASELINE, CONTENDER, PAIRS, VERDICT};
use crate::language::document::{Document, Expectation, ProjectFile};
use crate::language::template::Type;

/// What a contest is made of.
pub(super) struct Terms<'a> {
    /// The document of the pattern.
    pub contender: &'a Document,
    /// What it does.
    pub summary: &'a str,
    /// What comes out of it.
    pub outputs: Type,
    /// The other side.
    pub baseline: Contender<'a>,
    /// What makes a result better; a template.
    pub criteria: Option<&'a str>,
    /// The model of a plain call.
    pub single_model: Option<&'a str>,
    /// The model of the judge.
    pub judge_model: Option<&'a str>,
    /// How many pairs there are.
    pub pairs: usize,
    /// How many are under way at a time.
    pub parallel: u32,
}

/// The name of the contest.
pub(super) fn contest_name(contender: &str, baseline: &Contender<'_>) -> String {
    format!("{contender}_against_{}", baseline.name())
}

/// The documents as files that nobody has written.
pub(super) fn files(terms: &Terms<'_>) -> [ProjectFile; 2] {
    let contender = terms.contender.name().unwrap_or_default();
    let contest = contest_name(contender, &terms.baseline);
    let pair = format!("{contest}_pair");
    let file = |name: &str, document: &Value| ProjectFile {
        name: format!("{name}.yaml"),
        content: Ok(document.to_string()),
        expectation: Expectation::Named,
    };
    [
        file(&pair, &pair_document(terms, &pair)),
        file(&contest, &pairs_document(terms, &contest, &pair)),
    ]
}

fn pair_document(terms: &Terms<'_>, name: &str) -> Value {
    let inputs = declared(terms.contender);
    let contender = terms.contender.name().unwrap_or_default();
    let hand_over = |names: &mut dyn Iterator<Item = &String>| -> Map<String, Value> {
        names.map(|name| (name.clone(), format!("{{{{ inputs.{name} }}}}").into())).collect()
    };
    let baseline = match &terms.baseline {
        Contender::Single => json!({
            "agent": "generalist",
            "prompt": single_prompt(terms, &inputs),
            "needs": [CONTENDER],
            "on_failure": "continue",
        }),
        Contender::Pattern(document) => {
            let own = declared(document);
            json!({
                "uses": document.name(),
                "with": hand_over(&mut own.keys().filter(|name| inputs.contains_key(*name))),
                "needs": [CONTENDER],
                "on_failure": "continue",
            })
        }
    };
    let agent = |role: &str, model: Option<&str>| {
        let mut agent = json!({ "role": role });
        if let Some(model) = model {
            agent["model"] = model.into();
        }
        agent
    };
    let default_criteria = format!(
        "Which result serves this purpose better: {} What counts is that it is right, complete and of use, \
         not that it is long.",
        literal(terms.summary)
    );
    let mut document = json!({
        "pattern": { "name": name, "summary": "Two sides do the same work, and a judge compares the results." },
        "team": {
            "name": "contest",
            "agents": [agent("Generalist", terms.single_model), agent("Judge", terms.judge_model)],
        },
        "inputs": inputs,
        "tasks": {
            CONTENDER: {
                "uses": contender,
                "with": hand_over(&mut inputs.keys()),
                "on_failure": "continue",
            },
            BASELINE: baseline,
            VERDICT: {
                "synthesize": {
                    "from": [CONTENDER, BASELINE],
                    "strategy": "best_of",
                    "agent": "judge",
                    "criteria": terms.criteria.unwrap_or(&default_criteria),
                },
                "on_failure": "continue",
            },
        },
        "outputs": { "better": format!("{{{{ tasks.{VERDICT}.votes }}}}") },
    });
    let outputs = single_output(&terms.outputs);
    if let (Contender::Single, Some(outputs)) = (&terms.baseline, outputs) {
        document["tasks"][BASELINE]["output"] = outputs;
    }
    document
}

fn pairs_document(terms: &Terms<'_>, name: &str, pair: &str) -> Value {
    let with: Map<String, Value> = declared(terms.contender)
        .keys()
        .map(|name| (name.clone(), format!("{{{{ pair.{name} }}}}").into()))
        .collect();
    json!({
        "pattern": { "name": name, "summary": "Two sides do the same work on several inputs." },
        "inputs": { PAIRS: { "type": ["object"] } },
        "tasks": {
            PAIRS: {
                "uses": pair,
                "with": with,
                "for_each": {
                    "in": format!("inputs.{PAIRS}"),
                    "as": "pair",
                    "max": terms.pairs,
                    "parallel": terms.parallel,
                    "require": "none",
                    "stop": "at_end",
                },
            },
        },
        "outputs": { PAIRS: format!("{{{{ tasks.{PAIRS}.items }}}}") },
    })
}

/// The declared inputs of a document.
pub(super) fn declared(document: &Document) -> Map<String, Value> {
    document.value().get("inputs").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// All that one call is told: the purpose, the inputs, what to give.
fn single_prompt(terms: &Terms<'_>, inputs: &Map<String, Value>) -> String {
    let mut prompt = literal(terms.summary);
    prompt.push('\n');
    for (name, declared) in inputs {
        let about = declared.get("description").and_then(Value::as_str).map(literal);
        let about = about.map(|about| format!("{about}\n")).unwrap_or_default();
        let _ = write!(prompt, "\n{about}<{name}>\n{{{{ inputs.{name} }}}}\n</{name}>\n");
    }
    prompt.push_str("\nDo all of it yourself, in this one answer, complete and ready for use.");
    let fields = terms.outputs.fields();
    if !fields.is_empty() {
        prompt.push_str(" Give:\n");
        for (name, field) in fields {
            let _ = writeln!(prompt, "- {name}: {}", without_null(&field.value).words());
        }
    }
    prompt
}

/// The type of what one call gives: all outputs, with a value each.
fn single_output(outputs: &Type) -> Option<Value> {
    let fields = outputs.fields();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, field)| ((*name).to_owned(), without_null(&field.value).to_schema()))
        .collect();
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    (!properties.is_empty()).then(|| {
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    })
}

/// An output is null where a task of the pattern has come to nothing, which one call has no need to say.
fn without_null(kind: &Type) -> Type {
    Type::union(kind.members().iter().filter(|member| **member != Type::Null).cloned())
}

/// A text in which nothing is a template.
fn literal(text: &str) -> String {
    text.replace('{', "{{ '{' }}")
}
