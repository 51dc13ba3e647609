//! How large a request is, and whether a pattern fits it: sums of what was read, turned into probabilities.
//!
//! The weights are those of logistic regressions over labelled requests, each of which was judged by examples of other authors
//! only; rounded, because their last digits mean nothing. None of them knows a pattern, a field or a word: what words mean
//! is the business of vocabularies (decision 0058).

use super::catalogue::Nearness;
use crate::organization::Tier;

/// What is summed up: how much the words lean to each tier, and the sentence that leans to a small request most; the length; the best
/// score, what it is ahead of the second, and that of the third; how much the patterns that fit best speak for each tier; how near
/// examples of each size are, and small ones to the nearest sentence.
const FEATURES: usize = 18;

/// How much each of them speaks for tiers 1 to 4.
const WEIGHTS: [[f64; FEATURES]; 4] = [
    [
        1.24, -0.77, -0.57, -0.38, 0.26, -0.33, -0.4, -0.38, 0.4, 2.16, 0.59, -0.41, -0.79, 4.15,
        0.12, -1.14, -2.91, 0.36,
    ],
    [
        -0.33, 0.83, 0.05, -0.45, -0.01, -0.02, 0.18, -0.07, -0.14, -1.67, 1.41, -0.76, -1.33,
        -0.93, 3.34, -0.4, -2.52, -0.26,
    ],
    [
        -0.4, 0.1, 0.77, -0.15, -0.12, -0.15, 0.04, 0.42, 0.2, -0.36, -1.24, 1.28, -0.13, -2.46,
        -3.03, 4.63, 1.22, 0.04,
    ],
    [
        -0.51, -0.16, -0.24, 0.98, -0.13, 0.5, 0.19, 0.03, -0.47, -0.12, -0.77, -0.1, 2.25, -0.76,
        -0.44, -3.09, 4.22, -0.14,
    ],
];

/// What speaks for each tier beforehand.
const CONSTANTS: [f64; 4] = [2.47, -0.09, 0.13, -2.51];

/// The weights of what speaks for the pattern that comes first.
mod fit {
    pub(super) const BEST: f64 = 1.63;
    pub(super) const LEAD: f64 = 2.22;
    pub(super) const LEAD_OF_SECOND: f64 = 1.24;
    pub(super) const LENGTH: f64 = 1.43;
    pub(super) const NEAR_LARGE: f64 = -11.2;
    pub(super) const CONSTANT: f64 = -8.12;
}

/// From this probability on a pattern is recommended.
pub(super) const FITS_FROM: f64 = 0.45;

/// From this probability on one answer of one agent is recommended: the least orchestration that will do (seed 000), so that in doubt
/// nobody else is asked.
const SMALL_FROM: f64 = 0.35;

/// A request with the ranking of the patterns, the first three of which count.
pub(super) struct Sizing<'a> {
    /// How many words it has.
    pub(super) length: usize,
    pub(super) nearness: &'a Nearness,
    /// How much its words speak for each tier.
    pub(super) leaning: [f64; 4],
    /// How much that of its sentences speaks for a small request which speaks most for it.
    pub(super) small_part: f64,
    /// How much the patterns that fit best speak for each tier.
    pub(super) tiers: [f64; 4],
    /// How near that of its sentences is to examples of small requests which is nearest.
    pub(super) near_small_sentence: f64,
    /// The best scores in their order; zero where there are fewer patterns.
    pub(super) scores: [f64; 3],
    /// The tier of the pattern that comes first.
    pub(super) tier_of_first: Option<Tier>,
}

impl Sizing<'_> {
    /// How sure it is that one agent answers the request at once, from 0 to 1.
    pub(super) fn direct(&self) -> f64 {
        self.chances()[0]
    }

    /// Whether one answer of one agent is enough.
    pub(super) fn is_small(&self) -> bool {
        self.direct() >= SMALL_FROM
    }

    /// How sure it is that the pattern that comes first is the right one, from 0 to 1.
    pub(super) fn fit(&self) -> f64 {
        let [best, second, third] = self.scores;
        if best <= 0.0 {
            return 0.0;
        }
        let near = [Tier::Two, Tier::Three, Tier::Four].map(|tier| self.nearness.of(tier));
        let near_large = near.into_iter().fold(0.0, f64::max);
        logistic(
            fit::CONSTANT
                + fit::BEST * best
                + fit::LEAD * (best - second)
                + fit::LEAD_OF_SECOND * (second - third)
                + fit::LENGTH * self.length()
                + fit::NEAR_LARGE * near_large,
        )
    }

    /// The tier of a request that takes more than one answer.
    pub(super) fn tier(&self) -> Tier {
        let [_, two, three, four] = self.chances();
        // A pattern of one agent is one answer, however many kinds of it there are.
        let is_of_one = self.fit() >= FITS_FROM && self.tier_of_first == Some(Tier::One);
        if is_of_one && two > three.max(four) {
            return Tier::One;
        }
        let larger = [(Tier::Two, two), (Tier::Three, three), (Tier::Four, four)];
        let most = larger.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        most.map_or(Tier::Two, |(tier, _)| tier)
    }

    /// How likely each tier is; together they are 1.
    fn chances(&self) -> [f64; 4] {
        let features = self.features();
        let mut sums = CONSTANTS;
        for (sum, weights) in sums.iter_mut().zip(WEIGHTS) {
            *sum += weights.iter().zip(features).map(|(weight, one)| weight * one).sum::<f64>();
        }
        let most = sums.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let shares = sums.map(|sum| (sum - most).exp());
        let all: f64 = shares.iter().sum();
        shares.map(|share| share / all)
    }

    fn features(&self) -> [f64; FEATURES] {
        let [one, two, three, four] = self.leaning;
        let [best, second, third] = self.scores;
        let [of_one, of_two, of_three, of_four] = self.tiers;
        let near = Tier::ALL.map(|tier| self.nearness.of(tier));
        [
            one,
            two,
            three,
            four,
            self.small_part,
            self.length(),
            best,
            best - second,
            second - third,
            of_one,
            of_two,
            of_three,
            of_four,
            near[0],
            near[1],
            near[2],
            near[3],
            self.near_small_sentence,
        ]
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of words are far below 2^52")]
    fn length(&self) -> f64 {
        (self.length as f64 + 1.0).ln()
    }
}

fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}
