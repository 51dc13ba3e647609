//! A text as a template and as an expression: read, and rendered with a little data.

#![no_main]

use libfuzzer_sys::fuzz_target;
use partita::language::template::{Data, Form, Template, evaluate, render_value};
use serde_json::json;

fuzz_target!(|text: &str| {
    for form in [Form::Text, Form::Expression] {
        match Template::parse(text, form) {
            Ok(template) => {
                for reference in &template.references {
                    assert!(text.get(reference.range.clone()).is_some(), "{reference:?}");
                }
                for name in &template.unknown_names {
                    assert!(text.get(name.range.clone()).is_some(), "{name:?}");
                }
            }
            Err(problem) => assert!(text.get(problem.range.clone()).is_some(), "{problem:?}"),
        }
    }
    let data = Data::from_json(&json!({
        "inputs": { "a": "text", "n": 3, "list": [1, "two", null] },
        "tasks": { "a": { "output": { "x": [{ "y": 1 }] }, "status": "done" } },
    }));
    let _ = render_value(text, &data);
    let _ = evaluate(text, &data);
});
