use super::{Examination, examine};
use crate::language::diagnostic::Severity;
use crate::language::document::{Expectation, Library, LintSettings, ProjectFile, Reasons};

fn examined(text: &str, settings: &LintSettings) -> Examination {
    let library = Library::of_files([ProjectFile {
        name: "test.yaml".to_owned(),
        content: Ok(text.to_owned()),
        expectation: Expectation::Named,
    }]);
    examine(&library, settings, |_| true)
}

/// What is found and what is allowed, by codes.
fn check(text: &str, found: &[&str], allowed: &[&str]) {
    let examination = examined(text, &LintSettings::default());
    let codes = |found: &[crate::language::diagnostic::Diagnostic]| {
        found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&examination.diagnostics), found, "{text}");
    assert_eq!(codes(&examination.suppressed), allowed, "{text}");
}

/// A pattern in which the first and the second task have one attempt.
fn pattern(before: &str, on_line: &str) -> String {
    format!(
        "pattern: {{ name: example, summary: A draft. }}
team: {{ name: t, agents: [{{ role: Writer }}] }}
tasks:
  {before}
  draft:
    agent: writer
    prompt: Write about tea.
    retry: {{ max_attempts: 1 }}  {on_line}
  polish:
    agent: writer
    prompt: \"Polish: {{{{ tasks.draft.output }}}}\"
    retry:
      max_attempts: 1
outputs: {{ text: \"{{{{ tasks.polish.output }}}}\" }}
"
    )
}

#[test]
fn a_comment_holds_for_its_line() {
    check(&pattern("", ""), &["retry-disabled", "retry-disabled"], &[]);
    let why = "# partita: allow(retry-disabled) a draft";
    check(&pattern("", why), &["retry-disabled"], &["retry-disabled"]);
    // The next line is that of the task's name; what is found stands below it.
    check(&pattern(why, ""), &["unused-suppression", "retry-disabled", "retry-disabled"], &[]);
}

#[test]
fn a_comment_holds_for_a_block_or_the_file() {
    let block = "# partita: allow-block(retry-disabled): it is only a draft";
    check(&pattern(block, ""), &["retry-disabled"], &["retry-disabled"]);
    let file = "# partita: allow-file(retry-disabled) — nobody minds";
    check(&pattern(file, ""), &[], &["retry-disabled", "retry-disabled"]);
    check(&pattern("", file), &[], &["retry-disabled", "retry-disabled"]);
}

#[test]
fn a_block_may_be_an_item_of_a_list() {
    let text = "
pattern: { name: example, summary: A draft. }
team: { name: t, agents: [{ role: Writer }] }
waves:
  # partita: allow-block(retry-disabled) the first draft is cheap
  - name: first
    tasks:
      draft: { agent: writer, prompt: Write about tea., retry: { max_attempts: 1 } }
  - name: second
    tasks:
      polish:
        agent: writer
        prompt: \"{{ tasks.draft.output }}\"
        retry: { max_attempts: 1 }
outputs: { text: \"{{ tasks.polish.output }}\" }
";
    check(text, &["retry-disabled"], &["retry-disabled"]);
}

#[test]
fn what_is_wrong_with_a_comment_is_said() {
    check(
        &pattern("# partita: allow(retry-disabled, unread) why", ""),
        &["unused-suppression", "unknown-rule", "retry-disabled", "retry-disabled"],
        &[],
    );
    let without = "# partita: allow(retry-disabled)";
    check(
        &pattern("", without),
        &["suppression-without-reason", "retry-disabled"],
        &["retry-disabled"],
    );
    for broken in ["# partita: allow retry-disabled", "# partita: allow()", "# partita: hide(x) y"]
    {
        check(
            &pattern(broken, ""),
            &["invalid-suppression", "retry-disabled", "retry-disabled"],
            &[],
        );
    }
    check(&pattern("# partita is a suite of pieces", ""), &["retry-disabled"; 2], &[]);
}

#[test]
fn settings_judge_before_comments_do() {
    let why = "# partita: allow(retry-disabled) a draft";
    let mut settings = LintSettings { reasons: Reasons::Optional, ..LintSettings::default() };
    settings.rules.insert("retry-disabled".to_owned(), crate::language::document::Level::Off);
    // What is not looked for may occur, so the comment is not called unused.
    assert_eq!(examined(&pattern("", why), &settings).diagnostics, []);
    settings.rules.insert("retry-disabled".to_owned(), crate::language::document::Level::Error);
    let found = examined(&pattern("", why), &settings);
    // An error of the project's own making can still be allowed where there is a reason.
    assert_eq!(found.diagnostics.len(), 1);
    assert_eq!(found.diagnostics[0].severity, Severity::Error);
    assert_eq!(found.suppressed.len(), 1);
}
