//! How wide text is on a terminal: wide characters take two columns, marks that combine take none.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The columns that a character takes; control characters take none.
pub(super) fn columns_of(character: char) -> usize {
    character.width().unwrap_or_default()
}

/// A text with spaces behind it, so that it takes at least so many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// A text of at most so many columns on one line, with an ellipsis where it was cut.
pub(super) fn shortened(text: &str, width: usize) -> String {
    let line = one_line(text);
    if columns(&line) <= width {
        return line;
    }
    let mut taken = 0;
    let mut short: String = line
        .chars()
        .take_while(|character| {
            taken += columns_of(*character);
            taken < width
        })
        .collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A text with every gap between words, line ends too, as one space.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// A text broken between words into lines of at most so many columns. A word that is wider has a
/// line of its own.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!((columns("tea"), columns("お茶"), columns("e\u{301}")), (3, 4, 1));
        assert_eq!(padded("お茶", 6), "お茶  ");
    }

    #[test]
    fn what_is_too_long_is_cut() {
        for (text, width, short) in [
            ("a few words", 20, "a few words"),
            ("a few\n  words", 20, "a few words"),
            ("a few words", 7, "a few…"),
            ("お茶とコーヒー", 7, "お茶と…"),
            ("", 3, ""),
        ] {
            assert_eq!(shortened(text, width), short);
            assert!(columns(&shortened(text, width)) <= width);
        }
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensibilities of it", 8), ["incomprehensibilities", "of it"]);
        assert_eq!(wrapped("  ", 8), [""; 0]);
    }
}
