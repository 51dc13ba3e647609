//! How long a text is for a model.

/// About how many tokens a text has: a quarter of its characters, the usual measure for English
/// and for JSON; other scripts have more.
pub fn estimate_tokens(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let others = text.chars().count() - ascii;
    u64::try_from(ascii.div_ceil(4) + others).unwrap_or(u64::MAX)
}
