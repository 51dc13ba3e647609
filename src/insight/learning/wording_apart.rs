//! What several texts have in common, and where they differ, word by word. What stands between the signs of a template
//! is one word.

/// A part of several texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// It is in all of them.
    Same(String),
    /// It is another one in each, in their order.
    Differs(Vec<String>),
}

/// Longer texts are not compared: that would take too long.
const MOST_WORDS: usize = 3_000;

/// The parts of several texts, in order; nothing where they are too long.
pub(super) fn parts(texts: &[&str]) -> Option<Vec<Part>> {
    let words: Vec<Vec<&str>> = texts.iter().map(|text| words(text)).collect();
    if words.iter().any(|words| words.len() > MOST_WORDS) {
        return None;
    }
    let (first, others) = words.split_first()?;
    let mut common = first.clone();
    for other in others {
        common = in_both(&common, other);
    }
    let mut places = vec![0; words.len()];
    let mut found: Vec<Part> = Vec::new();
    for word in common.iter().map(Some).chain([None]) {
        let mut between = Vec::with_capacity(words.len());
        for (text, place) in words.iter().zip(&mut places) {
            let from = *place;
            // What all have in common is in each of them, in this order.
            while *place < text.len() && word.is_none_or(|word| text[*place] != *word) {
                *place += 1;
            }
            between.push(text[from..*place].concat());
            *place += 1;
        }
        if between.iter().any(|text| !text.is_empty()) {
            found.push(Part::Differs(between));
        }
        if let Some(word) = word {
            match found.last_mut() {
                Some(Part::Same(text)) => text.push_str(word),
                _ => found.push(Part::Same((*word).to_owned())),
            }
        }
    }
    Some(joined(found).into_iter().flat_map(trimmed).fold(Vec::new(), with))
}

/// The same parts, where two that are the same and beside each other are one.
fn with(mut parts: Vec<Part>, part: Part) -> Vec<Part> {
    match (parts.last_mut(), part) {
        (Some(Part::Same(before)), Part::Same(text)) => before.push_str(&text),
        (_, Part::Same(text)) if text.is_empty() => {}
        (_, part) => parts.push(part),
    }
    parts
}

/// Without the blanks and signs that all begin and end with.
fn trimmed(part: Part) -> [Part; 3] {
    let nothing = || Part::Same(String::new());
    let Part::Differs(mut values) = part else { return [part, nothing(), nothing()] };
    let (mut before, mut after) = (String::new(), String::new());
    let is_sign = |sign: char| !sign.is_alphanumeric() && !"{}%#".contains(sign);
    while let Some(sign) = values.first().and_then(|value| value.chars().next()) {
        if !is_sign(sign) || !values.iter().all(|value| value.starts_with(sign)) {
            break;
        }
        before.push(sign);
        values.iter_mut().for_each(|value| value.replace_range(..sign.len_utf8(), ""));
    }
    while let Some(sign) = values.first().and_then(|value| value.chars().next_back()) {
        if !is_sign(sign) || !values.iter().all(|value| value.ends_with(sign)) {
            break;
        }
        after.insert(0, sign);
        values.iter_mut().for_each(|value| value.truncate(value.len() - sign.len_utf8()));
    }
    [Part::Same(before), Part::Differs(values), Part::Same(after)]
}

/// Two places that differ and have no word between them are one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    for part in parts {
        let Part::Differs(later) = part else {
            found.push(part);
            continue;
        };
        match found.as_mut_slice() {
            [.., Part::Differs(earlier), Part::Same(between)] if !says_something(between) => {
                for (earlier, later) in earlier.iter_mut().zip(&later) {
                    earlier.push_str(between);
                    earlier.push_str(later);
                }
                found.pop();
            }
            _ => found.push(Part::Differs(later)),
        }
    }
    found
}

fn says_something(text: &str) -> bool {
    text.contains(|letter: char| letter.is_alphanumeric())
}

/// The words of a text, with all that stands between them: together they are the text.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match end_of_template(rest) {
            Some(end) => end,
            None if first.is_alphanumeric() => {
                rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len())
            }
            None => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        found.push(word);
        rest = after;
    }
    found
}

/// Where what a text begins with ends, if that is `{{ … }}`, `{% … %}` or `{# … #}`.
fn end_of_template(text: &str) -> Option<usize> {
    [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find_map(|(begin, end)| {
        let inside = text.strip_prefix(begin)?;
        Some(begin.len() + inside.find(end)? + end.len())
    })
}

/// The longest list of words that is in both, in order.
fn in_both<'t>(one: &[&'t str], other: &[&str]) -> Vec<&'t str> {
    let width = other.len() + 1;
    let mut lengths = vec![0u32; (one.len() + 1) * width];
    for (row, word) in one.iter().enumerate().rev() {
        for (column, against) in other.iter().enumerate().rev() {
            lengths[row * width + column] = match word == against {
                true => lengths[(row + 1) * width + column + 1] + 1,
                false => lengths[(row + 1) * width + column].max(lengths[row * width + column + 1]),
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut common = Vec::new();
    while row < one.len() && column < other.len() {
        if one[row] == other[column] {
            common.push(one[row]);
            (row, column) = (row + 1, column + 1);
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(text: &str) -> Part {
        Part::Same(text.to_owned())
    }

    fn differs(texts: &[&str]) -> Part {
        Part::Differs(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_differs_is_taken_out_in_whole_words() {
        let texts = [
            "Write about green tea for {{ inputs.who }}.",
            "Write about strong black coffee for {{ inputs.who }}.",
            "Write about water for {{ inputs.who }}.",
        ];
        assert_eq!(
            parts(&texts).unwrap(),
            [
                same("Write about "),
                differs(&["green tea", "strong black coffee", "water"]),
                same(" for {{ inputs.who }}.")
            ]
        );
        // Blanks that all have stay outside.
        let texts = ["on green tea for us", "on strong black coffee for us", "on water for us"];
        let apart = differs(&["green tea", "strong black coffee", "water"]);
        assert_eq!(parts(&texts).unwrap(), [same("on "), apart, same(" for us")]);
        assert_eq!(parts(&["a", "a"]).unwrap(), [same("a")]);
        assert_eq!(parts(&["a", "b"]).unwrap(), [differs(&["a", "b"])]);
        assert_eq!(parts(&["", ""]).unwrap(), []);
        assert_eq!(parts(&["one two", "one"]).unwrap(), [same("one"), differs(&[" two", ""])]);
    }

    proptest! {
        #[test]
        fn parts_make_the_texts_again(texts in prop::collection::vec("[abé .{}%]{0,30}", 1..4)) {
            let given: Vec<&str> = texts.iter().map(String::as_str).collect();
            let parts = parts(&given).unwrap();
            for (place, text) in texts.iter().enumerate() {
                let made: String = parts.iter().map(|part| match part {
                    Part::Same(same) => same.as_str(),
                    Part::Differs(texts) => texts[place].as_str(),
                }).collect();
                prop_assert_eq!(&made, text);
            }
        }
    }
}
