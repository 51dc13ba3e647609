//! `shared-file-in-prompts`

use std::collections::BTreeMap;
use std::ops::Range;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::words::{sentences, without_templates, words};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("shared-file-in-prompts"),
    severity: Severity::Warning,
    confidence: Confidence::Low,
    audience: Audience::Author,
    summary: "Two agents that work at the same time are told to write the same file.",
    explanation: "\
**Symptom.** Two prompts without an order between their tasks tell an agent to write, update or save
a file of the same name.

**Impact.** Each agent makes a file of its own from what it knows, and whoever stores the answers
keeps the last of them. Nobody merges the two.

**Fix.** Give the file one owner: let one task write it from what the others found,
`{{ tasks.NAME.output }}`. Or let the later task read the file that the earlier one made.",
    check: Check::Orchestrations(check),
};

/// Verbs that change a file.
const WRITING: [&str; 8] =
    ["append", "edit", "modify", "overwrite", "rewrite", "save", "update", "write"];

/// Words that take a request back.
const NEGATIONS: [&str; 5] = ["not", "never", "don't", "without", "cannot"];

/// Endings of files that are no endings of products, as `.js` is.
const ENDINGS: [&str; 18] = [
    "csv", "css", "docx", "html", "ini", "json", "log", "md", "pdf", "py", "rs", "rst", "sql",
    "toml", "txt", "xml", "yaml", "yml",
];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut writers: BTreeMap<String, Vec<(usize, String, Range<usize>)>> = BTreeMap::new();
    for (place, task) in orchestration.tasks().iter().enumerate() {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        if !may_name_a_file(prompt) {
            continue;
        }
        for (file, range) in written_files(prompt) {
            let writers = writers.entry(file).or_default();
            if writers.last().is_none_or(|(last, ..)| *last != place) {
                writers.push((place, pointer.clone(), range));
            }
        }
    }
    let document = orchestration.document;
    for (file, writers) in &writers {
        for (index, (task, pointer, range)) in writers.iter().enumerate() {
            let rival = writers[..index]
                .iter()
                .find(|(other, ..)| !orchestration.flow().are_ordered(*task, *other));
            let Some((rival, rival_pointer, rival_range)) = rival else { continue };
            let name = |task: usize| orchestration.tasks()[task].name;
            let (first, second) = (name(*rival), name(*task));
            let message = format!(
                "`{first}` and `{second}` are both told to write `{file}`, at the same time"
            );
            found.push(
                document
                    .part_diagnostic(RULE.code, pointer, range.clone(), message)
                    .related(document.part_span(rival_pointer, rival_range.clone()), "and here")
                    .help(format!(
                        "let one task write it, behind the others, and read what they give: \
                         `{{{{ tasks.{first}.output }}}}`"
                    )),
            );
        }
    }
}

/// Whether an ending of files stands anywhere: most prompts have none and are done with.
fn may_name_a_file(prompt: &str) -> bool {
    let mut dots = prompt.match_indices('.');
    dots.any(|(dot, _)| ENDINGS.iter().any(|ending| prompt[dot + 1..].starts_with(ending)))
}

/// The files that a prompt tells its agent to write, each with its place.
fn written_files(prompt: &str) -> Vec<(String, Range<usize>)> {
    let plain = without_templates(prompt);
    let mut files = Vec::new();
    for sentence in sentences(&plain) {
        let mut is_told = false;
        for range in words(&plain, sentence.clone()) {
            let word = &plain[range.clone()];
            let lower = word.to_lowercase();
            if NEGATIONS.contains(&lower.as_str()) {
                break;
            }
            is_told |= WRITING.contains(&lower.as_str());
            if is_told && is_file(word) {
                files.push((word.to_owned(), range));
            }
        }
    }
    files
}

/// Whether a word is the name of a file.
fn is_file(word: &str) -> bool {
    let Some((stem, ending)) = word.rsplit_once('.') else { return false };
    !stem.is_empty() && ENDINGS.contains(&ending) && !word.contains("://")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_pair(first: &str, second: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: '{first}' }}
  two: {{ agent: editor, prompt: '{second}' }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn two_agents_write_one_file() {
        check_pair(
            "List the risks and append them to `docs/risks.md`.",
            "Update docs/risks.md with what legal says.",
            &["`one` and `two` are both told to write `docs/risks.md`, at the same time"],
        );
    }

    #[test]
    fn to_read_a_file_is_not_to_write_it() {
        check_pair("Read risks.md. Write a summary.", "Update risks.md.", &[]);
        check_pair("Do not write to risks.md.", "Update risks.md.", &[]);
        check_pair("Update costs.md.", "Update risks.md.", &[]);
    }

    #[test]
    fn the_later_one_knows_what_the_earlier_one_wrote() {
        check_pair("Write risks.md.", "Update risks.md: {{ tasks.one.output }}", &[]);
    }
}
