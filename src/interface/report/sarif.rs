//! Findings in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS), which code
//! hosts and editors read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::diagnostics::Place;
use crate::interface::uri_path;
use crate::language::diagnostic::{Diagnostic, Fix, Label, Severity};
use crate::language::lint::{Kind, kinds};
use crate::language::source::{SourceMap, Span};

/// Findings as one SARIF log with one run. Those that comments allow are marked as suppressed in
/// the source.
pub fn diagnostics_sarif(
    sources: &SourceMap,
    found: &[Diagnostic],
    suppressed: &[Diagnostic],
) -> Value {
    let kinds: Vec<Kind> = kinds().collect();
    let rules: Vec<Value> = kinds.iter().map(rule).collect();
    let log = Log { sources, kinds };
    let results = found.iter().map(|found| log.result(found));
    let allowed = suppressed.iter().map(|found| {
        let mut result = log.result(found);
        result["suppressions"] = json!([{ "kind": "inSource" }]);
        result
    });
    let results: Vec<Value> = results.chain(allowed).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "partita",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(kind: &Kind) -> Value {
    let mut rule = json!({
        "id": kind.code.as_str(),
        "shortDescription": { "text": kind.summary },
        "defaultConfiguration": { "level": level(kind.severity) },
        "properties": {
            "precision": kind.confidence.as_str(),
            "audience": kind.audience.as_str(),
        },
    });
    if !kind.explanation.is_empty() {
        rule["help"] = json!({ "text": kind.explanation, "markdown": kind.explanation });
    }
    rule
}

/// What every result refers to.
struct Log<'s> {
    sources: &'s SourceMap,
    kinds: Vec<Kind>,
}

impl Log<'_> {
    fn result(&self, found: &Diagnostic) -> Value {
        let text = match &found.help {
            Some(help) => format!("{}\n{help}", found.message),
            None => found.message.clone(),
        };
        let mut result = json!({
            "ruleId": found.code.as_str(),
            "level": level(found.severity),
            "message": { "text": text },
            "locations": [location(self.sources, found.primary.span)],
        });
        if let Some(rule) = self.kinds.iter().position(|kind| kind.code == found.code) {
            result["ruleIndex"] = rule.into();
        }
        if !found.related.is_empty() {
            let related = found.related.iter().enumerate();
            result["relatedLocations"] =
                related.map(|(id, label)| related_location(self.sources, id, label)).collect();
        }
        if let Some(fix) = &found.fix {
            result["fixes"] = json!([fix_object(self.sources, fix)]);
        }
        result
    }
}

/// A repair: for each file what goes and what comes.
fn fix_object(sources: &SourceMap, fix: &Fix) -> Value {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let place = location(sources, edit.span);
        let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap_or_default();
        changes.entry(uri.to_owned()).or_default().push(json!({
            "deletedRegion": place["physicalLocation"]["region"],
            "insertedContent": { "text": edit.replacement },
        }));
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(uri, replacements)| {
            json!({ "artifactLocation": { "uri": uri }, "replacements": replacements })
        })
        .collect();
    json!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

fn related_location(sources: &SourceMap, id: usize, label: &Label) -> Value {
    let mut place = location(sources, label.span);
    place["id"] = id.into();
    place["message"] = json!({ "text": label.text });
    place
}

fn location(sources: &SourceMap, span: Span) -> Value {
    let Some(Place { file, start, end }) = Place::of(sources, span) else {
        return json!({});
    };
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a relative URI reference (RFC 3986).
fn uri(path: &str) -> String {
    uri_path::encode(&path.trim_start_matches("./").replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped() {
        assert_eq!(uri("./patterns/a b.yaml"), "patterns/a%20b.yaml");
        assert_eq!(uri(r"patterns\über.yaml"), "patterns/%C3%BCber.yaml");
    }
}
