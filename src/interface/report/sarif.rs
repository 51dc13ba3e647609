//! Findings in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS), which code
//! hosts and editors read.

use serde_json::{Value, json};

use super::diagnostics::Place;
use crate::language::diagnostic::{Code, Diagnostic, Label, Severity};
use crate::language::source::{SourceMap, Span};

/// Findings as one SARIF log with one run.
pub fn diagnostics_sarif(sources: &SourceMap, found: &[Diagnostic]) -> Value {
    let rules: Vec<Value> = Code::ALL
        .iter()
        .map(|entry| {
            json!({
                "id": entry.code.as_str(),
                "shortDescription": { "text": entry.summary },
                "defaultConfiguration": { "level": level(entry.severity) },
            })
        })
        .collect();
    let results: Vec<Value> = found.iter().map(|found| result(sources, found)).collect();
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

fn result(sources: &SourceMap, found: &Diagnostic) -> Value {
    let text = match &found.help {
        Some(help) => format!("{}\n{help}", found.message),
        None => found.message.clone(),
    };
    let mut result = json!({
        "ruleId": found.code.as_str(),
        "level": level(found.severity),
        "message": { "text": text },
        "locations": [location(sources, found.primary.span)],
    });
    if let Some(rule) = Code::ALL.iter().position(|entry| entry.code == found.code) {
        result["ruleIndex"] = rule.into();
    }
    if !found.related.is_empty() {
        let related = found.related.iter().enumerate();
        result["relatedLocations"] =
            related.map(|(id, label)| related_location(sources, id, label)).collect();
    }
    result
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
    use std::fmt::Write as _;
    let mut uri = String::new();
    for byte in path.trim_start_matches("./").replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped() {
        assert_eq!(uri("./patterns/a b.yaml"), "patterns/a%20b.yaml");
        assert_eq!(uri("über.yaml"), "%C3%BCber.yaml");
    }
}
