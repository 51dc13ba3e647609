//! Model names: `[host/][namespace/]model[:tag]`, looked up without regard to case.

use std::fmt;

const HOST: &str = "registry.ollama.ai";
const NAMESPACE: &str = "library";
const TAG: &str = "latest";

/// A name that may be that of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelName {
    host: String,
    namespace: String,
    model: String,
    tag: String,
}

/// Why a text is no model's name. The client's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameError {
    /// There is no text.
    Empty,
    /// A part is empty, too long, or has a character that none may have.
    Invalid,
}

impl ModelName {
    /// Reads a name; what is left out gets its default.
    pub(super) fn parse(text: &str) -> Result<ModelName, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let local = strip_suffix_ignoring_case(text, ":local").unwrap_or(text);
        let (path, tag) = match local.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, tag),
            _ => (local, TAG),
        };
        let mut parts = path.rsplitn(3, '/');
        let name = ModelName {
            model: parts.next().unwrap_or_default().to_owned(),
            namespace: parts.next().unwrap_or(NAMESPACE).to_owned(),
            host: parts.next().unwrap_or(HOST).to_owned(),
            tag: tag.to_owned(),
        };
        let valid = is_part(&name.host, 350)
            && is_part(&name.namespace, 80)
            && is_part(&name.model, 80)
            && is_part(&name.tag, 80);
        // `x:cloud:local` asks for two opposite things.
        if valid && !(local.len() < text.len() && name.is_cloud()) {
            Ok(name)
        } else {
            Err(NameError::Invalid)
        }
    }

    /// What names of the same model have in common: all parts, in lower case.
    pub(super) fn key(&self) -> String {
        let mut key = self.to_string();
        key.make_ascii_lowercase();
        key
    }

    /// The name with host and namespace, as errors about capabilities give it.
    pub(super) fn full(&self) -> String {
        format!("{}/{}/{}:{}", self.host, self.namespace, self.model, self.tag)
    }

    /// Whether the name asks for a model of the cloud.
    pub(super) fn is_cloud(&self) -> bool {
        self.tag.eq_ignore_ascii_case("cloud")
            || strip_suffix_ignoring_case(&self.tag, "-cloud").is_some()
    }
}

/// The short form with its tag, as `/api/tags` gives it.
impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = !self.host.eq_ignore_ascii_case(HOST);
        if host {
            write!(f, "{}/", self.host)?;
        }
        if host || !self.namespace.eq_ignore_ascii_case(NAMESPACE) {
            write!(f, "{}/", self.namespace)?;
        }
        write!(f, "{}:{}", self.model, self.tag)
    }
}

/// The key of a name as it stands in a profile: any text is good enough to be compared.
pub(super) fn key_of(text: &str) -> String {
    ModelName::parse(text).map_or_else(|_| text.to_ascii_lowercase(), |name| name.key())
}

fn is_part(part: &str, longest: usize) -> bool {
    (1..=longest).contains(&part.len())
        && part.chars().enumerate().all(|(place, character)| {
            character.is_ascii_alphanumeric()
                || (place > 0 && matches!(character, '-' | '_' | '.'))
                || (place == 0 && character == '_')
                || (longest > 80 && character == ':')
        })
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let cut = text.len().checked_sub(suffix.len())?;
    let (head, tail) = text.split_at_checked(cut)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, short: &str, full: &str) {
        let name = ModelName::parse(text).unwrap();
        assert_eq!((name.to_string(), name.full()), (short.into(), full.into()), "{text}");
    }

    #[test]
    fn parts_have_defaults() {
        check("tiny", "tiny:latest", "registry.ollama.ai/library/tiny:latest");
        check("llama3.1:8b", "llama3.1:8b", "registry.ollama.ai/library/llama3.1:8b");
        check("me/x:1", "me/x:1", "registry.ollama.ai/me/x:1");
        check("h.io:80/me/x", "h.io:80/me/x:latest", "h.io:80/me/x:latest");
        check("x:1:local", "x:1", "registry.ollama.ai/library/x:1");
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(key_of("LLaMA3.1:8B"), key_of("llama3.1:8b"));
        assert_eq!(key_of("tiny"), key_of("Tiny:LATEST"));
        assert_ne!(key_of("tiny"), key_of("tiny:1b"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!(ModelName::parse(""), Err(NameError::Empty));
        for text in ["a b", "x:", ":8b", "/x", "x!y", "-x", "x:cloud:local", &"x".repeat(81)] {
            assert_eq!(ModelName::parse(text), Err(NameError::Invalid), "{text}");
        }
    }

    #[test]
    fn knows_the_cloud() {
        assert!(ModelName::parse("gpt-oss:120b-cloud").unwrap().is_cloud());
        assert!(ModelName::parse("kimi:cloud").unwrap().is_cloud());
        assert!(!ModelName::parse("cloud").unwrap().is_cloud());
    }
}
