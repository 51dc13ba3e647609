//! What is inferred is so: every answer is held against what the environment really does.

use serde_json::{Value, json};

use super::value_type::{Presence, Type};
use super::{Data, Form, Inference, RemarkKind, Variables, infer, render_value};

/// Variables of which everything is known but their values.
struct Known<'v>(&'v Value);

impl Variables for Known<'_> {
    fn task(&self, name: &str) -> Type {
        self.0["tasks"].get(name).map_or(Type::Any, kind_of)
    }

    fn variable(&self, name: &str) -> Type {
        self.0.get(name).map_or(Type::Any, kind_of)
    }
}

/// The type of a value without the value itself.
fn kind_of(value: &Value) -> Type {
    match value {
        Value::Array(items) => Type::list(Type::union(items.iter().map(kind_of))),
        Value::Object(map) => {
            let field = |value| super::Field {
                value: kind_of(value),
                presence: Presence::Always,
                declared: None,
            };
            let fields = map.iter().map(|(name, value)| (name.clone(), field(value)));
            Type::object(fields.collect(), super::Openness::Closed, None)
        }
        scalar => Type::literal(scalar).widened(),
    }
}

fn admits(wanted: &Type, value: &Value) -> bool {
    wanted.members().iter().any(|member| match (member, value) {
        (Type::Any, _)
        | (Type::Null, Value::Null)
        | (Type::Boolean, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::Text, Value::String(_)) => true,
        (Type::Integer, Value::Number(number)) => !number.is_f64(),
        (Type::OneOf(values), value) => values.contains(value),
        (Type::List(list), Value::Array(items)) => {
            items.iter().all(|item| admits(list.item(), item))
        }
        (Type::Object(object), Value::Object(map)) => map.iter().all(|(name, value)| {
            object.fields().get(name).map_or_else(
                || object.openness() == super::Openness::Open,
                |field| admits(&field.value, value),
            )
        }),
        _ => false,
    })
}

/// Values of every kind, by the name of their kind.
fn samples() -> Vec<(&'static str, Value)> {
    [
        ("null", json!(null)),
        ("boolean", json!(true)),
        ("boolean", json!(false)),
        ("number", json!(7)),
        ("number", json!(2.5)),
        ("text", json!("12")),
        ("text", json!("two words")),
        ("list", json!([1, 2])),
        ("list", json!(["b", "a"])),
        ("list", json!([{ "a": 1 }, { "a": 2 }])),
        ("object", json!({ "a": 1, "b": "x" })),
    ]
    .to_vec()
}

fn inferred(text: &str, values: &Value) -> Inference {
    infer(text, Form::Text, &Known(values)).unwrap_or_else(|| panic!("{text} is no template"))
}

fn calls() -> Vec<String> {
    use super::environment::{FILTERS, MORE_FILTERS};
    let arguments = |name: &str| match name {
        "replace" => "('a', 'b')",
        "split" => "(' ')",
        "indent" | "truncate" => "(2)",
        "map" => "('string')",
        "groupby" | "selectattr" | "rejectattr" => "('a')",
        _ => "",
    };
    FILTERS
        .iter()
        .chain(&MORE_FILTERS)
        .map(|name| format!("{{{{ x | {name}{} }}}}", arguments(name)))
        .chain(
            [
                "-x",
                "not x",
                "x[:1]",
                "x ~ 'a'",
                "x is string",
                "x is mapping",
                "x is sequence",
                "x is number",
                "x is boolean",
                "x is none",
                "x is iterable",
                "x == 1",
                "x in [1, 'a']",
                "1 in x",
                "x or 'a'",
                "x and 'a'",
                "x if x else 0",
                "[x, 1]",
                "{'k': x}",
                "x[0]",
                "x.a",
            ]
            .map(|expression| format!("{{{{ {expression} }}}}")),
        )
        .collect()
}

