//! What the filters, tests and functions of templates do, in a line each.

/// Filters: `x | name`.
pub const FILTERS: &[(&str, &str)] = &[
    ("abs", "the number without its sign"),
    ("bool", "whether the value counts as true"),
    ("bullets", "a list as lines that begin with `- `"),
    ("capitalize", "the first letter large, the others small"),
    ("count", "how many items, or characters, there are"),
    ("d", "`default` in short"),
    ("default", "another value where there is none: `x | default('none')`"),
    ("dictsort", "a mapping as pairs, sorted by key"),
    ("first", "the first item"),
    ("float", "as a number"),
    ("groupby", "items in groups that have a field in common: `items | groupby('owner')`"),
    ("indent", "every line but the first further in: `x | indent(2)`"),
    ("int", "as a whole number"),
    ("items", "a mapping as pairs"),
    ("join", "a list as one text: `x | join(', ')`"),
    ("json", "as JSON"),
    ("last", "the last item"),
    ("length", "how many items, or characters, there are"),
    ("lines", "a text as a list of its lines"),
    ("list", "as a list"),
    ("lower", "in small letters"),
    ("map", "a field of every item, or a filter on it: `items | map(attribute='name')`"),
    ("max", "the greatest item"),
    ("min", "the least item"),
    ("reject", "the items that do not pass a test: `x | reject('none')`"),
    ("rejectattr", "the items of which a field does not pass a test"),
    ("replace", "a text in the place of another: `x | replace('a', 'b')`"),
    ("reverse", "the other way round"),
    ("round", "to so many digits: `x | round(1)`"),
    ("select", "the items that pass a test: `x | select('even')`"),
    ("selectattr", "the items of which a field passes a test: `x | selectattr('open')`"),
    ("sort", "sorted; by a field with `sort(attribute='name')`"),
    ("split", "a text as a list of its parts: `x | split(',')`"),
    ("string", "as text"),
    ("sum", "the items added up"),
    ("title", "every word with a large letter"),
    ("tojson", "`json` under another name"),
    ("trim", "without blanks around it"),
    ("truncate", "no longer than so many characters: `x | truncate(200)`"),
    ("unique", "every item once"),
    ("upper", "in large letters"),
];

/// Tests: `x is name`.
pub const TESTS: &[(&str, &str)] = &[
    ("boolean", "is true or false"),
    ("defined", "is there"),
    ("divisibleby", "can be divided: `x is divisibleby(3)`"),
    ("endingwith", "ends with a text: `x is endingwith('.')`"),
    ("eq", "is the same: `x is eq(1)`"),
    ("even", "is an even number"),
    ("false", "is false"),
    ("float", "is a number that is not whole"),
    ("ge", "is not less: `x is ge(1)`"),
    ("gt", "is greater: `x is gt(1)`"),
    ("in", "is among others: `x is in(['a', 'b'])`"),
    ("int", "is a whole number"),
    ("integer", "is a whole number"),
    ("iterable", "can be gone through"),
    ("le", "is not greater: `x is le(1)`"),
    ("lower", "has no large letters"),
    ("lt", "is less: `x is lt(1)`"),
    ("mapping", "is a mapping"),
    ("ne", "is another: `x is ne(1)`"),
    ("none", "is null"),
    ("number", "is a number"),
    ("odd", "is an odd number"),
    ("sequence", "is a list"),
    ("startingwith", "begins with a text: `x is startingwith('a')`"),
    ("string", "is text"),
    ("true", "is true"),
    ("undefined", "is not there"),
    ("upper", "has no small letters"),
];

/// Functions: `name(…)`.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("dict", "a mapping: `dict(a=1)`"),
    ("range", "numbers from, to and by: `range(3)` is 0, 1, 2"),
];

/// What a filter, test or function does.
pub fn meaning(words: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    words.iter().find(|(word, _)| *word == name).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::template::UnknownNameKind;

    #[test]
    fn every_name_that_templates_may_use_is_explained() {
        for (kind, glossary) in [
            (UnknownNameKind::Filter, FILTERS),
            (UnknownNameKind::Test, TESTS),
            (UnknownNameKind::Function, FUNCTIONS),
        ] {
            let explained: Vec<&str> = glossary.iter().map(|(name, _)| *name).collect();
            assert_eq!(explained, kind.known());
        }
    }
}
