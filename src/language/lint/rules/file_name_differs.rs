//! `file-name-differs`

use std::ffi::OsStr;
use std::path::Path;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, DocumentKind, Library};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("file-name-differs"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "A file in a searched folder is named otherwise than the document in it.",
    explanation: "\
Documents are found by the name they give themselves, whatever their file is called. Where the two are
the same, whoever reads `uses: parallel_research` knows which file to open.",
    check: Check::Documents(check),
};

const FOLDERS: [&str; 3] = ["patterns", "pipelines", "teams"];

fn check(library: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    if !matches!(
        document.kind(),
        DocumentKind::Pattern | DocumentKind::Pipeline | DocumentKind::Team
    ) {
        return;
    }
    let Some(source) = library.sources().get(document.source()) else { return };
    let path = Path::new(source.name());
    let is_searched =
        path.iter().any(|part| FOLDERS.iter().any(|folder| part.to_str() == Some(folder)));
    let names = (path.file_stem().and_then(OsStr::to_str), document.name());
    let (Some(file), Some(name)) = names else { return };
    if !is_searched || file.replace('-', "_") == name.replace('-', "_") {
        return;
    }
    let header = document.kind().as_str();
    let message = format!("`{name}` is in a file named `{file}`");
    found.push(
        document
            .diagnostic(RULE.code, &format!("/{header}/name"), message)
            .help(format!("rename the file to `{name}.yaml`")),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_files;

    #[test]
    fn names_of_files_are_compared_where_files_are_searched() {
        let text = "pattern: { name: parallel_work }\n\
            tasks: { go: { gate: check, condition: true } }\n";
        let message = "`parallel_work` is in a file named `draft`";
        check_files(&RULE, &[("patterns/draft.yaml", text)], &[message]);
        check_files(&RULE, &[("a/patterns/b/draft.yaml", text)], &[message]);
        check_files(&RULE, &[("patterns/parallel-work.yaml", text)], &[]);
        check_files(&RULE, &[("draft.yaml", text)], &[]);
    }
}
