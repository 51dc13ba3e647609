//! What each filter takes and what it gives.

use minijinja::machinery::ast::{self, CallArg, Expr};

use super::walk::Walk;
use crate::language::template::value_type::{Kinds, Type};

/// What a filter takes, and what it gives for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) takes: Kinds,
    /// Whether it is about lists, so that a text is taken apart into its characters.
    about_lists: AboutLists,
    gives: Gives,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AboutLists {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// A text or list of the same.
    Reversed,
    Text,
    Texts,
    Integer,
    Number,
    /// The number without its type: whole numbers stay whole.
    Numeric,
    Boolean,
    /// An item of the list.
    Item,
    /// A list of the same items.
    List,
    /// A list of names and values.
    Pairs,
    Any,
}

/// Lists, and what else can be gone through: the keys of mappings, the characters of texts.
const ITERABLE: Kinds = Kinds::ITERABLE;

/// What `int` and `float` make numbers of, as far as it looks like one.
const CONVERTIBLE: Kinds = Kinds::NUMERIC.with(Kinds::TEXT).with(Kinds::NULL);

/// The rule of a filter; `None` for one that is not known.
pub(super) fn rule(name: &str) -> Option<Rule> {
    let about = |about_lists, takes, gives| Some(Rule { takes, about_lists, gives });
    let plain = |takes, gives| about(AboutLists::No, takes, gives);
    let lists = |gives| about(AboutLists::Yes, ITERABLE, gives);
    match name {
        "abs" | "round" => plain(Kinds::NUMBER, Gives::Numeric),
        "bool" => plain(Kinds::ALL, Gives::Boolean),
        "bullets" | "join" => lists(Gives::Text),
        "capitalize" | "title" | "upper" | "lower" | "trim" | "json" | "tojson" | "string" => {
            plain(Kinds::ALL, Gives::Text)
        }
        "indent" | "replace" | "truncate" => plain(Kinds::TEXT, Gives::Text),
        "count" | "length" => plain(Kinds::TEXT | Kinds::LIST | Kinds::OBJECT, Gives::Integer),
        "dictsort" | "items" => plain(Kinds::OBJECT, Gives::Pairs),
        "first" => plain(Kinds::TEXT | Kinds::LIST | Kinds::OBJECT, Gives::Item),
        "last" => plain(Kinds::TEXT | Kinds::LIST, Gives::Item),
        "int" => plain(CONVERTIBLE, Gives::Integer),
        "float" => plain(CONVERTIBLE, Gives::Number),
        "lines" | "split" => plain(Kinds::TEXT, Gives::Texts),
        "reverse" => plain(ITERABLE, Gives::Reversed),
        "list" => plain(ITERABLE, Gives::List),
        "sort" | "unique" | "select" | "reject" | "selectattr" | "rejectattr" => lists(Gives::List),
        "max" | "min" => lists(Gives::Item),
        "sum" => plain(Kinds::LIST | Kinds::NULL, Gives::Any),
        "map" | "groupby" => lists(Gives::Any),
        _ => None,
    }
}

impl Walk<'_> {
    pub(super) fn filter(&mut self, whole: &Expr<'_>, filter: &ast::Filter<'_>) -> Type {
        let Some(subject) = &filter.expr else {
            self.arguments(&filter.args);
            return Type::Any;
        };
        if matches!(filter.name, "default" | "d") {
            return self.or_default(subject, &filter.args);
        }
        let value = match filter.name {
            // They make nothing of nothing.
            "bullets" | "join" | "groupby" => self.operand(subject).value,
            _ => self.needed(subject).value,
        };
        let Some(rule) = rule(filter.name) else {
            self.arguments(&filter.args);
            return Type::Any;
        };
        if value.is_none_of(rule.takes) {
            let subject = self.written(subject);
            let message = format!(
                "`{subject}` is {}, and `{}` takes {}",
                value.words(),
                filter.name,
                taken(rule.takes)
            );
            let help = advice(filter.name, &value);
            self.wrong(whole, message, help);
            self.arguments(&filter.args);
            return Type::Any;
        }
        if rule.about_lists == AboutLists::Yes {
            self.iterated(subject, &value);
        }
        let items = items_of(&value);
        let special = self.filter_with_arguments(filter, &items);
        special.unwrap_or_else(|| rule.result(&value, items))
    }

    /// `x | default(y)`.
    fn or_default(&mut self, subject: &Expr<'_>, arguments: &[CallArg<'_>]) -> Type {
        let value = self.operand(subject).value.without(Kinds::UNDEFINED);
        let otherwise = match arguments.first() {
            Some(CallArg::Pos(otherwise)) => self.operand(otherwise).value,
            Some(_) => Type::Any,
            None => Type::Text,
        };
        if let Some(rest) = arguments.get(1..) {
            self.arguments(rest);
        }
        Type::union([value, otherwise])
    }
}

