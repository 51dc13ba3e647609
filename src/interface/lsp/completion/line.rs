//! The parts of one line: a dash, a key, properties, a comment.

/// What stands behind a dash that begins an item.
pub(super) fn dash(content: &str) -> Option<&str> {
    let rest = content.strip_prefix('-')?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

/// The key of a line and what stands behind its colon.
pub(super) fn split_key(content: &str) -> Option<(String, &str)> {
    let quote = content.chars().next().filter(|first| "\"'".contains(*first));
    if let Some(quote) = quote {
        let end = content[1..].find(quote)? + 1;
        let rest = content[end + 1..].trim_start().strip_prefix(':')?;
        return ends_key(rest).then(|| (content[1..end].to_owned(), rest));
    }
    if content.starts_with(['[', '{', '|', '>', '#', '&', '*', '!', '%', '@']) {
        return None;
    }
    let colon = content.match_indices(':').find(|(at, _)| ends_key(&content[at + 1..]))?.0;
    Some((content[..colon].trim_end().to_owned(), &content[colon + 1..]))
}

fn ends_key(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(' ')
}

/// A value without anchor and tag.
pub(super) fn without_properties(mut value: &str) -> &str {
    while value.starts_with(['&', '!']) {
        value = value.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    value
}

/// Whether the cursor stands behind a `#` that begins a comment.
pub(super) fn has_comment(content: &str) -> bool {
    content.starts_with('#')
        || content.match_indices(" #").any(|(at, _)| {
            // In quotes it is a character.
            let before = &content[..at];
            let is_open = |quote| before.matches(quote).count() % 2 == 1;
            !is_open('"') && !is_open('\'')
        })
}
