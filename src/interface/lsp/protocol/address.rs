//! `file:` addresses and the paths that they stand for (RFC 8089).

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

use crate::interface::uri_path;

/// The path of a file; an address of another kind stands for itself, as a name that no file has.
pub(in crate::interface::lsp) fn path_of(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(rest) = text.strip_prefix("file://") else {
        return PathBuf::from(text);
    };
    // An authority, if there is one, is a machine, and we read files of this one.
    let path = rest.find('/').map_or(rest, |slash| &rest[slash..]);
    let decoded = uri_path::decode(path);
    PathBuf::from(without_slash_before_drive(&decoded))
}

/// The address of a path.
pub(in crate::interface::lsp) fn uri_of(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    if !text.starts_with('/') && text.get(1..3) != Some(":/") {
        // A name that stands for itself.
        return Uri::from_str(&text).ok();
    }
    let mut uri = String::from("file://");
    if !text.starts_with('/') {
        uri.push('/');
    }
    uri.push_str(&uri_path::encode(&text));
    Uri::from_str(&uri).ok()
}

/// `/c:/folder` is `c:/folder`.
fn without_slash_before_drive(path: &str) -> &str {
    let mut start = path.chars();
    let is_drive = start.next() == Some('/')
        && start.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && start.next() == Some(':');
    if is_drive { &path[1..] } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, path: &str, back: &str) {
        let parsed = Uri::from_str(uri).unwrap();
        assert_eq!(path_of(&parsed), PathBuf::from(path), "{uri}");
        assert_eq!(uri_of(Path::new(path)).unwrap().as_str(), back, "{path}");
    }

    #[test]
    fn addresses_stand_for_paths() {
        check("file:///a/b.yaml", "/a/b.yaml", "file:///a/b.yaml");
        check("file://host/a.yaml", "/a.yaml", "file:///a.yaml");
        check("file:///a%20b/%C3%A9.yaml", "/a b/é.yaml", "file:///a%20b/%C3%A9.yaml");
        check("file:///c%3A/x.yaml", "c:/x.yaml", "file:///c%3A/x.yaml");
        check("file:///100%25", "/100%", "file:///100%25");
    }

    #[test]
    fn other_addresses_stand_for_themselves() {
        check("untitled:Untitled-1", "untitled:Untitled-1", "untitled:Untitled-1");
    }
}
