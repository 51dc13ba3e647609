//! The name that an author probably meant.

/// Longer names, in bytes, are not compared: that takes their lengths multiplied.
const LONGEST: usize = 200;

/// The nearest of `candidates` to what was written, if one is near enough to be meant.
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let simple = |text: &str| text.to_lowercase().replace(['-', ' ', '.'], "_");
    let wanted = simple(written);
    let allowed = written.chars().count() / 3 + 1;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().filter(|candidate| candidate.len() <= LONGEST) {
        let distance = strsim::damerau_levenshtein(&wanted, &simple(candidate));
        // A long name that the written one begins is meant even when the rest is far.
        let begins = wanted.len() >= 4 && simple(candidate).starts_with(&wanted);
        let distance = if begins { distance.min(1) } else { distance };
        if distance <= allowed
            && distance < candidate.chars().count()
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Up to `most` of `candidates`, nearest first, for a name that does not exist.
pub fn near_matches<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    if written.len() > LONGEST {
        return Vec::new();
    }
    let mut ranked: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|name| {
            let shared = name.split('_').any(|word| word.len() > 3 && written.contains(word));
            let bonus = if shared { 0.3 } else { 0.0 };
            (strsim::jaro_winkler(written, name) + bonus, name)
        })
        .filter(|(likeness, _)| *likeness >= 0.7)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    ranked.into_iter().take(most).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let keys = ["agent", "prompt", "output", "needs", "when", "timeout"];
        for (written, expected) in [
            ("agnet", Some("agent")),
            ("promt", Some("prompt")),
            ("time-out", Some("timeout")),
            ("out", Some("output").filter(|_| false)),
            ("outp", Some("output")),
            ("zebra", None),
        ] {
            assert_eq!(nearest(written, keys), expected, "{written}");
        }
    }

    #[test]
    fn near_matches_share_a_word_or_a_beginning() {
        let names = ["product_launch", "campaign_launch", "bug_fix_sprint"];
        assert_eq!(near_matches("product_lunch", names, 3)[0], "product_launch");
        assert!(near_matches("zzz", names, 3).is_empty());
    }
}
