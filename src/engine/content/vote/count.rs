//! Counting votes, and what the count decides.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Value, json};

use super::normal::normal;
use super::standing::{Standing, is_more};
use crate::engine::failure::{Failure, FailureClass};
use crate::language::document::Tie;
use crate::language::plan::{Ballot, Samples};

/// So many characters of an answer stand in a message.
const SHOWN_CHARACTERS: usize = 40;

/// So many answers stand in a message.
const SHOWN_ANSWERS: usize = 5;

/// What one voter said.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::content) struct Vote {
    /// Who.
    pub(in crate::engine::content) from: String,
    /// What it answered; nothing if it failed or was skipped.
    pub(in crate::engine::content) answer: Option<Value>,
    /// What its vote counts.
    pub(in crate::engine::content) weight: f64,
}

/// An answer that was voted for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::content) struct Candidate {
    /// The whole answer of the first voter who gave it.
    pub(in crate::engine::content) answer: Value,
    /// What was voted on: the answer, or a field of it.
    said: Value,
    /// The votes for it.
    votes: f64,
    /// Who gave it, in the order of the voters.
    from: Vec<String>,
}

/// The votes, counted.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::content) struct Count {
    /// The answers, the one with the most votes first, those with as many in the order of the voters.
    pub(in crate::engine::content) candidates: Vec<Candidate>,
    standing: Standing,
    /// Who said nothing, or nothing that counts.
    abstained: Vec<String>,
    /// Of two votes taken at random, how often they are for the same answer; 1 for a single vote.
    agreement: f64,
    voters: usize,
}

/// What a count decides.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::content) enum Decision {
    /// The first candidate has won.
    Won,
    /// So many of the first candidates have the same number of votes, and an agent decides.
    Tied(usize),
    /// Nobody has won, and nobody can.
    Undecided(Failure),
}

impl Count {
    /// Counts votes.
    pub(in crate::engine::content) fn of(ballot: &Ballot, votes: Vec<Vote>) -> Count {
        let listed: Vec<String> =
            ballot.abstain.iter().filter_map(|word| normal(&word.as_str().into())).collect();
        let mut found: Vec<Candidate> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut abstained = Vec::new();
        let (mut cast, mut squares, mut voters) = (0.0, 0.0, 0);
        for Vote { from, answer, weight } in votes {
            let said = answer.as_ref().and_then(|answer| said(ballot, answer)).cloned();
            let form = said.as_ref().and_then(normal).filter(|form| !listed.contains(form));
            let (Some(answer), Some(said), Some(form)) = (answer, said, form) else {
                abstained.push(from);
                continue;
            };
            if weight <= 0.0 {
                abstained.push(from);
                continue;
            }
            cast += weight;
            squares += weight * weight;
            voters += 1;
            match places.entry(form) {
                Entry::Occupied(place) => {
                    let candidate = &mut found[*place.get()];
                    candidate.votes += weight;
                    candidate.from.push(from);
                }
                Entry::Vacant(place) => {
                    place.insert(found.len());
                    found.push(Candidate { answer, said, votes: weight, from: vec![from] });
                }
            }
        }
        // Pairs of votes for the same answer, of all pairs: each pair once for either order.
        let same: f64 = found.iter().map(|candidate| candidate.votes * candidate.votes).sum();
        let pairs = cast * cast - squares;
        let agreement = if pairs > 0.0 { ((same - squares) / pairs).clamp(0.0, 1.0) } else { 1.0 };
        let mut candidates: Vec<(usize, Candidate)> = found.into_iter().enumerate().collect();
        // The sort is stable: equals stay in the order of the voters.
        candidates.sort_by(|(_, one), (_, other)| {
            let (more, less) = (is_more(one.votes, other.votes), is_more(other.votes, one.votes));
            less.cmp(&more)
        });
        let votes = candidates.iter().map(|(place, candidate)| (candidate.votes, *place)).collect();
        let candidates = candidates.into_iter().map(|(_, candidate)| candidate).collect();
        Count { candidates, standing: Standing { votes, cast }, abstained, agreement, voters }
    }

    /// What the count decides.
    pub(in crate::engine::content) fn decision(&self, ballot: &Ballot) -> Decision {
        let undecided = |why: &str| Decision::Undecided(self.undecided(why));
        if self.candidates.is_empty() {
            return undecided("nobody voted");
        }
        if let Some(quorum) = ballot.quorum.filter(|quorum| !self.standing.reaches(*quorum)) {
            let needed = self.standing.words(quorum);
            return undecided(&format!("the winner needs {needed}"));
        }
        match (self.standing.leaders(), ballot.tie) {
            (1, _) | (_, Tie::First) => Decision::Won,
            (_, Tie::Fail) => undecided("the vote is tied"),
            (leaders, Tie::Agent) => Decision::Tied(leaders),
        }
    }

