//! What the types of values say against a template, in words.

use serde_json::Value;

use crate::language::diagnostic::{Code, Diagnostic, Fix};
use crate::language::document::suggest::nearest;
use crate::language::document::{Document, Library};
use crate::language::plan::template_site::TemplateSite;
use crate::language::template::{
    Declaration, Lack, Missing, Remark, RemarkKind, Type, UnknownNameKind, listed, shown,
};

/// More names than this are not listed.
const MAX_LISTED: usize = 20;

/// A remark about a template as a finding.
pub(super) fn explain(
    library: &Library,
    document: &Document,
    site: &TemplateSite<'_>,
    remark: Remark,
) -> Diagnostic {
    let Remark { kind, range } = remark;
    let part = |code, message: String| {
        document.part_diagnostic(code, &site.pointer, range.clone(), message)
    };
    match kind {
        RemarkKind::UnknownField { of, name, missing } => {
            let found = part(Code::UNKNOWN_FIELD, unknown_field(&of, &name, &missing));
            let found = found.help(unknown_field_help(&of, &name, &missing));
            let near = nearest(&name, missing.known.iter().map(String::as_str));
            let fix = near.and_then(|near| respelling(document, &found, &name, near));
            let found = found.maybe_fix(fix);
            declared_here(library, found, missing.declared.as_ref(), "declared here")
        }
        RemarkKind::WrongOperand { message, help } => {
            part(Code::WRONG_OPERAND, message).maybe_help(help)
        }
        RemarkKind::TextAsList { subject } => {
            let message = format!("`{subject}` is text, and a list is meant here");
            part(Code::TEXT_AS_LIST, message)
                .label("each item would be a single character")
                .help(format!("`{subject} | lines` is a list of its lines; an agent gives a list where its task says `output: [string]`"))
        }
        RemarkKind::UnlikeComparison { left, right } => {
            let message = format!(
                "`{}` is {} and `{}` is {}: they are neither equal nor in any order",
                left.0,
                left.1.words(),
                right.0,
                right.1.words()
            );
            part(Code::UNLIKE_COMPARISON, message).maybe_help(unlike_help(&left, &right))
        }
        RemarkKind::ImpossibleComparison { subject, value, known, declared } => {
            let message = format!("`{subject}` is never {}", shown(&value));
            let names = known.iter().filter_map(Value::as_str);
            let near = value.as_str().and_then(|value| nearest(value, names));
            let help = match near {
                Some(near) => format!("did you mean `{near}`? it is {}", listed(&known)),
                None => format!("it is {}", listed(&known)),
            };
            let found = part(Code::IMPOSSIBLE_COMPARISON, message).help(help);
            let fix = near
                .zip(value.as_str())
                .and_then(|(near, value)| respelling(document, &found, value, near));
            let found = found.maybe_fix(fix);
            declared_here(library, found, declared.as_ref(), "declared here")
        }
        RemarkKind::ConstantCondition { truth } => {
            let message = if truth { "this is always true" } else { "this is never true" };
            part(Code::CONSTANT_CONDITION, message.to_owned())
                .help("compare something that a run decides, or leave the condition out")
        }
        RemarkKind::MayBeAbsent { subject, declared } => {
            let message = format!("`{subject}` may not be there, and then the task fails");
            let found = part(Code::VALUE_MAY_BE_ABSENT, message).help(format!(
                "say what stands in its place: `{subject} | default(…)`; or ask before: `{subject} is defined`"
            ));
            declared_here(library, found, declared.as_ref(), "it is optional here")
        }
    }
}

/// The fix that writes the nearest name in the place of a wrong one, in the quotes that it has.
fn respelling(document: &Document, found: &Diagnostic, wrong: &str, near: &str) -> Option<Fix> {
    ["", "'", "\""].iter().find_map(|quote| {
        let (wrong, near) = (format!("{quote}{wrong}{quote}"), format!("{quote}{near}{quote}"));
        document.respelling_at(found.primary.span, &wrong, &near)
    })
}

fn unknown_field(of: &str, name: &str, missing: &Missing) -> String {
    match &missing.lack {
        Lack::Field => format!("`{of}` has no field `{name}`"),
        Lack::Fields { .. } => format!("`{of}` is a list and has no field `{name}`"),
        Lack::Parts { found } => format!("`{of}` is {} and has no field `{name}`", found.words()),
    }
}

fn unknown_field_help(of: &str, name: &str, missing: &Missing) -> String {
    if let (Lack::Fields { .. }, "items") = (&missing.lack, name) {
        return format!("a list is gone through as it is: `{{% for item in {of} %}}`");
    }
    let is_filter = UnknownNameKind::Filter.known().contains(&name);
    match &missing.lack {
        Lack::Parts { found: Type::Text } if of.ends_with(".output") && name != "length" => {
            format!(
                "an answer is free text unless its task says more: `output: {{ {name}: string }}`"
            )
        }
        _ if is_filter => format!("values have no methods; write `{of} | {name}`"),
        Lack::Field => match nearest(name, missing.known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if missing.known.is_empty() => "it has no fields at all".to_owned(),
            None => {
                let known: Vec<&str> =
                    missing.known.iter().map(String::as_str).take(MAX_LISTED).collect();
                format!("its fields are {}", known.join(", "))
            }
        },
        Lack::Fields { item } if item.field(name).is_ok() => format!(
            "`{of}[0].{name}` reads the first item; `{{% for item in {of} %}}{{{{ item.{name} }}}}{{% endfor %}}` reads all"
        ),
        Lack::Fields { .. } => {
            format!("write `{of}[0]` for an item, or loop: `{{% for item in {of} %}}`")
        }
        Lack::Parts { .. } => format!("write `{of}` alone"),
    }
}

fn unlike_help(left: &(String, Type), right: &(String, Type)) -> Option<String> {
    let literal = |side: &Type| match side {
        Type::OneOf(values) => match &**values {
            [Value::String(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    let (text, other) = match (literal(&left.1), literal(&right.1)) {
        (Some(text), None) => (text, &right.1),
        (None, Some(text)) => (text, &left.1),
        _ if left.1 == Type::Null || right.1 == Type::Null => {
            return Some("`… is defined` asks whether something is there".to_owned());
        }
        _ => return None,
    };
    let is_bare = text.parse::<f64>().is_ok() || matches!(text.as_str(), "true" | "false");
    match other {
        Type::List(_) => Some(format!("`'{text}' in …` asks whether a list has it")),
        _ if is_bare => Some(format!("write `{text}` without quotes")),
        Type::Boolean => {
            Some("compare with `true` or `false`, or leave the comparison out".to_owned())
        }
        _ => None,
    }
}

/// Adds the place of a declaration, which may lie in another document.
fn declared_here(
    library: &Library,
    found: Diagnostic,
    declared: Option<&Declaration>,
    text: &str,
) -> Diagnostic {
    let Some(declared) = declared else {
        return found;
    };
    match library.document_of(declared.source) {
        Some(document) => found.related(document.key_span(&declared.pointer), text),
        None => found,
    }
}