#[test]
fn what_filters_and_operators_take_and_give() {
    let mut wrong = Vec::new();
    for text in calls() {
        for (kind, _) in samples() {
            let mut works = false;
            let mut remarked = true;
            for (_, sample) in samples().into_iter().filter(|(known, _)| *known == kind) {
                let values = json!({ "x": sample });
                let found = inferred(&text, &values);
                let real = render_value(&text, &Data::from_json(&values));
                let is_remarked = found.remarks.iter().any(|remark| {
                    // What has no field `a` is passed over, which nobody means.
                    let by_field = text.contains("('a')") && matches!(kind, "text" | "object");
                    !by_field
                        && !matches!(
                            remark.kind,
                            RemarkKind::TextAsList { .. }
                                | RemarkKind::UnlikeComparison { .. }
                                | RemarkKind::ConstantCondition { .. }
                        )
                });
                remarked &= is_remarked;
                works |= real.is_ok();
                if let Ok(real) = real
                    && !is_remarked
                    && !admits(&found.value, &real)
                {
                    wrong.push(format!("{text} of {sample} gives {real}, not {}", found.value));
                }
            }
            // The greatest of nothing is nothing, which fails only where it is needed.
            let is_nothing = kind == "null" && (text.contains("max") || text.contains("min"));
            if works == remarked && !is_nothing {
                let word = if works { "works" } else { "fails" };
                wrong.push(format!("{text} of {kind} {word}, and is remarked: {remarked}"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn depends_on_the_value(message: &str) -> bool {
    message.contains("unable") || message.contains("only be multiplied with integers")
}

/// A field that may be left out is remarked exactly where strict rendering fails without it.
#[test]
fn what_needs_a_value_that_may_be_absent() {
    let expressions = [
        "o.n == 'x'",
        "o.n != 'x'",
        "o.n < 1",
        "'x' ~ o.n",
        "o.n in ['a']",
        "'a' in o.n",
        "not o.n",
        "o.n or 1",
        "o.n is none",
        "o.n is eq 1",
        "[o.n]",
        "{'k': o.n}",
        "(o.n if c else 1) is defined",
        "o.n if c else 1",
        "o.n + [1]",
        "o.n[:1]",
        "o.n[0]",
        "o.n.x",
        "[1][o.n]",
        "range(o.n)",
        "o.n | default(o.n) | default('z')",
        "1 if o.n else 2",
        "o.n | default([]) | first | default(1)",
        "o.n if o.n is defined else 1",
        "o.n is defined and o.n",
        "o.n is undefined or o.n",
    ];
    let expressions = expressions.map(|expression| format!("{{{{ {expression} }}}}"));
    let statements = [
        "{% if o.n %}{% endif %}x",
        "{% for x in o.n %}{% endfor %}x",
        "{% set y = o.n %}x",
        "{% set y = o.n %}{{ y }}",
        "{% if o.n is defined %}{{ o.n }}{% endif %}x",
        "{% if o.n is not defined %}x{% else %}{{ o.n }}{% endif %}",
    ];
    let filters = calls().into_iter().filter(|text| text.contains('|') && !text.contains(" in "));
    let filters = filters.map(|text| text.replacen('x', "o.n", 1));
    let field =
        super::Field { value: Type::list(Type::Any), presence: Presence::Maybe, declared: None };
    let object = Type::object([("n".to_owned(), field)].into(), super::Openness::Closed, None);
    struct Optional(Type);
    impl Variables for Optional {
        fn task(&self, _: &str) -> Type {
            Type::Any
        }
        fn variable(&self, name: &str) -> Type {
            if name == "o" { self.0.clone() } else { Type::Boolean }
        }
    }
    let variables = Optional(object);
    let data = Data::from_json(&json!({ "o": {}, "c": true }));
    for text in filters.chain(expressions).chain(statements.map(str::to_owned)) {
        let found = infer(&text, Form::Text, &variables).unwrap_or_else(|| panic!("{text}"));
        let fails = render_value(&text, &data).is_err();
        assert_eq!(!found.remarks.is_empty(), fails, "{text}: {:?}", found.remarks);
    }
}

#[test]
fn arithmetic_takes_what_it_takes() {
    let mut wrong = Vec::new();
    for operator in ["+", "-", "*", "/", "//", "%", "**"] {
        for (left_kind, left) in samples() {
            for (right_kind, right) in samples() {
                let text = format!("{{{{ x {operator} y }}}}");
                let values = json!({ "x": left, "y": right });
                let found = inferred(&text, &values);
                let is_remarked = !found.remarks.is_empty();
                match render_value(&text, &Data::from_json(&values)) {
                    Ok(real) if is_remarked || !admits(&found.value, &real) => wrong.push(format!(
                        "{left} {operator} {right} gives {real}, not {}; {:?}",
                        found.value, found.remarks
                    )),
                    Err(error) if !is_remarked && !depends_on_the_value(&error.message) => {
                        wrong.push(format!(
                            "{left_kind} {operator} {right_kind}: {}",
                            error.message
                        ));
                    }
                    _ => {}
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Expressions made by chance, the same ones in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn expression(&mut self, depth: u32) -> String {
        const LEAVES: [&str; 12] =
            ["n", "f", "t", "b", "nothing", "list", "words", "o", "o.a", "deep.list", "2", "'x'"];
        if depth == 0 {
            return self.one(&LEAVES).to_owned();
        }
        let inner = self.expression(depth - 1);
        match self.below(12) {
            0 => {
                let operator = self.one(&["+", "-", "*", "/", "//", "%", "~"]);
                format!("({inner} {operator} {})", self.expression(depth - 1))
            }
            1 => {
                let operator = self.one(&["==", "!=", "<", ">=", "in", "not in"]);
                format!("({inner} {operator} {})", self.expression(depth - 1))
            }
            2 => format!("(not {inner})"),
            3 => format!(
                "({inner} is {})",
                self.one(&["string", "mapping", "sequence", "none", "defined"])
            ),
            4 => format!("{inner}.{}", self.one(&["a", "b", "list"])),
            5 => format!("{inner}[{}]", self.one(&["0", "-1", ":2", "'a'", "n - 3"])),
            6 => format!("[{inner}, {}]", self.expression(depth - 1)),
            7 => format!("{{'a': {inner}}}"),
            8 => format!("({inner} | map(attribute='a') | list)"),
            _ => {
                let filters = [
                    "upper",
                    "length",
                    "first",
                    "last",
                    "items | list",
                    "sort",
                    "join(', ')",
                    "json",
                    "string",
                    "int",
                    "float",
                    "abs",
                    "round",
                    "reverse",
                    "unique | list",
                    "sum",
                    "max",
                    "dictsort",
                    "default('x')",
                    "lines",
                    "split(' ')",
                    "truncate(3)",
                    "bullets",
                    "list",
                    "map('string') | list",
                    "bool",
                    "trim",
                ];
                format!("({inner} | {})", self.one(&filters))
            }
        }
    }
}

/// What an expression gives is of the type that was inferred for it, and what works in a run is not
/// said to be wrong. Items are read that are there: what is missing is let pass by a few filters,
/// and no type knows how long a list is.
#[test]
fn what_is_inferred_of_expressions_made_by_chance_is_so() {
    let values = json!({
        "n": 3, "f": 2.5, "t": "two words", "b": true, "nothing": null, "list": [3, 1, 2],
        "words": ["b", "a"], "o": { "a": 1, "b": "x" }, "deep": { "list": [{ "a": 1 }, { "a": 2 }] },
    });
    let data = Data::from_json(&values);
    let mut chance = Chance(16);
    let mut wrong = Vec::new();
    let mut worked = 0;
    for round in 0..30_000 {
        let text = format!("{{{{ {} }}}}", chance.expression(1 + round % 4));
        let found = inferred(&text, &values);
        let Ok(real) = render_value(&text, &data) else {
            continue;
        };
        worked += 1;
        let kinds = found.remarks.iter().map(|remark| &remark.kind);
        let remarks: Vec<&RemarkKind> = kinds
            .filter(|kind| {
                matches!(kind, RemarkKind::WrongOperand { .. } | RemarkKind::MayBeAbsent { .. })
            })
            .collect();
        // A part that is never there is nothing, which some filters take.
        let has_gaps = found
            .remarks
            .iter()
            .any(|remark| matches!(remark.kind, RemarkKind::UnknownField { .. }));
        if !remarks.is_empty() || !has_gaps && !admits(&found.value, &real) {
            wrong.push(format!("{text} gives {real}, not {}: {remarks:?}", found.value));
        }
    }
    assert!(worked > 5_000, "only {worked} work");
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