    /// How many samples to ask for before there is anything new to decide; none when no more are
    /// needed. So many have been asked.
    pub(in crate::engine::content) fn further(&self, samples: &Samples, asked: u32) -> u32 {
        let further = self.standing.further(samples, asked);
        samples.parallel.map_or(further, |parallel| further.min(parallel.get()))
    }

    /// What makes it doubtful that the winner is right, if anything does. A majority of voters who are
    /// right less than half of the time is wrong more often than each of them.
    pub(in crate::engine::content) fn warning(&self) -> Option<String> {
        let front = self.candidates.first().filter(|_| self.voters > 1)?;
        if is_more(front.votes, self.standing.cast / 2.0) {
            return None;
        }
        let of = format!("{} of {} votes", shown(front.votes), shown(self.standing.cast));
        // Answers drawn by lot would agree as often as this.
        let chance = 1.0 / self.candidates.len() as f64;
        let what = match is_more(chance, self.agreement) {
            true => format!("no majority ({of}), and less agreement than by chance"),
            false => format!("no majority: {of} for the answer in front"),
        };
        Some(format!("{what}; where most answers are wrong, a vote makes them worse"))
    }

    /// What templates and machines read of the count.
    pub(in crate::engine::content) fn record(&self) -> serde_json::Map<String, Value> {
        let cast = self.standing.cast;
        let tally = self.candidates.iter().map(|candidate| {
            json!({
                "answer": candidate.said,
                "votes": number(candidate.votes),
                "share": rounded(candidate.votes / cast),
                "from": candidate.from,
            })
        });
        let mut record = serde_json::Map::new();
        record.insert("tally".to_owned(), tally.collect());
        record.insert("cast".to_owned(), number(cast));
        record.insert("abstained".to_owned(), self.abstained.clone().into());
        record.insert("agreement".to_owned(), rounded(self.agreement));
        record.insert("tied".to_owned(), (self.standing.leaders() > 1).into());
        record.extend(self.warning().map(|warning| ("warning".to_owned(), warning.into())));
        record
    }

    fn undecided(&self, why: &str) -> Failure {
        let tally = self.candidates.iter().take(SHOWN_ANSWERS);
        let mut said: Vec<String> = tally
            .map(|candidate| format!("{} for {}", shown(candidate.votes), brief(&candidate.said)))
            .collect();
        let more = self.candidates.len().saturating_sub(SHOWN_ANSWERS);
        if more > 0 {
            said.push(format!("{more} more answers"));
        }
        if !self.abstained.is_empty() {
            said.push(format!("{} abstained", self.abstained.len()));
        }
        Failure::new(FailureClass::Undecided, format!("{why}: {}", said.join(", ")))
    }
}

/// What is voted on in an answer.
fn said<'a>(ballot: &Ballot, answer: &'a Value) -> Option<&'a Value> {
    match &ballot.on {
        Some(path) => path.split('.').try_fold(answer, |value, step| value.get(step)),
        None => Some(answer),
    }
}

/// A number of votes as JSON: whole where it is.
fn number(votes: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let votes = rounded_to(votes);
    match votes.fract() == 0.0 && votes.abs() < EXACT {
        true => Value::from(votes as i64),
        false => Value::from(votes),
    }
}

fn rounded(share: f64) -> Value {
    number(share)
}

/// Without what adding fractions leaves behind.
fn rounded_to(number: f64) -> f64 {
    const PLACES: f64 = 1e6;
    (number * PLACES).round() / PLACES
}

fn shown(votes: f64) -> String {
    number(votes).to_string()
}

