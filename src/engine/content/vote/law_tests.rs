//! Votes follow the laws of chance: majorities that of the binomial distribution, early stopping what
//! Adaptive-Consistency promises. Thousands of trials with seeds, and no clock.

use serde_json::Value;

use super::count::{Count, Decision, Vote};
use super::standing::Standing;
use crate::language::document::StopSampling;
use crate::language::plan::{Ballot, Samples};

/// A generator of numbers (splitmix64): the same for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The chance that more than half of so many voters are right.
fn majority(voters: u32, right: f64) -> f64 {
    let mut ways = 1.0;
    let mut chance = 0.0;
    for count in 0..=voters {
        if count > voters / 2 {
            let wrong = f64::from(voters - count);
            chance += ways * right.powf(f64::from(count)) * (1.0 - right).powf(wrong);
        }
        ways *= f64::from(voters - count) / f64::from(count + 1);
    }
    chance
}

/// Of independent voters who are right with a chance and otherwise all wrong in the same way, the
/// majority is right as often as the binomial law says, within four standard errors.
#[test]
fn majorities_follow_the_binomial_law() {
    const TRIALS: u32 = 4000;
    let ballot = Ballot::default();
    let mut chance = Chance(1);
    for right in [0.4, 0.6, 0.7] {
        for voters in [1, 3, 5, 9, 15] {
            let mut won = 0u32;
            for _ in 0..TRIALS {
                let vote = |place: u32| {
                    // The same answers, written in several ways.
                    let written = match (chance.next() < right, place % 3) {
                        (true, 0) => "42",
                        (true, 1) => " 42.0\n",
                        (true, _) => "**42**",
                        (false, 0) => "17",
                        (false, _) => "17.",
                    };
                    let answer = Some(Value::from(written));
                    Vote { from: place.to_string(), answer, weight: 1.0 }
                };
                let count = Count::of(&ballot, (0..voters).map(vote).collect());
                assert_eq!(count.decision(&ballot), Decision::Won);
                let said = count.candidates[0].answer.as_str().unwrap_or_default();
                won += u32::from(said.contains("42"));
            }
            let (found, law) = (f64::from(won) / f64::from(TRIALS), majority(voters, right));
            let error = (law * (1.0 - law) / f64::from(TRIALS)).sqrt();
            assert!((found - law).abs() < 4.0 * error, "{voters} at {right}: {found}, law {law}");
        }
    }
}

/// Questions of mixed difficulty: how often the model is right is spread evenly over the questions, from 0.3 to 1;
/// wrong answers fall on five others with 35, 25, 20, 12 and 8 of 100.
struct Question {
    right: f64,
}

impl Question {
    fn answer(&self, chance: &mut Chance) -> usize {
        if chance.next() < self.right {
            return 0;
        }
        let drawn = chance.next();
        [0.35, 0.60, 0.80, 0.92, 1.0].iter().position(|upto| drawn < *upto).unwrap_or(4) + 1
    }
}

/// The winner among the first samples, and the standing.
fn stand(answers: &[usize]) -> (usize, Standing) {
    let mut found: Vec<(f64, usize, usize)> = Vec::new();
    for answer in answers {
        match found.iter_mut().find(|(_, _, name)| name == answer) {
            Some((votes, _, _)) => *votes += 1.0,
            None => found.push((1.0, found.len(), *answer)),
        }
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let votes = found.iter().map(|(votes, place, _)| (*votes, *place)).collect();
    (found[0].2, Standing { votes, cast: answers.len() as f64 })
}

/// At most 40 samples: stopping early asks for at most 1 in 2.5, and loses at most 0.3 points of accuracy
/// against asking for all, over the same answers.
#[test]
fn stopping_early_saves_much_and_loses_little() {
    const TRIALS: u32 = 20_000;
    const CAP: u32 = 40;
    let samples = Samples {
        count: CAP,
        parallel: None,
        stop: StopSampling::Early,
        confidence: 0.95,
        ballot: Ballot::default(),
    };
    let mut chance = Chance(2);
    let (mut asked, mut right_early, mut right_all) = (0u32, 0i32, 0i32);
    for _ in 0..TRIALS {
        let question = Question { right: 0.3 + 0.7 * chance.next() };
        let answers: Vec<usize> = (0..CAP).map(|_| question.answer(&mut chance)).collect();
        let mut upto = Standing::default().further(&samples, 0);
        loop {
            let further = stand(&answers[..upto as usize]).1.further(&samples, upto);
            if further == 0 {
                break;
            }
            upto += further;
        }
        asked += upto;
        right_early += i32::from(stand(&answers[..upto as usize]).0 == 0);
        right_all += i32::from(stand(&answers).0 == 0);
    }
    let times_fewer = f64::from(CAP * TRIALS) / f64::from(asked);
    let points = 100.0 * f64::from(right_all - right_early) / f64::from(TRIALS);
    assert!(times_fewer >= 2.5, "{times_fewer} times fewer");
    assert!(points <= 0.3, "{points} points lost");
}

/// A debate as the library's pattern has it: four open, and where their vote is tied each replies with the opinion of one of
/// them by chance (debate is a martingale, arXiv 2508.17536). A vote that has a winner stands whatever is replied; and
/// over thousands of debates the verdict is right as often as the opening vote, within four standard errors.
#[test]
fn a_debate_never_ends_below_its_opening_vote() {
    const TRIALS: u32 = 8000;
    let mut chance = Chance(3);
    for right in [0.35, 0.5, 0.65] {
        let question = Question { right };
        let (mut gained, mut lost, mut debated) = (0u32, 0u32, 0u32);
        for _ in 0..TRIALS {
            let opened: Vec<usize> = (0..4).map(|_| question.answer(&mut chance)).collect();
            let (opening, standing) = stand(&opened);
            let mut said = opened.clone();
            if standing.leaders() > 1 {
                debated += 1;
                let opinion = |_| opened[(chance.next() * 4.0) as usize];
                said.extend((0..4).map(opinion));
            }
            let verdict = stand(&said).0;
            assert!(standing.leaders() > 1 || verdict == opening, "{opened:?}");
            gained += u32::from(opening != 0 && verdict == 0);
            lost += u32::from(opening == 0 && verdict != 0);
        }
        assert!(debated > TRIALS / 20, "{debated} at {right}");
        let error = f64::from(gained + lost).sqrt();
        assert!(
            f64::from(gained) - f64::from(lost) > -4.0 * error,
            "{gained} and {lost} at {right}"
        );
    }
}
