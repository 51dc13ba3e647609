//! Invented vectors: texts with words in common are near to each other.

use super::dice::Dice;
use crate::language::digest::FullHash;

/// The vector of a text, of length 1: the sum of its words' vectors. `wanted` cuts it to fewer
/// numbers, where it is not 0.
pub(super) fn vector(text: &str, length: usize, wanted: usize) -> Vec<f32> {
    let mut sum = vec![0f64; length];
    let lower = text.to_lowercase();
    for word in
        lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
    {
        add(&mut sum, word);
    }
    // What has no words still has a direction.
    add(&mut sum, "");
    if wanted > 0 {
        sum.truncate(wanted);
    }
    let norm = sum.iter().map(|number| number * number).sum::<f64>().sqrt();
    sum.iter()
        .map(|number| {
            #[expect(clippy::cast_possible_truncation, reason = "vectors have 32 bits")]
            let short = (number / norm) as f32;
            short
        })
        .collect()
}

fn add(sum: &mut [f64], word: &str) {
    let mut dice = Dice::from_hash(FullHash::of(word.as_bytes()));
    for number in sum {
        *number += dice.share() - 0.5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, two: &str) -> f32 {
        let (one, two) = (vector(one, 768, 0), vector(two, 768, 0));
        one.iter().zip(&two).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn vectors_have_length_one() {
        for wanted in [0, 1, 16] {
            let vector = vector("some words", 768, wanted);
            let norm: f32 = vector.iter().map(|number| number * number).sum();
            assert!((norm - 1.0).abs() < 1e-5);
            assert_eq!(vector.len(), if wanted == 0 { 768 } else { wanted });
        }
    }

    #[test]
    fn like_texts_are_near() {
        assert!(
            likeness("the tea market", "a market for tea") > likeness("the tea market", "x y z")
        );
        assert!((likeness("same", "same") - 1.0).abs() < 1e-5);
    }
}