/// The beginning of an answer, as it stands in messages.
pub fn brief(answer: &Value) -> String {
    let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::language::document::Quorum;

    fn votes(answers: &[Value]) -> Vec<Vote> {
        let vote = |(place, answer): (usize, &Value)| Vote {
            from: format!("v{}", place + 1),
            answer: Some(answer.clone()),
            weight: 1.0,
        };
        answers.iter().enumerate().map(vote).collect()
    }

    fn check(ballot: &Ballot, answers: &[Value], expected: Result<Value, &str>) {
        let count = Count::of(ballot, votes(answers));
        let found = match count.decision(ballot) {
            Decision::Won => Ok(count.candidates[0].answer.clone()),
            Decision::Tied(leaders) => Ok(json!({ "tied": leaders })),
            Decision::Undecided(failure) => Err(failure.message),
        };
        assert_eq!(found, expected.map_err(str::to_owned), "{answers:?}");
    }

    #[test]
    fn most_votes_win_and_the_first_of_equals() {
        let plain = Ballot::default();
        check(&plain, &[json!("Oslo"), json!("Bern"), json!("bern.")], Ok(json!("Bern")));
        check(&plain, &[json!("Oslo"), json!("Bern")], Ok(json!("Oslo")));
        check(&plain, &[json!(12), json!("12.0"), json!(13)], Ok(json!(12)));
        check(&plain, &[json!(null), json!("")], Err("nobody voted: 2 abstained"));
    }

    #[test]
    fn ties_are_decided_as_the_author_says() {
        let tied = [json!("a"), json!("b"), json!("b"), json!("a"), json!("c")];
        let with = |tie| Ballot { tie, ..Ballot::default() };
        check(&with(Tie::First), &tied, Ok(json!("a")));
        check(&with(Tie::Agent), &tied, Ok(json!({ "tied": 2 })));
        let message = "the vote is tied: 2 for `a`, 2 for `b`, 1 for `c`";
        check(&with(Tie::Fail), &tied, Err(message));
    }

    #[test]
    fn a_quorum_is_of_the_votes_cast() {
        let with = |quorum| Ballot { quorum: Some(quorum), ..Ballot::default() };
        let answers = [json!("a"), json!("a"), json!("b"), json!(null), json!("c")];
        check(&with(Quorum::AtLeast(0.5)), &answers, Ok(json!("a")));
        check(&with(Quorum::AtLeast(2.0)), &answers, Ok(json!("a")));
        let tally = "2 for `a`, 1 for `b`, 1 for `c`, 1 abstained";
        let wants = |needed: &str| format!("the winner needs {needed}: {tally}");
        check(&with(Quorum::Majority), &answers, Err(&wants("more than 2 of 4 votes")));
        check(&with(Quorum::AtLeast(0.6)), &answers, Err(&wants("60% of 4 votes")));
        check(&with(Quorum::AtLeast(3.0)), &answers, Err(&wants("3 votes")));
        check(&with(Quorum::All), &answers, Err(&wants("all 4 votes")));
        check(&with(Quorum::All), &[json!("a"), json!("A")], Ok(json!("a")));
    }

    #[test]
    fn a_field_is_voted_on_and_the_whole_answer_wins() {
        let ballot = Ballot {
            on: Some("verdict.go".to_owned()),
            abstain: vec!["unsure".to_owned()],
            ..Ballot::default()
        };
        let answer = |go: &str, why: &str| json!({ "verdict": { "go": go }, "why": why });
        let answers = [
            answer("no", "a"),
            answer("Yes", "b"),
            answer("Unsure.", "c"),
            json!({ "why": "d" }),
            answer("yes", "e"),
        ];
        check(&ballot, &answers, Ok(answer("Yes", "b")));
        let record = Count::of(&ballot, votes(&answers)).record();
        assert_eq!(
            Value::Object(record),
            json!({
                "tally": [
                    { "answer": "Yes", "votes": 2, "share": 0.666_667, "from": ["v2", "v5"] },
                    { "answer": "no", "votes": 1, "share": 0.333_333, "from": ["v1"] },
                ],
                "cast": 3,
                "abstained": ["v3", "v4"],
                "agreement": 0.333_333,
                "tied": false,
            })
        );
    }

    #[test]
    fn weights_count() {
        let mut weighted = votes(&[json!("a"), json!("b"), json!("b"), json!("c")]);
        weighted[0].weight = 0.3;
        weighted[1].weight = 0.1;
        weighted[2].weight = 0.2;
        weighted[3].weight = 0.0;
        let count = Count::of(&Ballot::default(), weighted);
        // 0.1 and 0.2 are a tie with 0.3, whatever adding them leaves behind.
        assert_eq!(count.candidates[0].said, json!("a"));
        assert_eq!(count.record()["tied"], json!(true));
        assert_eq!(count.record()["cast"], json!(0.6));
        assert_eq!(count.abstained, ["v4"]);
    }

    #[test]
    fn doubt_is_said() {
        let warned = |answers: &[Value]| Count::of(&Ballot::default(), votes(answers)).warning();
        let of = |text: &str| answers(text);
        fn answers(text: &str) -> Vec<Value> {
            text.split_whitespace().map(Value::from).collect()
        }
        assert_eq!(warned(&of("a")), None);
        assert_eq!(warned(&of("a a a b")), None);
        assert_eq!(warned(&of("a a a b c")), None);
        let begins = |text: &str, beginning: &str| {
            let warning = warned(&of(text)).unwrap_or_default();
            assert!(warning.starts_with(beginning), "{text}: {warning}");
        };
        begins("a b c d e", "no majority (1 of 5 votes), and less agreement than by chance;");
        begins("a a b b c", "no majority (2 of 5 votes), and less agreement than by chance;");
        begins("a a a a b b b b c", "no majority: 4 of 9 votes for the answer in front;");
    }
}
