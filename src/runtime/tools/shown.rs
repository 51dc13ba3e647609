//! What the model is shown of a tool's result.

/// What came of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::runtime) struct ToolResult {
    /// What the model is shown.
    pub(in crate::runtime) text: String,
    /// Whether that says what went wrong.
    pub(in crate::runtime) failed: bool,
}

impl ToolResult {
    /// What a tool gave.
    pub(super) fn given(text: impl Into<String>) -> ToolResult {
        ToolResult { text: text.into(), failed: false }
    }

    /// What went wrong with it.
    pub(in crate::runtime) fn failed(text: impl Into<String>) -> ToolResult {
        ToolResult { text: text.into(), failed: true }
    }

    /// With so many characters at most; the cut is marked.
    pub(super) fn cut_to(self, most: u32) -> ToolResult {
        let count = self.text.chars().count();
        let most = most as usize;
        if count <= most {
            return self;
        }
        let kept: String = self.text.chars().take(most).collect();
        let text = format!("{kept}\n[cut here: {most} of {count} characters are shown]");
        ToolResult { text, ..self }
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
    }
}