impl Rule {
    /// What it gives for an item of a list.
    pub(super) fn of_item(self, item: &Type) -> Type {
        self.result(item, items_of(item))
    }

    fn result(self, value: &Type, items: Type) -> Type {
        match self.gives {
            Gives::Reversed if value.kinds().is_within(Kinds::TEXT) => Type::Text,
            Gives::Reversed => {
                let items =
                    value.kinds().overlaps(Kinds::LIST | Kinds::OBJECT).then(|| Type::list(items));
                let rest = value.widened().only(Kinds::TEXT | Kinds::NULL);
                Type::union(items.into_iter().chain([rest]))
            }
            Gives::Text => Type::Text,
            Gives::Texts => Type::list(Type::Text),
            Gives::Integer => Type::Integer,
            Gives::Numeric if value.kinds().is_within(Kinds::NUMBER) => value.widened(),
            Gives::Number | Gives::Numeric => Type::Number,
            Gives::Boolean => Type::Boolean,
            Gives::Item => items,
            Gives::List => Type::list(items),
            Gives::Pairs => Type::list(Type::places(vec![Type::Text, values_of(value)])),
            Gives::Any => Type::Any,
        }
    }
}

/// What going through a value gives.
pub(super) fn items_of(value: &Type) -> Type {
    Type::union(value.members().iter().filter_map(|member| match member {
        Type::Any => Some(Type::Any),
        Type::List(list) => Some(list.item().clone()),
        Type::Null | Type::Undefined => None,
        _ => Some(Type::Text),
    }))
}

/// The values of a mapping's fields.
fn values_of(value: &Type) -> Type {
    Type::union(value.members().iter().flat_map(|member| match member {
        Type::Object(object) if object.is_closed() => {
            object.fields().values().map(|field| field.value.clone()).collect()
        }
        _ => vec![Type::Any],
    }))
}

fn taken(kinds: Kinds) -> &'static str {
    if kinds.overlaps(Kinds::LIST) && !kinds.is_within(Kinds::TEXT | Kinds::LIST) {
        "a list"
    } else if kinds == Kinds::OBJECT {
        "a mapping"
    } else if kinds == Kinds::TEXT {
        "text"
    } else if kinds.is_within(Kinds::NUMERIC) {
        "a number"
    } else if kinds == CONVERTIBLE {
        "a number or text"
    } else if kinds == Kinds::TEXT | Kinds::LIST {
        "a list or text"
    } else {
        "a list, a mapping or text"
    }
}

fn advice(filter: &str, value: &Type) -> Option<String> {
    let kinds = value.kinds();
    if matches!(filter, "round" | "abs") && kinds.is_within(Kinds::TEXT) {
        return Some("`| int` or `| float` before it makes a number of a text".to_owned());
    }
    if matches!(filter, "indent" | "replace" | "truncate" | "lines" | "split") {
        return Some(if kinds.overlaps(Kinds::LIST) {
            "`| join(', ')` or `| bullets` before it makes a text of a list".to_owned()
        } else {
            "`| string` before it makes a text of any value".to_owned()
        });
    }
    if filter == "items" && kinds.is_within(Kinds::LIST) {
        return Some("a list is gone through as it is: `for item in …`".to_owned());
    }
    None
}
