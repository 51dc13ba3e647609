//! How a vote stands, as numbers: whether it is decided, and how many more votes could change it.
//!
//! The rule by which sampling stops early is that of Adaptive-Consistency (arXiv 2305.11860).

use crate::language::document::{Quorum, StopSampling, Tie};
use crate::language::plan::Samples;

/// Votes nearer to each other than this are as many: what adding fractions leaves behind.
const NEARLY: f64 = 1e-9;

/// Whether one number of votes is greater than another.
pub(super) fn is_more(one: f64, other: f64) -> bool {
    one > other + NEARLY * other.abs().max(1.0)
}

/// The votes of each answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Standing {
    /// The votes of each answer with the place of its first voter, most first, equals by that place.
    pub(super) votes: Vec<(f64, usize)>,
    /// All votes.
    pub(super) cast: f64,
}

impl Standing {
    fn front(&self) -> f64 {
        self.votes.first().map_or(0.0, |(votes, _)| *votes)
    }

    /// How many answers have the most votes.
    pub(super) fn leaders(&self) -> usize {
        let front = self.front();
        self.votes.iter().take_while(|(votes, _)| !is_more(front, *votes)).count()
    }

    /// Whether the answer in front has what the winner must have.
    pub(super) fn reaches(&self, quorum: Quorum) -> bool {
        reaches(quorum, self.front(), self.cast)
    }

    /// What the winner must have, in words.
    pub(super) fn words(&self, quorum: Quorum) -> String {
        let cast = self.cast;
        match quorum {
            Quorum::Majority => format!("more than {} of {cast} votes", cast / 2.0),
            Quorum::All => format!("all {cast} votes"),
            Quorum::AtLeast(share) if share < 1.0 => {
                format!("{}% of {cast} votes", (share * 1000.0).round() / 10.0)
            }
            Quorum::AtLeast(votes) => format!("{votes} votes"),
        }
    }

    /// How many samples to ask for before there is anything new to decide: the fewest that could end it
    /// if all of them were for the answer in front. None when it has ended. To ask for so many at a time asks for no
    /// sample that asking one by one would have saved.
    pub(super) fn further(&self, samples: &Samples, asked: u32) -> u32 {
        let left = samples.count.saturating_sub(asked);
        if samples.stop == StopSampling::AtEnd {
            return left;
        }
        (0..left).find(|more| self.with(*more).is_enough(samples, left - more)).unwrap_or(left)
    }

    /// The same with so many more votes for the answer in front.
    fn with(&self, more: u32) -> Standing {
        let mut then = self.clone();
        match then.votes.first_mut() {
            Some((votes, _)) => *votes += f64::from(more),
            None if more > 0 => then.votes.push((f64::from(more), 0)),
            None => {}
        }
        then.cast += f64::from(more);
        then
    }

    /// Whether nothing more need be asked, with so many samples left.
    fn is_enough(&self, samples: &Samples, left: u32) -> bool {
        if self.is_settled(samples, f64::from(left)) {
            return true;
        }
        let passes = samples.ballot.quorum.is_none_or(|quorum| self.reaches(quorum));
        samples.stop == StopSampling::Early && passes && self.stays() >= samples.confidence
    }

    /// Whether so many more votes cannot change the result, whatever they are.
    fn is_settled(&self, samples: &Samples, left: f64) -> bool {
        let Some(&(front, place)) = self.votes.first() else { return left == 0.0 };
        if let Some(quorum) = samples.ballot.quorum {
            let all = self.cast + left;
            let out_of_reach = match quorum {
                Quorum::All => self.votes.len() > 1,
                quorum => !reaches(quorum, front + left, all),
            };
            if out_of_reach {
                return true;
            }
            let is_sure = match quorum {
                Quorum::All => left == 0.0,
                quorum => reaches(quorum, front, all),
            };
            if !is_sure {
                return false;
            }
        }
        // Whoever could have as many in the end; behind all others, an answer that nobody has given yet.
        let others = self.votes[1..].iter().copied().chain([(0.0, usize::MAX)]);
        others.into_iter().all(|(votes, other)| {
            let wins_ties = samples.ballot.tie == Tie::First && place < other;
            match is_more(front, votes + left) {
                true => true,
                false => wins_ties && !is_more(votes + left, front),
            }
        })
    }

    /// How likely it is that the answer in front stays in front of the next one, were more asked: the
    /// part of Beta(front + 1, next + 1) that lies above one half.
    fn stays(&self) -> f64 {
        let next = self.votes.get(1).map_or(0.0, |(votes, _)| *votes);
        above_half(self.front() as u32, next as u32)
    }
}

