//! How wide text is in a picture. The reader's fonts are not known, so letters are measured a
//! little wider than common sans-serif fonts have them.

use crate::interface::report::width::{columns_of, one_line};

/// The letters in which something is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letters {
    /// The size of the font, in the units of the picture.
    size: f64,
    /// How much wider they are than plain ones.
    weight: f64,
}

/// Names of tasks and waves: bold.
pub(super) const NAMES: Letters = Letters { size: 13.0, weight: 1.13 };

/// Everything else.
pub(super) const SMALL: Letters = Letters { size: 11.0, weight: 1.0 };

/// A difference that nobody sees.
const TOLERANCE: f64 = 0.5;

/// How wide a text is.
pub(super) fn text_width(text: &str, letters: Letters) -> f64 {
    text.chars().map(letter_width).sum::<f64>() * letters.size * letters.weight
}

/// A text of at most this width on one line, with an ellipsis where it was cut.
pub(super) fn fitted(text: &str, letters: Letters, width: f64) -> String {
    let line = one_line(text);
    if text_width(&line, letters) <= width + TOLERANCE {
        return line;
    }
    let room = width - text_width("…", letters);
    let mut taken = 0.0;
    let kept = line.chars().take_while(|letter| {
        taken += letter_width(*letter) * letters.size * letters.weight;
        taken <= room
    });
    let mut short: String = kept.collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// The width of a letter as a share of the size of its font.
fn letter_width(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.32,
        'f' | 'r' | 't' | ' ' | '(' | ')' | '[' | ']' | '/' | '-' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.95,
        'A'..='Z' => 0.72,
        _ if letter.is_ascii() => 0.6,
        _ => match columns_of(letter) {
            0 => 0.0,
            1 => 0.68,
            _ => 1.05,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_where_it_does_not_fit() {
        assert_eq!(fitted("market", SMALL, 100.0), "market");
        let cut = fitted("a very long name of a task", SMALL, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, SMALL) <= 60.0, "{cut}");
        let wide = fitted("市場調査とその結果", SMALL, 60.0);
        assert!(wide.ends_with('…') && wide.chars().count() < 6, "{wide}");
    }
}
