//! Paths as they stand in URIs (RFC 3986, section 3.3).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but the unreserved characters and the slash between names.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A path, with slashes between its names, as URIs write it.
pub(super) fn encode(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

/// The path that a URI writes so. A percent sign that begins no escape stands for itself.
pub(super) fn decode(written: &str) -> String {
    percent_decode_str(written).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, written: &str) {
        assert_eq!(encode(path), written);
        assert_eq!(decode(written), path);
    }

    #[test]
    fn only_unreserved_characters_and_slashes_stand_as_they_are() {
        check("/a-b._~/C9", "/a-b._~/C9");
        check("a b/c:d@e?#[%].yaml", "a%20b/c%3Ad%40e%3F%23%5B%25%5D.yaml");
        check("über/作者.yaml", "%C3%BCber/%E4%BD%9C%E8%80%85.yaml");
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        assert_eq!(decode("100%/%zz/%c3%a9"), "100%/%zz/é");
    }
}
