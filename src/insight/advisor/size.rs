//! How large a request is, and whether a pattern fits it: a few sums of what was read, each turned into a
//! probability.
//!
//! The weights are those of logistic regressions over the requests that are for tuning, the sentences of the library's
//! own patterns and the vocabulary's examples, each judged without itself; rounded, because their last digits mean
//! nothing. None of them knows a pattern, a field or a word: what words mean is the vocabulary's business
//! (decision 0058).

use super::catalogue::Nearness;
use super::reading::Reading;
use super::vocabulary::CueKind;
use crate::organization::Tier;

/// The weights of what speaks for one answer of one agent.
mod direct {
    pub(super) const NEAR_SMALL: f64 = 5.6;
    pub(super) const NEAR_SMALL_SENTENCE: f64 = 1.8;
    pub(super) const NEAR_LARGE: f64 = 2.6;
    pub(super) const BEST: f64 = -0.73;
    pub(super) const LEAD: f64 = -0.6;
    pub(super) const SMALL: f64 = 0.85;
    pub(super) const LENGTH: f64 = -2.0;
    pub(super) const GROUPS: f64 = -0.38;
    pub(super) const WEIGHTY: f64 = -0.27;
    pub(super) const PARALLEL: f64 = -1.5;
    pub(super) const SEQUENCE: f64 = -1.36;
    pub(super) const CONSTANT: f64 = 3.48;
}

/// The weights of what speaks for the pattern that comes first.
mod fit {
    pub(super) const BEST: f64 = 0.33;
    pub(super) const LEAD: f64 = 1.6;
    pub(super) const LEAD_OF_SECOND: f64 = 0.6;
    pub(super) const LENGTH: f64 = 0.75;
    pub(super) const NEAR_LARGE: f64 = -5.0;
    pub(super) const CONSTANT: f64 = -3.0;
}

/// The weights of what speaks for more than one team, and for more than a project.
struct Scale {
    prior: f64,
    groups: f64,
    gates: f64,
    executives: f64,
    several_teams: f64,
    one_team: f64,
    large: f64,
    damage: f64,
    /// How near it is to examples of tiers 2, 3 and 4.
    near: [f64; 3],
    constant: f64,
}

const ABOVE_WORKFLOW: Scale = Scale {
    prior: 3.2,
    groups: 0.12,
    gates: 0.5,
    executives: 0.33,
    several_teams: 0.9,
    one_team: -1.7,
    large: 0.26,
    damage: 0.22,
    near: [-11.3, 0.8, 3.6],
    constant: 0.96,
};

const ABOVE_PROJECT: Scale = Scale {
    prior: 2.0,
    groups: 0.26,
    gates: 0.43,
    executives: 0.6,
    several_teams: 0.2,
    one_team: -0.73,
    large: 0.26,
    damage: 0.2,
    near: [-4.0, -6.5, 14.1],
    constant: -5.0,
};

/// The tier of patterns that do not say theirs.
const USUAL_TIER: f64 = 2.0;

/// The tier about which a pattern's own says nothing.
const MIDDLE_TIER: f64 = 2.6;

/// From this probability on a pattern is recommended.
pub(super) const FITS_FROM: f64 = 0.48;

/// From this probability on one answer of one agent is recommended: the least orchestration that will do (seed 000), so that in doubt
/// nobody else is asked.
const SMALL_FROM: f64 = 0.3;

/// A pattern that fits so well is not given up for a doubt.
const FITS_SURELY: f64 = 0.6;

