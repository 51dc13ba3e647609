//! What the patterns of the built-in library say of themselves at their top, without reading the documents: a run has to
//! know what there is, and begins in milliseconds. Our own files are written so that their lines can be read one by one;
//! a test holds this against what the documents say.

use super::builtin::{Builtin, builtins};

/// What a pattern or pipeline of the built-in library says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuiltinHeader {
    /// The name by which it is run.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The field it belongs to.
    pub category: Option<&'static str>,
    /// How much orchestration it is, as written.
    pub tier: Option<u8>,
    /// Whether it names requests that it is for: what does not may be a part of others.
    pub has_requests: bool,
    /// Whether it is a pipeline.
    pub is_pipeline: bool,
    /// The name of its team.
    pub team: Option<&'static str>,
    /// What its team is there for, where it is written in the pattern.
    pub team_purpose: Option<&'static str>,
    /// Whether its team is written in the pattern.
    pub has_own_team: bool,
}

/// What the patterns and pipelines of the built-in library say of themselves, sorted by path.
pub fn builtin_headers() -> impl Iterator<Item = BuiltinHeader> {
    builtins().iter().filter_map(header_of)
}

fn header_of(builtin: &Builtin) -> Option<BuiltinHeader> {
    let mut header = BuiltinHeader { name: builtin.name, ..BuiltinHeader::default() };
    let mut section = "";
    let mut is_pattern = false;
    for line in builtin.text.lines() {
        if let Some((key, value)) = entry(line) {
            section = key;
            is_pattern |= key == "pattern";
            header.is_pipeline |= key == "pipeline";
            if key == "team" && !value.is_empty() {
                header.team = Some(value);
            }
            continue;
        }
        let Some((key, value)) = line.strip_prefix("  ").and_then(entry) else { continue };
        match (section, key) {
            ("pattern" | "pipeline", "summary") => header.summary = value.trim_matches('"'),
            ("pattern" | "pipeline", "category") => header.category = Some(value),
            ("pattern" | "pipeline", "tier") => header.tier = value.parse().ok(),
            ("pattern" | "pipeline", "requests") => header.has_requests = true,
            ("team", "name") => (header.team, header.has_own_team) = (Some(value), true),
            ("team", "purpose") => header.team_purpose = Some(value.trim_matches('"')),
            _ => {}
        }
    }
    (is_pattern || header.is_pipeline).then_some(header)
}

/// The key and the value of a line that begins with a key.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_key && !key.is_empty()).then(|| (key, value.trim()))
}
