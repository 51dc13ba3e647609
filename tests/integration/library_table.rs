//! `docs/patterns.md` is what the library has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use partita::language::document::{Body, Document, Library, builtins};
use partita::language::plan::{Plan, Task, Work, compile};
use serde_json::Value;

use crate::support::{current, root};

const INTRODUCTION: &str = "\
# The library

The patterns and pipelines that come with Partita; `partita patterns` lists them, `partita patterns show NAME` has each on a
page. This page is made of the documents themselves.

*Agents* are those that are asked, *tasks* those of the pattern and of all patterns that it uses, each counted once. *Calls*
are the questions to models that a run is expected to make if every condition holds: a task that is done for each item of a
list that only the run knows counts five times, and questions that are asked again do not count. *Tier* goes from 1 (one
agent at work) to 4 (several departments or systems).

";

/// How many questions to models tasks are expected to ask.
fn calls<'t>(tasks: impl Iterator<Item = &'t Task>) -> usize {
    let asked = |task: &Task| match &task.work {
        Work::Iterate(iterate) => iterate.expected_count() * calls(iterate.body.tasks.iter()),
        _ => usize::from(task.asks_a_model()),
    };
    tasks.map(asked).sum()
}

/// How many tasks there are, those that are done several times once.
fn count<'t>(tasks: impl Iterator<Item = &'t Task>) -> usize {
    let counted = |task: &Task| match &task.work {
        Work::Iterate(iterate) => count(iterate.body.tasks.iter()),
        _ => 1,
    };
    tasks.map(counted).sum()
}

/// The document's own words about itself.
fn header(document: &Document) -> &Value {
    let value = document.value();
    value.get("pattern").or_else(|| value.get("pipeline")).expect("a header")
}

/// Where a document of the library is, from `docs/`.
fn link(path: &str) -> String {
    let folders = ["patterns", "pipelines"].map(|folder| format!("{folder}/{path}"));
    let found = folders.into_iter().find(|file| root().join(file).exists());
    format!("../{}", found.expect("a file"))
}

fn row(document: &Document, path: &str, plan: &Plan) -> String {
    let tier = header(document)["tier"].as_u64().expect("a tier");
    let name = document.name().expect("a name");
    let tasks = || plan.tasks().map(|(_, task)| task);
    format!(
        "| [{name}]({}) | {} | {tier} | {} | {} | {} | {} |\n",
        link(path),
        plan.summary,
        plan.agents.len(),
        count(tasks()),
        plan.root().waves.len(),
        calls(tasks()),
    )
}

#[test]
fn the_table_of_the_library_is_current() {
    let library = Library::of_files([]).with_builtins();
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (document, builtin) in library.documents().zip(builtins()) {
        if !matches!(document.body(), Some(Body::Pattern(_) | Body::Pipeline(_))) {
            continue;
        }
        let category = header(document)["category"].as_str().expect("a category").to_owned();
        let plan = compile(&library, document).expect("a plan").plan;
        rows.entry(category).or_default().push(row(document, builtin.path, &plan));
    }
    let number: usize = rows.values().map(Vec::len).sum();
    assert!(number >= 50, "there are {number} patterns and pipelines");
    let mut page = INTRODUCTION.to_owned();
    let _ = writeln!(page, "There are {number} in {} fields.", rows.len());
    for (category, mut rows) in rows {
        rows.sort();
        let (first, rest) = category.split_at(1);
        let _ = write!(page, "\n## {}{}\n\n", first.to_uppercase(), rest.replace('_', " "));
        page += "| name | what it does | tier | agents | tasks | waves | calls |\n";
        page += "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n";
        rows.iter().for_each(|row| page += row);
    }
    current("docs/patterns.md", &page);
}
