//! Imports: that each says in one way where documents come from, and in a form that cannot be anything
//! else to the program that fetches them; and that what it says is locked and there.

use serde_json::Value;

use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::{Document, Library, is_inner_path};
use crate::language::plan::outline::entries;
use crate::language::source::child_pointer;

/// How addresses of repositories may begin that have a scheme.
const SCHEMES: [&str; 5] = ["https://", "ssh://", "http://", "git://", "file://"];

/// What is wrong with the declarations of an `imports.yaml`, whatever is locked.
pub fn import_faults(document: &Document) -> Vec<Diagnostic> {
    let mut found = Findings::default();
    for (name, source) in entries(document.value().get("imports")) {
        check_source(document, name, source, &mut found);
    }
    found.finish()
}

/// The declarations, and what keeps each source from being used.
pub(super) fn check(library: &Library, document: &Document, found: &mut Findings) {
    found.extend(import_faults(document));
    let declared = library.imports().declared.iter();
    for import in declared.filter(|import| import.place.source == document.source()) {
        if let Some(problem) = import.problem() {
            let said = document.key_diagnostic(problem.code, &import.pointer, problem.message);
            found.push(said.help(problem.help));
        }
    }
}

fn check_source(document: &Document, name: &str, source: &Value, found: &mut Findings) {
    let pointer = child_pointer("/imports", name);
    let has = |key: &str| source.get(key).is_some();
    let mut wrong = |pointer: &str, message: String, help: &str| {
        let place = document.key_diagnostic(Code::INVALID_IMPORT, pointer, message);
        found.push(place.help(help));
    };
    // A key that means nothing may be one of these, and has been reported.
    let says_all =
        entries(Some(source)).all(|(key, _)| ["git", "version", "folder"].contains(&&**key));
    match (has("git"), has("version"), has("folder")) {
        (false, false, false) if source.is_object() && says_all => {
            let message = format!("`{name}` says neither `git` nor `folder`");
            let help =
                "`git` is a repository, with a `version`; `folder` alone is a folder as it is";
            wrong(&pointer, message, help);
        }
        (true, false, _) if says_all => {
            let message = format!("`{name}` says no version of the repository");
            let help = "add `version`: a tag, or a commit with all its digits";
            wrong(&child_pointer(&pointer, "git"), message, help);
        }
        (false, true, _) if says_all => {
            let message = "a folder has no versions".to_owned();
            let help = "leave `version` out, or say the repository with `git`";
            wrong(&child_pointer(&pointer, "version"), message, help);
        }
        _ => {}
    }
    let text = |key: &str| source.get(key).and_then(Value::as_str);
    if let Some(address) = text("git").filter(|address| !is_address(address)) {
        let message = format!("`{address}` is no address of a git repository");
        let help = "write an address with https:// or ssh://, `user@host:path`, or a path";
        wrong(&child_pointer(&pointer, "git"), message, help);
    }
    let version = child_pointer(&pointer, "version");
    let several = source.get("version").and_then(Value::as_array).into_iter().flatten();
    let several = several.enumerate().map(|(place, one)| (format!("{version}/{place}"), one));
    let one = source.get("version").filter(|one| one.is_string());
    let versions = several.chain(one.map(|one| (version.clone(), one)));
    let versions: Vec<(String, &str)> =
        versions.filter_map(|(pointer, one)| Some((pointer, one.as_str()?))).collect();
    for (pointer, version) in versions.into_iter().filter(|(_, version)| !is_version(version)) {
        let message = format!("`{version}` cannot be a version");
        let help = "write the name of a tag, or a commit with all its digits";
        found.push(document.diagnostic(Code::INVALID_IMPORT, &pointer, message).help(help));
    }
    if let Some(folder) = text("folder") {
        let inner = has("git") && !is_inner_path(folder.trim_end_matches('/'));
        if inner || folder.chars().any(char::is_control) {
            let message = format!("`{folder}` is no folder of the repository");
            let help = "write its path from the root of the repository, such as `shared/patterns`";
            let pointer = child_pointer(&pointer, "folder");
            found.push(document.diagnostic(Code::INVALID_IMPORT, &pointer, message).help(help));
        }
    }
}

/// Whether a text is an address that leads to a repository and nothing else: no option of git's, and
/// none of the helpers that run programs.
fn is_address(text: &str) -> bool {
    let has_scheme = SCHEMES.iter().any(|scheme| text.starts_with(scheme));
    !text.is_empty()
        && !text.starts_with('-')
        && !text.chars().any(|sign| sign.is_control() || sign == ' ')
        && !text.contains("::")
        && (has_scheme || !text.contains("://"))
}

/// Whether a text can be a tag, a branch or a commit, and is no pattern of several.
fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !text.contains("..")
        && !text.ends_with(['/', '.'])
        && text.chars().all(|sign| sign.is_ascii_alphanumeric() || "._-/+".contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_repositories() {
        for good in [
            "https://git.example/patterns.git",
            "ssh://git@git.example/patterns",
            "git@git.example:team/patterns.git",
            "../patterns",
            "/srv/git/patterns.git",
            "C:/git/patterns",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "-u", "--upload-pack=touch", "ext::sh -c touch", "foo://x", "a b", "fd::7"]
        {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn versions_are_names_without_signs_of_gits_own() {
        for good in ["v1.2.0", "release/2026", "main", "0123abc", "v1+build"] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", "-v1", "--all", "v*", "v1^", "a..b", "HEAD~1", "a b", "a/", "@{u}", "a:b"] {
            assert!(!is_version(bad), "{bad}");
        }
    }
}
