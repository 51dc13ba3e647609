//! What the documentation shows is so: its YAML documents are without fault, its links lead
//! somewhere.

use std::fs;

use partita::interface::report::diagnostic_line;
use partita::language::diagnostic::Severity;

use crate::support::{files_below, findings, library, root};

/// Top-level keys that make a block a document; any other block is a fragment.
const KINDS: [&str; 8] =
    ["pattern", "pipeline", "team", "cluster", "simulation", "tests", "imports", "vocabulary"];

/// Its examples are mistakes, and have a test of their own.
const DIAGNOSTICS: &str = "docs/diagnostics.md";

/// A page of the documentation.
struct Page {
    /// Its path in the repository.
    name: String,
    text: String,
}

/// A part of a page.
enum Part<'p> {
    /// A line outside blocks, with its number from 1.
    Prose(usize, &'p str),
    /// A block of code: its language, the number of its first line, its text.
    Code(&'p str, usize, String),
}

impl Page {
    fn read(name: &str) -> Option<Page> {
        let text = fs::read_to_string(root().join(name)).ok()?;
        Some(Page { name: name.to_owned(), text })
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut lines = (1..).zip(self.text.lines());
        while let Some((number, line)) = lines.next() {
            let Some((fence, language)) = opening(line) else {
                parts.push(Part::Prose(number, line));
                continue;
            };
            let inside =
                lines.by_ref().map(|(_, line)| line).take_while(|line| !closes(line, fence));
            let text = inside.flat_map(|line| [line, "\n"]).collect();
            parts.push(Part::Code(language, number + 1, text));
        }
        parts
    }

    /// The YAML documents with the numbers of their first lines.
    fn documents(&self) -> Vec<(usize, String)> {
        let document = |part: Part<'_>| match part {
            Part::Code("yaml" | "yml", line, text) => is_document(&text).then_some((line, text)),
            _ => None,
        };
        self.parts().into_iter().filter_map(document).collect()
    }

    /// What is wrong with the documents, a line each.
    fn faults(&self) -> Vec<String> {
        let faults = |(line, text): (usize, String)| {
            // Blank lines before it give every finding its place on the page.
            let text = format!("{}{text}", "\n".repeat(line - 1));
            let library = library(&[(&self.name, &text)]).with_builtins();
            let found = findings(&library);
            let bad = found.iter().filter(|found| found.severity != Severity::Info);
            bad.map(|found| diagnostic_line(library.sources(), found)).collect::<Vec<_>>()
        };
        self.documents().into_iter().flat_map(faults).collect()
    }

    /// Links to files that do not exist, a line each.
    fn dead_links(&self) -> Vec<String> {
        let path = root().join(&self.name);
        let folder = path.parent().expect("a folder");
        let mut dead = Vec::new();
        for part in self.parts() {
            let Part::Prose(number, line) = part else { continue };
            for target in targets(line) {
                let file = target.split('#').next().unwrap_or_default();
                let is_relative = !file.is_empty() && !target.contains(':');
                if is_relative && !folder.join(file).exists() {
                    dead.push(format!("{}:{number}: there is no {target}", self.name));
                }
            }
        }
        dead
    }
}

/// The marks that open a block, and its language.
fn opening(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let rest = line.trim_start_matches('`');
    let (fence, language) = line.split_at(line.len() - rest.len());
    (fence.len() >= 3 && !language.contains('`')).then(|| (fence, language.trim()))
}

fn closes(line: &str, fence: &str) -> bool {
    let line = line.trim();
    line.len() >= fence.len() && line.chars().all(|character| character == '`')
}

fn is_document(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let key = first.split(':').next().unwrap_or_default();
    KINDS.contains(&key) || key.ends_with("_patterns")
}

/// Where the links of a line lead; what stands between backticks is no link.
fn targets(line: &str) -> Vec<String> {
    let text: String = line.split('`').step_by(2).collect();
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let reference = text.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    inline
        .chain(reference.map(|(_, target)| target))
        .filter_map(|target| target.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn pages() -> Vec<Page> {
    let below = files_below(&root().join("docs"), "md").into_iter().map(|path| {
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy();
        name.replace('\\', "/")
    });
    let names = ["README.md", "ARCHITECTURE.md"].map(str::to_owned).into_iter().chain(below);
    names.filter_map(|name| Page::read(&name)).collect()
}

#[test]
fn the_documents_are_without_fault() {
    let pages: Vec<Page> = pages().into_iter().filter(|page| page.name != DIAGNOSTICS).collect();
    let documents: usize = pages.iter().map(|page| page.documents().len()).sum();
    assert!(documents >= 5, "there are only {documents} documents in {} pages", pages.len());
    let faults: Vec<String> = pages.iter().flat_map(Page::faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_links_lead_somewhere() {
    let dead: Vec<String> = pages().iter().flat_map(Page::dead_links).collect();
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn mistakes_are_found_with_their_lines() {
    let text = "\
See [this](nowhere.md#part), [that](../README.md/none.md) and `[no](link.md)`, [web](https://a.b).

```yaml
tasks: { a: { agnet: nobody } }
```

```yaml
# A document.
pattern: { name: example }
team: { name: t, agents: [{ role: Writer }] }
tasks:
  a: { agent: writer, prompt: x }
  b: { agent: writer, prompt: y, needs: [a, a] }
  c: { uses: parallel_research, with: { question: Why? }, timout: 5s }
```

[there]: missing.md
";
    let page = Page { name: "docs/page.md".to_owned(), text: text.to_owned() };
    assert_eq!(
        page.faults(),
        [
            "docs/page.md:13:45: warning: `a` is named twice [repeated-need]",
            "docs/page.md:14:59: error: unknown key `timout` [unknown-key]",
        ]
    );
    assert_eq!(
        page.dead_links(),
        [
            "docs/page.md:1: there is no nowhere.md#part",
            "docs/page.md:1: there is no ../README.md/none.md",
            "docs/page.md:17: there is no missing.md",
        ]
    );
}