/// A request with the ranking of the patterns, the first three of which count.
pub(super) struct Sizing<'a> {
    pub(super) request: &'a str,
    pub(super) reading: &'a Reading,
    pub(super) nearness: &'a Nearness,
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
        let [best, second, _] = self.scores;
        let weighty = self.cue(CueKind::Gates, 3.0)
            + self.cue(CueKind::Executives, 3.0)
            + self.cue(CueKind::Large, 3.0)
            + self.cue(CueKind::SeveralTeams, 3.0);
        logistic(
            direct::CONSTANT
                + direct::NEAR_SMALL * self.nearness.of(Tier::One)
                + direct::NEAR_SMALL_SENTENCE * self.near_small_sentence
                + direct::NEAR_LARGE * self.near_large()
                + direct::BEST * best
                + direct::LEAD * (best - second)
                + direct::SMALL * self.cue(CueKind::Small, 4.0)
                + direct::LENGTH * self.length()
                + direct::GROUPS * self.groups(4.0)
                + direct::WEIGHTY * weighty
                + direct::PARALLEL * self.cue(CueKind::Parallel, 3.0)
                + direct::SEQUENCE * self.cue(CueKind::Sequence, 3.0),
        )
    }

    /// Whether one answer of one agent is enough.
    pub(super) fn is_small(&self) -> bool {
        let direct = self.direct();
        direct > 0.5 || (direct > SMALL_FROM && self.fit() < FITS_SURELY)
    }

    /// How sure it is that the pattern that comes first is the right one, from 0 to 1.
    pub(super) fn fit(&self) -> f64 {
        let [best, second, third] = self.scores;
        if best <= 0.0 {
            return 0.0;
        }
        logistic(
            fit::CONSTANT
                + fit::BEST * best
                + fit::LEAD * (best - second)
                + fit::LEAD_OF_SECOND * (second - third)
                + fit::LENGTH * self.length()
                + fit::NEAR_LARGE * self.near_large(),
        )
    }

    /// The tier of a request that takes more than one answer.
    pub(super) fn tier(&self) -> Tier {
        let fits = self.fit() >= FITS_FROM;
        // A pattern of one agent is one answer, however many kinds of it there are.
        if fits && self.tier_of_first == Some(Tier::One) && self.exceeds(&ABOVE_WORKFLOW) < 0.5 {
            return Tier::One;
        }
        match (self.exceeds(&ABOVE_WORKFLOW) > 0.5, self.exceeds(&ABOVE_PROJECT) > 0.5) {
            (_, true) => Tier::Four,
            (true, false) => Tier::Three,
            (false, false) => Tier::Two,
        }
    }

    fn exceeds(&self, scale: &Scale) -> f64 {
        let own = self.tier_of_first.map_or(USUAL_TIER, |tier| f64::from(tier.number()));
        let near = [Tier::Two, Tier::Three, Tier::Four].map(|tier| self.nearness.of(tier));
        let near: f64 = near.iter().zip(scale.near).map(|(near, weight)| near * weight).sum();
        logistic(
            scale.constant
                + scale.prior * (own - MIDDLE_TIER) * self.fit()
                + scale.groups * self.groups(6.0)
                + scale.gates * self.cue(CueKind::Gates, 4.0)
                + scale.executives * self.cue(CueKind::Executives, 4.0)
                + scale.several_teams * self.cue(CueKind::SeveralTeams, 3.0)
                + scale.one_team * self.cue(CueKind::OneTeam, 2.0)
                + scale.large * self.cue(CueKind::Large, 3.0)
                + scale.damage * self.cue(CueKind::Damage, 6.0)
                + near,
        )
    }

    /// How much the cues of a kind count, up to a bound: the tenth says nothing that the third has not said.
    fn cue(&self, kind: CueKind, most: f64) -> f64 {
        self.reading.weight(self.request, kind).min(most)
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of groups are far below 2^52")]
    fn groups(&self, most: f64) -> f64 {
        (self.reading.groups.len() as f64).min(most)
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of words are far below 2^52")]
    fn length(&self) -> f64 {
        (self.reading.length as f64 + 1.0).ln()
    }

    fn near_large(&self) -> f64 {
        let large = [Tier::Two, Tier::Three, Tier::Four].map(|tier| self.nearness.of(tier));
        large.into_iter().fold(0.0, f64::max)
    }
}

fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}
