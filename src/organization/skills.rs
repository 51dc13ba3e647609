//! How well somebody's skills match those that work asks for.

use std::collections::BTreeSet;

/// What a skill counts at most that is another, but shares words with the one that is asked for.
const MOST_FOR_SHARED_WORDS: usize = 60;

/// How well skills match those required, from 0 to 100: for each that is required the best match
/// counts, and of these the average. Who is asked for nothing matches in full.
pub fn skill_match(required: &[String], skills: &[String]) -> u8 {
    if required.is_empty() {
        return 100;
    }
    let best = |wanted: &String| skills.iter().map(|skill| likeness(wanted, skill)).max();
    let sum: usize = required.iter().map(|wanted| best(wanted).unwrap_or(0)).sum();
    u8::try_from(sum / required.len()).unwrap_or(100)
}

/// 100 for equal skills, case and separators aside; else the share of common words in the longer of
/// the two, of at most 60.
fn likeness(one: &str, other: &str) -> usize {
    let (words, others) = (words(one), words(other));
    let (letters, other_letters) = (words.concat(), others.concat());
    if one == other || (!letters.is_empty() && letters == other_letters) {
        return 100;
    }
    let words: BTreeSet<&String> = words.iter().collect();
    let others: BTreeSet<&String> = others.iter().collect();
    let common = words.intersection(&others).count();
    MOST_FOR_SHARED_WORDS * common / words.len().max(others.len()).max(1)
}

fn words(skill: &str) -> Vec<String> {
    let words = skill.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_match_by_words() {
        for (required, skills, expected) in [
            ("", "anything", 100),
            ("API Design", "api-design", 100),
            ("code review", "CodeReview", 100),
            // One word of two is common.
            ("api design", "database design", 30),
            // One of three in the longer.
            ("design", "garden design course", 20),
            // The same words in another order are not the same skill.
            ("design api", "api design", 60),
            ("sql, testing", "sql", 50),
            ("sql, api design", "sql, web design", 65),
            ("C++", "c", 100),
            ("🎨", "🎼", 0),
            ("🎨", "🎨", 100),
            ("sql", "", 0),
        ] {
            let list = |text: &str| -> Vec<String> {
                text.split(", ").filter(|skill| !skill.is_empty()).map(str::to_owned).collect()
            };
            assert_eq!(
                skill_match(&list(required), &list(skills)),
                expected,
                "{required}: {skills}"
            );
        }
    }
}
