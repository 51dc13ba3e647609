//! Texts made shorter and compared as people mean them.

/// A text on one line in at most so many characters; what is too long ends behind a whole word, with an
/// ellipsis.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut short = String::new();
    for word in line.split(' ') {
        // The blank before the word, and the ellipsis with its own.
        let needed = short.chars().count() + usize::from(!short.is_empty()) + word.chars().count();
        if needed + 2 > most {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    match short.is_empty() {
        // A word that is longer than all there is room for says nothing in part.
        true => "…".to_owned(),
        false => format!("{short} …"),
    }
}

/// What two texts must have in common to say the same: words, whatever the case, the blanks and the
/// signs at their ends.
pub(super) fn gist(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.to_lowercase()
    });
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // Of signs alone each says something else.
    if words.is_empty() { text.trim().to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stay_whole() {
        assert_eq!(shortened("Auth0 provides\n  features", 40), "Auth0 provides features");
        assert_eq!(shortened("Auth0 provides features", 20), "Auth0 provides …");
        assert_eq!(shortened("Donaudampfschifffahrt", 10), "…");
        assert_eq!(shortened("", 10), "");
    }

    #[test]
    fn what_is_meant_is_the_same() {
        assert_eq!(gist("Auth0 is  best."), gist("auth0 is best"));
        assert_ne!(gist("Auth0 is best"), gist("Auth0 is good"));
        assert_ne!(gist("🎨"), gist("🎼"));
    }

    proptest! {
        #[test]
        fn no_word_is_cut(text in "[a-z é]{0,60}", most in 1usize..40) {
            let short = shortened(&text, most);
            prop_assert!(short.chars().count() <= most);
            let words: Vec<&str> = text.split_whitespace().collect();
            for (place, word) in short.split(' ').filter(|w| !w.is_empty()).enumerate() {
                prop_assert!(word == "…" || words.get(place) == Some(&word));
            }
        }
    }
}
