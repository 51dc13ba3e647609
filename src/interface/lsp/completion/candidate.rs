//! One thing that can be written at the cursor.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat,
    MarkupContent, MarkupKind, Range, TextEdit,
};

/// One thing that can be written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What is shown, and what is compared with the letters that are there.
    pub(super) label: String,
    /// What kind of thing it is.
    pub(super) kind: CompletionItemKind,
    /// A few words beside it.
    pub(super) detail: Option<String>,
    /// What there is to know of it, in Markdown.
    pub(super) documentation: Option<String>,
    /// What is written.
    pub(super) text: String,
    /// What is written where the editor lets places be filled in.
    pub(super) snippet: Option<String>,
    /// Whether it stands before others.
    pub(super) rank: Rank,
}

/// What stands before what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What must be there.
    Required,
    /// What may be there.
    Usual,
    /// What seldom is.
    Rare,
}

impl Candidate {
    /// Something that is written as it is called.
    pub(super) fn new(label: impl Into<String>, kind: CompletionItemKind) -> Candidate {
        let label = label.into();
        Candidate {
            text: label.clone(),
            label,
            kind,
            detail: None,
            documentation: None,
            snippet: None,
            rank: Rank::Usual,
        }
    }

    #[must_use]
    pub(super) fn detail(mut self, detail: impl Into<String>) -> Candidate {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub(super) fn documentation(mut self, text: Option<impl Into<String>>) -> Candidate {
        self.documentation = text.map(Into::into);
        self
    }

    #[must_use]
    pub(super) fn text(mut self, text: impl Into<String>) -> Candidate {
        self.text = text.into();
        self
    }

    /// The same as a key, behind which something follows.
    #[must_use]
    pub(super) fn into_key(self) -> Candidate {
        let text = format!("{}: ", self.text);
        Candidate { kind: CompletionItemKind::PROPERTY, text, ..self }
    }

    #[must_use]
    pub(super) fn snippet(mut self, snippet: impl Into<String>) -> Candidate {
        self.snippet = Some(snippet.into());
        self
    }

    #[must_use]
    pub(super) fn rank(mut self, rank: Rank) -> Candidate {
        self.rank = rank;
        self
    }

    /// The candidate as the protocol has it, in the place of the letters that are there.
    pub(super) fn item(self, range: Range, place: usize, takes_snippets: bool) -> CompletionItem {
        let snippet = self.snippet.filter(|_| takes_snippets);
        let format = snippet.is_some().then_some(InsertTextFormat::SNIPPET);
        let edit = TextEdit::new(range, snippet.unwrap_or(self.text));
        CompletionItem {
            sort_text: Some(format!("{}{place:04}", self.rank as u8)),
            label: self.label,
            kind: Some(self.kind),
            detail: self.detail,
            documentation: self.documentation.map(|value| {
                Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
            }),
            insert_text_format: format,
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        }
    }
}
