//! Invented answers: readable, clearly marked, and about what was asked.

use super::dice::Dice;

/// How much of a question is quoted, in characters.
const QUOTED: usize = 72;

const SENTENCES: &[&str] = &[
    "Three points stand out, and the first carries most of the weight.",
    "The material supports this view in most places and is silent in the rest.",
    "Two of the assumptions should be checked before anything is decided.",
    "The strongest argument rests on the figures of the last two quarters.",
    "A smaller first step would show early whether the direction is right.",
    "Cost and time pull in opposite directions here, and time matters more.",
    "The risks are known and can be kept small with one review each week.",
    "What is missing is a clear owner for the last part of the work.",
    "The people concerned agree on the goal and differ on the order of steps.",
    "An alternative exists, but it needs more preparation than it saves.",
    "The next step follows from this without further questions.",
    "Everything else depends on how quickly the first results arrive.",
    "The dependencies are few, so most of the work can go on side by side.",
    "A short list of measures would make progress visible to everyone.",
    "The effect is largest where the present process is slowest.",
    "Nothing in the request rules this out, and two remarks speak for it.",
    "The open question is whether the present capacity is enough.",
    "In the end the simpler of the two options is also the safer one.",
    "It helps to settle the interfaces first and the details afterwards.",
    "The earlier findings fit together, with one exception that is minor.",
    "Quality and speed can both be had if the scope stays as it is.",
    "Feedback from the first users should decide about the rest.",
    "The budget allows for one more round before the date is at risk.",
    "Each part can be undone on its own, which keeps mistakes cheap.",
];

/// Three to six sentences: the first says that the answer is simulated and what was asked.
pub(super) fn answer(question: &str, dice: &mut Dice) -> String {
    let mut text = opening("Simulated answer", question);
    let mut left: Vec<&str> = SENTENCES.to_vec();
    for _ in 0..2 + dice.below(4) {
        #[expect(clippy::cast_possible_truncation, reason = "below the list's length")]
        let place = dice.below(left.len() as u64) as usize;
        text.push(' ');
        text.push_str(left.swap_remove(place));
    }
    text
}

/// What a thinking model thinks first.
pub(super) fn thought(question: &str, dice: &mut Dice) -> String {
    let mut text = opening("Simulated thinking", question);
    text.push(' ');
    let sentence: &&str = dice.pick(SENTENCES);
    text.push_str(sentence);
    text
}

fn opening(kind: &str, question: &str) -> String {
    if question.is_empty() {
        format!("{kind}.")
    } else {
        format!("{kind} to \"{}\".", shortened(question))
    }
}

/// The start of a text, cut at a blank where there is one.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(QUOTED) else {
        return text.trim_end_matches(['.', ':']).to_owned();
    };
    let start = &text[..end];
    let cut = start.rfind(' ').filter(|place| *place > end / 2).unwrap_or(end);
    format!("{}…", start[..cut].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_marked_and_short() {
        for seed in 0..100 {
            let text = answer("Analyse the market for tea:", &mut Dice::from_seed(seed));
            assert!(
                text.starts_with("Simulated answer to \"Analyse the market for tea\". "),
                "{text}"
            );
            let sentences = text.matches(". ").count() + 1;
            assert!((3..=6).contains(&sentences), "{text}");
        }
        assert!(answer("", &mut Dice::from_seed(1)).starts_with("Simulated answer. "));
    }

    #[test]
    fn long_questions_are_shortened() {
        assert_eq!(shortened(&"word ".repeat(40)), format!("{}…", ["word"; 14].join(" ")));
        assert_eq!(shortened(&"é".repeat(100)), format!("{}…", "é".repeat(72)));
        assert_eq!(shortened("short."), "short");
    }
}
