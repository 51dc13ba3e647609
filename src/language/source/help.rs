//! What to do about each kind of mistake.

use super::error::SyntaxErrorKind;
use super::limits::{MAX_DEPTH, MAX_SOURCE_BYTES};

/// How many names a list in a message has.
const SHOWN_NAMES: usize = 8;

impl SyntaxErrorKind {
    /// What to do about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Yaml { help, .. } => return help.map(str::to_owned),
            Self::SourceTooLarge { .. } => {
                let limit = MAX_SOURCE_BYTES / (1024 * 1024);
                format!("split it into files of at most {limit} MiB")
            }
            Self::EmptyDocument => "write a document into it, or delete it".into(),
            Self::SeveralDocuments => "put each document into a file of its own".into(),
            Self::TooManyNodes => "split the document into several files".into(),
            Self::NestingTooDeep => format!("{MAX_DEPTH} levels are allowed"),
            Self::DuplicateKey { key } if key == "<<" => {
                "merge several mappings with one list: `<<: [*one, *two]`".into()
            }
            Self::DuplicateKey { .. } => "remove or rename one of the two".into(),
            Self::MissingKey => {
                "write a key before the colon, or quote the text that starts with it".into()
            }
            Self::UnquotedTemplate => {
                "put quotes around it: YAML takes its braces for mappings".into()
            }
            Self::ComplexKey { .. } => "write the key as text".into(),
            Self::KeyTooLong { .. } => "shorten it, or make it a value".into(),
            Self::UnknownAnchor { name, known } => return unknown_anchor(name, known),
            Self::AliasCycle { .. } => "write the content out instead of the alias".into(),
            Self::AliasExpansionTooLarge => {
                "use fewer aliases of aliases, or write the content out".into()
            }
            Self::MergeCycle { .. } => "remove the alias from `<<`".into(),
            Self::MergeTooDeep => "merge the first mappings directly".into(),
            Self::MergeNotAMapping { .. } => {
                "write `<<: *name` with the alias of a mapping, or a list of such aliases".into()
            }
            Self::UnknownTag { .. } => {
                "remove it; the known tags are !!str, !!int, !!float, !!bool, !!null, !!seq and \
                 !!map"
                    .into()
            }
            Self::WrongTag { .. } => "remove the tag or change the value".into(),
            Self::NotANumber { .. } => "write a finite number, or quote it if it is text".into(),
            Self::NumberTooLarge { .. } => {
                "quote it if it is text, such as an id: it would be rounded".into()
            }
            Self::TooManyErrors { .. } => "correct the first ones and try again".into(),
        };
        Some(help)
    }
}

fn unknown_anchor(name: &str, known: &[String]) -> Option<String> {
    if let Some(shorter) = name.strip_suffix(':')
        && known.iter().any(|known| known == shorter)
    {
        return Some(format!(
            "put a blank before the colon, which counts to the name: `*{shorter} :`"
        ));
    }
    if known.is_empty() {
        return Some("define the anchor before it, or quote text that starts with `*`".into());
    }
    let names: Vec<_> = known.iter().take(SHOWN_NAMES).map(|name| format!("`{name}`")).collect();
    let more = if known.len() > SHOWN_NAMES { ", …" } else { "" };
    let names = names.join(", ");
    Some(format!("the anchors before it are {names}{more}"))
}
