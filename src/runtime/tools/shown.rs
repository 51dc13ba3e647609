//! What comes of a tool, and how much of it a model is shown.

use serde_json::Value;

/// What came of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::runtime) struct ToolResult {
    /// What it gave, in words, or what went wrong.
    pub(in crate::runtime) text: String,
    /// What it gave, in form, where it did that too.
    pub(in crate::runtime) form: Option<Value>,
    /// How it ended.
    pub(in crate::runtime) ending: ToolEnding,
}

/// How the use of a tool ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runtime) enum ToolEnding {
    /// With a result.
    Given,
    /// The tool, or who was to use it, says that it failed.
    Failed,
    /// It was done, and its result cannot be taken.
    Unusable,
    /// Nobody knows whether it was done.
    Unknown,
}

impl ToolResult {
    /// What a tool gave.
    pub(super) fn given(text: impl Into<String>) -> ToolResult {
        ToolResult { text: text.into(), form: None, ending: ToolEnding::Given }
    }

    /// What went wrong with it.
    pub(in crate::runtime) fn failed(text: impl Into<String>) -> ToolResult {
        ToolResult { text: text.into(), form: None, ending: ToolEnding::Failed }
    }

    /// Why its result cannot be taken.
    pub(super) fn unusable(text: impl Into<String>) -> ToolResult {
        ToolResult { text: text.into(), form: None, ending: ToolEnding::Unusable }
    }

    /// Why nobody knows what became of it.
    pub(super) fn unknown(text: impl Into<String>) -> ToolResult {
        ToolResult { text: text.into(), form: None, ending: ToolEnding::Unknown }
    }

    /// Whether it gave nothing.
    pub(in crate::runtime) fn is_failure(&self) -> bool {
        self.ending != ToolEnding::Given
    }

    /// With so many characters at most; the cut is marked.
    pub(in crate::runtime) fn cut_to(self, most: u32) -> ToolResult {
        let count = self.text.chars().count();
        let most = most as usize;
        if count <= most {
            return self;
        }
        let kept: String = self.text.chars().take(most).collect();
        let text = format!("{kept}\n[cut here: {most} of {count} characters are shown]");
        ToolResult { text, ..self }
    }

    /// With so many characters at most, half of them from the end; the cut is marked.
    pub(super) fn cut_in_the_middle_to(self, most: u32) -> ToolResult {
        let count = self.text.chars().count();
        let most = most as usize;
        if count <= most {
            return self;
        }
        let beginning: String = self.text.chars().take(most - most / 2).collect();
        let end: String = self.text.chars().skip(count - most / 2).collect();
        let mark = format!("[cut here: {most} of {count} characters are shown]");
        ToolResult { text: format!("{beginning}\n{mark}\n{end}"), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_marked() {
        let long = ToolResult::given("äöü".repeat(100)).cut_to(3);
        assert_eq!(long.text, "äöü\n[cut here: 3 of 300 characters are shown]");
        assert_eq!(ToolResult::failed("äöü").cut_to(3), ToolResult::failed("äöü"));
        let long = ToolResult::given("äöü".repeat(100)).cut_in_the_middle_to(3);
        assert_eq!(long.text, "äö\n[cut here: 3 of 300 characters are shown]\nü");
        let short = ToolResult::failed("äöü");
        assert_eq!(short.clone().cut_in_the_middle_to(3), short);
    }
}
