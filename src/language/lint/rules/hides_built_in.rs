//! `hides-built-in`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library, builtin_of_name};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("hides-built-in"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A document of the project has the name of a built-in one and takes its place.",
    explanation: "\
A name of the project counts more than the same name of the built-in library, everywhere: built-in
patterns that use the name get the project's document, too. Where that is meant, say so in a comment
that allows it; otherwise choose another name.",
    check: Check::Documents(check),
};

fn check(library: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    let Some(builtin) = builtin_of_name(document) else { return };
    let source = library.sources().get(document.source());
    // A copy without a change hides nothing.
    if source.is_none_or(|source| source.text() == builtin.text) {
        return;
    }
    let header = document.kind().as_str();
    let message = format!("`{}` takes the place of the built-in one", builtin.name);
    found.push(
        document
            .diagnostic(RULE.code, &format!("/{header}/name"), message)
            .help("choose another name, or allow it with a comment if it is meant"),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    #[test]
    fn names_of_built_in_documents_are_known() {
        let with = |name: &str| {
            format!(
                "pattern: {{ name: {name} }}\ntasks: {{ go: {{ gate: check, condition: true }} }}\n"
            )
        };
        let message = "`parallel_research` takes the place of the built-in one";
        check(&RULE, &with("parallel_research"), &[message]);
        // That is the name of a team; the two do not meet.
        check(&RULE, &with("launch_team"), &[]);
        check(&RULE, &with("my_research"), &[]);
    }

    #[test]
    fn a_copy_hides_nothing() {
        let builtin = crate::language::document::builtins()
            .iter()
            .find(|one| one.name == "parallel_research");
        check(&RULE, builtin.unwrap().text, &[]);
    }
}
