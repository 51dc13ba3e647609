//! How long a text is for a model.

/// From here on (CJK radicals) a character is about a token.
const IDEOGRAPHS: char = '\u{2e80}';

/// About how many tokens a text has: a quarter of its characters, the usual measure for English
/// and for JSON; other alphabets have half as many as characters, Chinese, Japanese and Korean as
/// many.
pub fn estimate_tokens(text: &str) -> u64 {
    // Most prompts are nothing else, and each is measured several times.
    if text.is_ascii() {
        return u64::try_from(text.len().div_ceil(4)).unwrap_or(u64::MAX);
    }
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let others = text.chars().filter(|c| !c.is_ascii() && *c < IDEOGRAPHS).count();
    let ideographs = text.chars().filter(|c| *c >= IDEOGRAPHS).count();
    u64::try_from(ascii.div_ceil(4) + others.div_ceil(2) + ideographs).unwrap_or(u64::MAX)
}

/// How many tokens a text has at the very least, whatever the tokenizer: twice as many characters
/// to a token as the tokenizers of large vocabularies reach, and a row of one and the same
/// character counts as one.
pub fn least_tokens(text: &str) -> u64 {
    let mut before = None;
    let mut distinct = 0u64;
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        distinct += u64::from(before != Some(c));
        before = Some(c);
    }
    distinct / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_measured_apart() {
        let check = |text: &str, about: u64, least: u64| {
            assert_eq!((estimate_tokens(text), least_tokens(text)), (about, least), "{text}");
        };
        check("", 0, 0);
        check("Write about tea in two words", 7, 2);
        check("чай и кофе", 5, 1);
        check("茶について", 5, 0);
        check(&"-".repeat(400), 100, 0);
    }
}
