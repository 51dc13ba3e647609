//! What was locked of imports, and how they differ from that.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Paint;
use super::units::counted;
use crate::interface::app::{CheckedLock, Difference, Fresh, Locked, LockedSource};
use crate::language::document::{LOCK_FILE, LockedImport};

/// How many digits of a commit people see.
const SHORT: usize = 12;

/// What was locked, a line a source.
pub fn locked_text(locked: &Locked, paint: Paint) -> String {
    let mut text = String::new();
    for source in &locked.sources {
        let import = &source.import;
        let what = match (&import.kind, &import.commit) {
            (Some(kind), Some(commit)) => format!("{} {}", kind.as_str(), short(commit)),
            _ => "folder".to_owned(),
        };
        let documents = counted(import.documents.len(), "document", "documents");
        let fresh = match &source.fresh {
            Fresh::Same => String::new(),
            Fresh::New => ", new".to_owned(),
            Fresh::Moved(was) => format!(", was {}", short(was)),
            Fresh::Changed => ", changed".to_owned(),
        };
        let _ = writeln!(text, "{}  {what}, {documents}{fresh}", paint.bold(&label(import)));
    }
    let end = match locked.is_written {
        true => format!("written down in {LOCK_FILE}"),
        false => format!("{LOCK_FILE} is as it was"),
    };
    text + &end + "\n"
}

/// The files that could not be read, a line each.
pub fn unread_text(locked: &Locked) -> Option<String> {
    let lines = locked.unread.iter().map(|file| format!("passed over: {file}"));
    let text = lines.collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}

/// What was locked, for machines.
pub fn locked_json(locked: &Locked) -> Value {
    let source = |source: &LockedSource| {
        let import = &source.import;
        let documents = import.documents.iter();
        let documents = documents.map(|one| json!({ "path": one.path, "hash": one.hash }));
        json!({
            "source": import.source,
            "version": import.version,
            "kind": import.kind.map_or("folder", |kind| kind.as_str()),
            "commit": import.commit,
            "change": match &source.fresh {
                Fresh::Same => "none",
                Fresh::New => "new",
                Fresh::Moved(_) => "moved",
                Fresh::Changed => "changed",
            },
            "documents": documents.collect::<Vec<_>>(),
        })
    };
    json!({
        "imports": locked.sources.iter().map(source).collect::<Vec<_>>(),
        "written": locked.is_written,
        "passed_over": locked.unread,
    })
}

/// How imports differ from what is locked, a line a difference.
pub fn checked_lock_text(checked: &CheckedLock, paint: Paint) -> String {
    let mut text = String::new();
    if let Some(whole) = &checked.whole {
        let _ = writeln!(text, "{} {LOCK_FILE}: {whole}", paint.bad("differs:"));
    }
    for import in &checked.imports {
        for difference in &import.differences {
            let (document, what) = words(difference);
            let document = document.map(|path| format!(" {path}")).unwrap_or_default();
            let _ = writeln!(text, "{} {}:{document} {what}", paint.bad("differs:"), import.label);
        }
    }
    if checked.is_current() {
        let documents: usize = checked.imports.iter().map(|import| import.documents).sum();
        let documents = counted(documents, "document", "documents");
        let sources = counted(checked.imports.len(), "source", "sources");
        let _ = writeln!(text, "{documents} of {sources} as in {LOCK_FILE}");
    }
    text
}

/// How imports differ from what is locked, for machines.
pub fn checked_lock_json(checked: &CheckedLock) -> Value {
    let difference = |difference: &Difference| {
        let (document, what) = words(difference);
        json!({ "document": document, "what": what })
    };
    let imports = checked.imports.iter().map(|import| {
        json!({
            "import": import.label,
            "documents": import.documents,
            "differences": import.differences.iter().map(difference).collect::<Vec<_>>(),
        })
    });
    json!({
        "current": checked.is_current(),
        "lock_file": checked.whole,
        "imports": imports.collect::<Vec<_>>(),
    })
}

/// The document that differs, if it is one, and how.
fn words(difference: &Difference) -> (Option<&str>, String) {
    match difference {
        Difference::NotLocked => (None, "is not locked".to_owned()),
        Difference::DeclaredOtherwise => (None, "is declared otherwise than locked".to_owned()),
        Difference::NotDeclared => (None, "is locked and not declared".to_owned()),
        Difference::Content(path) => (Some(path), "is not what is locked".to_owned()),
        Difference::Gone(path) => (Some(path), "is locked and not there".to_owned()),
        Difference::Added(path) => (Some(path), "is there and not locked".to_owned()),
        Difference::Unreadable(why) => (None, format!("cannot be read: {why}")),
    }
}

fn label(import: &LockedImport) -> String {
    match &import.version {
        Some(version) => format!("{}@{}", import.source, shortened(version)),
        None => import.source.clone(),
    }
}

/// A version that is a whole commit is known by its first digits.
fn shortened(version: &str) -> &str {
    if crate::language::document::is_commit(version) { short(version) } else { version }
}

fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}