/// Whether so many of the votes cast are what a winner must have.
fn reaches(quorum: Quorum, votes: f64, cast: f64) -> bool {
    match quorum {
        Quorum::Majority => is_more(votes, cast / 2.0),
        Quorum::All => !is_more(cast, votes),
        Quorum::AtLeast(share) if share < 1.0 => !is_more(share * cast, votes),
        Quorum::AtLeast(needed) => !is_more(needed, votes),
    }
}

/// The part of Beta(front + 1, next + 1) above one half. With whole numbers that is the chance that of
/// front + next + 1 fair coins at most `front` show heads.
fn above_half(front: u32, next: u32) -> f64 {
    let coins = f64::from(front) + f64::from(next) + 1.0;
    let mut ways = 0.5f64.powf(coins);
    let mut chance = 0.0;
    for heads in 0..=front {
        chance += ways;
        ways *= (coins - f64::from(heads)) / (f64::from(heads) + 1.0);
    }
    chance.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::plan::Ballot;

    fn samples(count: u32, stop: StopSampling) -> Samples {
        let ballot = Ballot::default();
        Samples { count, parallel: None, stop, confidence: 0.95, ballot }
    }

    fn standing(votes: &[u32]) -> Standing {
        let cast = votes.iter().sum::<u32>().into();
        let votes = votes.iter().map(|votes| f64::from(*votes)).zip(0..).collect();
        Standing { votes, cast }
    }

    #[test]
    fn the_chance_of_staying_in_front() {
        // Values of the regularised incomplete beta function at one half.
        for (front, next, expected) in
            [(0, 0, 0.5), (3, 0, 0.9375), (4, 0, 0.96875), (5, 1, 0.9375), (6, 1, 0.964_843_75)]
        {
            assert!((above_half(front, next) - expected).abs() < 1e-12, "{front} {next}");
        }
        assert!((above_half(100, 100) - 0.5).abs() < 1e-9);
        assert!(above_half(200, 0) > 0.999_999);
    }

    fn check(samples: &Samples, votes: &[u32], expected: u32) {
        let asked = votes.iter().sum();
        assert_eq!(standing(votes).further(samples, asked), expected, "{votes:?}");
    }

    #[test]
    fn as_many_are_asked_as_could_end_it() {
        let decided = samples(5, StopSampling::WhenDecided);
        check(&decided, &[], 3);
        check(&decided, &[3], 0);
        check(&decided, &[2, 1], 1);
        check(&decided, &[1, 1, 1], 1);
        check(&decided, &[2, 2], 1);
        let early = samples(40, StopSampling::Early);
        check(&early, &[], 4);
        check(&early, &[4], 0);
        check(&early, &[3, 1], 3);
        check(&early, &[6, 1], 0);
        check(&samples(9, StopSampling::AtEnd), &[4], 5);
        // Even counts: the answer given first wins a tie.
        let even = samples(4, StopSampling::WhenDecided);
        check(&even, &[2], 0);
        check(&even, &[2, 1], 0);
        check(&even, &[1, 1], 1);
    }

    #[test]
    fn a_quorum_is_waited_for_and_given_up() {
        let with = |quorum, stop| {
            let ballot = Ballot { quorum: Some(quorum), ..Ballot::default() };
            Samples { ballot, ..samples(10, stop) }
        };
        let all = with(Quorum::All, StopSampling::WhenDecided);
        check(&all, &[4], 6);
        check(&all, &[4, 1], 0);
        let most = with(Quorum::AtLeast(7.0), StopSampling::WhenDecided);
        check(&most, &[4], 3);
        check(&most, &[7], 0);
        check(&most, &[3, 3, 2], 0);
        check(&with(Quorum::AtLeast(7.0), StopSampling::Early), &[4], 3);
    }

    /// Whatever the samples that are left say, what was settled stays.
    #[test]
    fn what_is_settled_stays() {
        let decided = samples(7, StopSampling::WhenDecided);
        for mut story in 0..3u32.pow(7) {
            let said: Vec<usize> = (0..7)
                .map(|_| {
                    let answer = (story % 3) as usize;
                    story /= 3;
                    answer
                })
                .collect();
            let winner = |asked: usize| {
                let mut votes: Vec<(f64, usize)> = Vec::new();
                let mut names: Vec<usize> = Vec::new();
                for answer in &said[..asked] {
                    match names.iter().position(|name| name == answer) {
                        Some(place) => votes[place].0 += 1.0,
                        None => {
                            votes.push((1.0, names.len()));
                            names.push(*answer);
                        }
                    }
                }
                votes.sort_by(|one, other| other.0.total_cmp(&one.0));
                let front = votes.first().map(|(_, place)| names[*place]);
                (front, Standing { votes, cast: asked as f64 })
            };
            let mut asked = 0u32;
            loop {
                let further = winner(asked as usize).1.further(&decided, asked);
                if further == 0 {
                    break;
                }
                asked += further;
            }
            assert_eq!(winner(asked as usize).0, winner(7).0, "{said:?} after {asked}");
        }
    }
}
