//! Inside a template: what an expression is about to name.

use super::cursor::is_word;

/// One step of a path into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathStep {
    /// To the field of this name.
    Field(String),
    /// To an item of a list.
    Item,
}

impl PathStep {
    /// The field's name; for an item the first place.
    pub(super) fn name(&self) -> &str {
        match self {
            PathStep::Field(name) => name,
            PathStep::Item => "0",
        }
    }
}

/// What the next word of a template can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Naming {
    /// A variable or a function.
    Variable,
    /// A field of what this path leads to.
    Field(Vec<PathStep>),
    /// A filter, behind `|`.
    Filter,
    /// A test, behind `is`.
    Test,
    /// The first word of a statement, behind `{%`.
    Statement,
}

/// A name that the template itself has made, and the path that it stands for.
pub(super) type Local = (String, Option<Vec<PathStep>>);

/// The expression at the end of a text, if one is open there, and whether it is a statement's.
pub(super) fn open_expression(text: &str) -> Option<(&str, bool)> {
    let opener = ["{{", "{%"].iter().filter_map(|opener| text.rfind(opener)).max()?;
    let inside = &text[opener + 2..];
    if inside.contains("}}") || inside.contains("%}") {
        return None;
    }
    let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
    Some((inside, text[opener..].starts_with("{%")))
}

/// What the word behind a text can be.
pub(super) fn naming(before: &str, is_statement: bool) -> Naming {
    if let Some(path) = before.strip_suffix('.') {
        let number = path.ends_with(|c: char| c.is_ascii_digit());
        return path_before(path)
            .filter(|_| !number || path.contains(is_letter))
            .map_or(Naming::Field(Vec::new()), Naming::Field);
    }
    let said = before.trim_end();
    if said.is_empty() && is_statement {
        return Naming::Statement;
    }
    if said.ends_with('|') {
        return Naming::Filter;
    }
    let mut words = said.rsplit(|c: char| !is_word(c));
    match (words.next(), words.next()) {
        (Some("is"), _) | (Some("not"), Some("is")) => Naming::Test,
        _ => Naming::Variable,
    }
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// The path that a text ends with: `tasks.a["b"].c[0]`.
pub(super) fn path_before(text: &str) -> Option<Vec<PathStep>> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        if let Some(inside) = rest.strip_suffix(']') {
            let open = inside.rfind('[')?;
            let subscript = inside[open + 1..].trim();
            let name = subscript.trim_matches(['"', '\'', '\\']);
            steps.push(if name == subscript {
                PathStep::Item
            } else {
                PathStep::Field(name.to_owned())
            });
            rest = &inside[..open];
            continue;
        }
        let start = rest
            .rfind(|c: char| !is_word(c) || c == '-')
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        let name = &rest[start..];
        if name.is_empty() {
            return None;
        }
        steps.push(PathStep::Field(name.to_owned()));
        match rest[..start].strip_suffix('.') {
            Some(before) => rest = before,
            None => {
                steps.reverse();
                return Some(steps);
            }
        }
    }
}

/// The names that `{% for %}` and `{% set %}` have made before the end of a text.
pub(super) fn locals(text: &str) -> Vec<Local> {
    let mut locals: Vec<Local> = Vec::new();
    let mut loops: Vec<usize> = Vec::new();
    for statement in text.split("{%").skip(1) {
        let Some((statement, _)) = statement.split_once("%}") else { continue };
        let statement = statement.trim_matches(['-', '+', ' ']);
        if let Some(rest) = statement.strip_prefix("for ")
            && let Some((target, list)) = rest.split_once(" in ")
        {
            loops.push(locals.len());
            let item = whole_path(list).map(|mut path| {
                path.push(PathStep::Item);
                path
            });
            locals.push(("loop".to_owned(), None));
            let names: Vec<&str> = target.split(',').map(str::trim).collect();
            let is_one = names.len() == 1;
            locals.extend(
                names.into_iter().map(|name| (name.to_owned(), item.clone().filter(|_| is_one))),
            );
        } else if statement.starts_with("endfor") {
            locals.truncate(loops.pop().unwrap_or(0));
        } else if let Some(rest) = statement.strip_prefix("set ")
            && let Some((name, value)) = rest.split_once('=')
        {
            locals.push((name.trim().to_owned(), whole_path(value)));
        }
    }
    locals
}

/// A path with the local name that it begins with replaced by what that stands for.
pub(super) fn resolved(path: Vec<PathStep>, locals: &[Local]) -> Vec<PathStep> {
    let mut path = path;
    // Newer names may stand for older ones, which are fewer each time.
    for (name, meaning) in locals.iter().rev() {
        if path.first() == Some(&PathStep::Field(name.clone()))
            && let Some(meaning) = meaning
        {
            path.splice(..1, meaning.iter().cloned());
        }
    }
    path
}

fn whole_path(text: &str) -> Option<Vec<PathStep>> {
    let text = text.trim();
    let is_path = text.chars().all(|c| is_word(c) || ".[]\"'".contains(c));
    path_before(text).filter(|_| is_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str) -> PathStep {
        PathStep::Field(name.to_owned())
    }

    fn check(text: &str, expected: Option<Naming>) {
        let found =
            open_expression(text).map(|(before, is_statement)| naming(before, is_statement));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn an_expression_says_what_it_is_about_to_name() {
        check("no template", None);
        check("{{ a }} b", None);
        check("{{ ", Some(Naming::Variable));
        check("{{ a and ", Some(Naming::Variable));
        check("x {{ a }} {{ inputs.", Some(Naming::Field(vec![field("inputs")])));
        let path = vec![field("tasks"), field("a b"), PathStep::Item];
        check("{{ x(tasks[\"a b\"][0].", Some(Naming::Field(path)));
        check("{{ a | ", Some(Naming::Filter));
        check("{{ a is ", Some(Naming::Test));
        check("{{ a is not ", Some(Naming::Test));
        check("{% ", Some(Naming::Statement));
        check("{%- if ", Some(Naming::Variable));
    }

    #[test]
    fn names_that_the_template_makes_stand_for_paths() {
        let text = "{% set m = tasks.a.output %}{% for x in m.list %}{{ x.";
        let path = resolved(vec![field("x"), field("y")], &locals(text));
        let expected = [
            field("tasks"),
            field("a"),
            field("output"),
            field("list"),
            PathStep::Item,
            field("y"),
        ];
        assert_eq!(path, expected);
        assert!(locals("{% for x in y %}{% endfor %}").is_empty());
    }
}
