use std::collections::BTreeMap;

use super::*;

fn kept(text: &str) -> Kept {
    Kept { text: text.into(), messages_at: 0, tokens: 10, question: text.into() }
}

fn tool() -> Tool {
    Tool {
        name: "weather".into(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}},
                           "required": ["city"]}),
    }
}

fn answer(change: impl FnOnce(&mut Question<'_>), rule: Option<&AnswerRule>) -> Reply {
    answer_with(&[], change, rule)
}

fn answer_with(
    tools: &[Tool],
    change: impl FnOnce(&mut Question<'_>),
    rule: Option<&AnswerRule>,
) -> Reply {
    let prompt = kept("What now?");
    let mut question = Question {
        profile_seed: 0,
        model: "tiny:latest",
        template: ChatTemplate::Go,
        prompt: &prompt,
        format: &Format::Free,
        seed: None,
        tools,
        thinks: false,
        rule,
    };
    change(&mut question);
    question.answer(None)
}

#[test]
fn the_same_question_gets_the_same_answer() {
    let first = answer(|_| {}, None);
    assert_eq!(first, answer(|_| {}, None));
    assert!(first.content.starts_with("Simulated answer to \"What now?\""));
    assert_eq!(first.tokens, prompt::count(&first.content));
    for change in [
        (|question| question.profile_seed = 1) as fn(&mut Question<'_>),
        |question| question.model = "other:latest",
        |question| question.seed = Some(1),
    ] {
        assert_ne!(first, answer(change, None));
    }
}

#[test]
fn json_is_json() {
    let reply = answer(|question| question.format = &Format::Json, None);
    let value: Value = serde_json::from_str(&reply.content).unwrap();
    assert_eq!(value["simulated"], true);
}

#[test]
fn tools_are_called_with_fitting_arguments() {
    let reply = answer_with(&[tool()], |_| {}, None);
    let call = &reply.tool_calls[0];
    assert!(reply.content.is_empty() && call.id.len() == 13 && call.id.starts_with("call_"));
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
    assert!(arguments["city"].is_string());
}

#[test]
fn rules_come_first() {
    let rule = |text: Option<&str>, calls: &[(&str, Value)]| AnswerRule {
        text: text.map(Into::into),
        tokens: Some(77),
        tool_calls: calls
            .iter()
            .map(|(name, arguments)| ((*name).to_owned(), arguments.clone()))
            .collect::<BTreeMap<_, _>>(),
        ..AnswerRule::default()
    };
    let plain = rule(Some("as written"), &[]);
    let reply = answer_with(&[tool()], |_| {}, Some(&plain));
    assert_eq!((reply.content.as_str(), reply.tokens), ("as written", 77));
    let calling = rule(Some("later"), &[("weather", json!({"city": "Ulm"})), ("none", json!({}))]);
    let reply = answer_with(&[tool()], |_| {}, Some(&calling));
    assert_eq!(reply.tool_calls.len(), 1);
    assert_eq!(reply.tool_calls[0].arguments, r#"{"city":"Ulm"}"#);
    let reply = answer(|_| {}, Some(&calling));
    assert_eq!(reply.content, "later");
}

#[test]
fn thinking_comes_before_the_answer() {
    let reply = answer(|question| question.thinks = true, None);
    assert!(reply.thinking.starts_with("Simulated thinking"));
    assert!(reply.content.starts_with("Simulated answer"));
}
