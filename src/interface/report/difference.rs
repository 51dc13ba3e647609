//! How two texts differ, as a unified diff (similar's only home).

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::paint::Paint;

/// The unified diff of a file, with three lines of context; empty where nothing differs.
pub fn unified_diff(name: &str, before: &str, after: &str, paint: Paint) -> String {
    let hunks = hunks(before, after, paint);
    if hunks.is_empty() {
        return hunks;
    }
    let name = name.trim_start_matches("./");
    format!("{}\n{hunks}", paint.bold(&format!("--- a/{name}\n+++ b/{name}")))
}

/// The parts of two texts that differ, without the names of files before them.
pub(super) fn hunks(before: &str, after: &str, paint: Paint) -> String {
    let difference = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for hunk in difference.unified_diff().context_radius(3).iter_hunks() {
        let _ = writeln!(text, "{}", paint.dim(&hunk.header().to_string()));
        for change in hunk.iter_changes() {
            let line = format!("{}{}", change.tag(), change.value().trim_end_matches('\n'));
            let line = match change.tag() {
                ChangeTag::Delete => paint.bad(&line),
                ChangeTag::Insert => paint.good(&line),
                ChangeTag::Equal => line,
            };
            text.push_str(&line);
            text.push('\n');
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_that_patch_takes() {
        let paint = Paint { colour: false };
        let diff = unified_diff("./a.yaml", "a\nb\nc", "a\nB\nc", paint);
        let expected = "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n\\ No newline at end of file\n";
        assert_eq!(diff, expected);
        assert_eq!(unified_diff("a", "same\n", "same\n", paint), "");
    }
}
