//! The best of several results, found by comparing each two of them in both orders: models prefer what
//! stands first, or last, and a verdict that turns with the order is none.

use serde_json::{Map, Value, json};

use super::choose::{Offered, offered};
use super::prepare::Trouble;
use super::store::{ContentError, Contents};
use crate::engine::failure::{Failure, FailureClass};
use crate::engine::iterations::Iteration;
use crate::engine::state::State;
use crate::engine::vocabulary::Preparation;
use crate::language::plan::{MOST_CANDIDATES, Pairs};

/// The results that are compared, with whose they are, and whose results are missing.
pub(super) struct Candidates {
    /// Those that are there.
    there: Vec<(String, Value)>,
    /// Those that are not.
    missing: Vec<String>,
}

impl Candidates {
    /// The results of tasks.
    ///
    /// # Errors
    /// When an output cannot be read.
    fn of(state: &State, pairs: &Pairs, contents: &dyn Contents) -> Result<Self, ContentError> {
        let mut candidates = Candidates { there: Vec::new(), missing: Vec::new() };
        for Offered { name, answer, .. } in offered(state, &pairs.sources, contents)? {
            match answer {
                Some(answer) => candidates.there.push((name, answer)),
                None => candidates.missing.push(name),
            }
        }
        Ok(candidates)
    }

    /// The pairs in both orders, one behind the other.
    fn orders(&self) -> impl Iterator<Item = (usize, usize)> {
        let count = self.there.len();
        let pairs = (0..count).flat_map(move |one| (one + 1..count).map(move |other| (one, other)));
        pairs.flat_map(|(one, other)| [(one, other), (other, one)])
    }
}

/// What is compared with what; a single result is the best.
///
/// # Errors
/// When an output cannot be read, or there is too much to compare.
pub(super) fn begin(
    state: &State,
    pairs: &Pairs,
    contents: &dyn Contents,
) -> Result<Preparation, Trouble> {
    let candidates = Candidates::of(state, pairs, contents)?;
    let count = candidates.there.len();
    if count > MOST_CANDIDATES {
        let message = format!(
            "`best_of` compares at most {MOST_CANDIDATES} results with each other, and there are {count}"
        );
        return Err(Trouble(Failure::new(FailureClass::Template, message)));
    }
    if count < 2 {
        return Ok(best(&candidates, &[], contents));
    }
    let is_plain = |(name, _): &(String, Value)| !name.contains('[');
    let are_plain = candidates.there.iter().all(is_plain);
    let called = |place: usize| match are_plain {
        true => candidates.there[place].0.clone(),
        false => (place + 1).to_string(),
    };
    let iteration = |(first, second): (usize, usize)| {
        let inputs = contents.write(json!({ "first": first, "second": second }));
        Iteration::new(format!("{}.{}", called(first), called(second)), inputs)
    };
    Ok(Preparation::Iterations { iterations: candidates.orders().map(iteration).collect() })
}

/// The two results of one comparison, as its values name them.
///
/// # Errors
/// When an output cannot be read.
pub(super) fn compared(
    state: &State,
    pairs: &Pairs,
    values: &Value,
    contents: &dyn Contents,
) -> Result<Option<(Value, Value)>, ContentError> {
    let there = Candidates::of(state, pairs, contents)?.there;
    let result = |key: &str| {
        let place = usize::try_from(values[key].as_u64()?).ok()?;
        there.get(place).map(|(_, answer)| answer.clone())
    };
    Ok(result("first").zip(result("second")))
}

/// What comes of the comparisons.
///
/// # Errors
/// When an output cannot be read.
pub(super) fn gather(
    state: &State,
    pairs: &Pairs,
    records: &[Value],
    contents: &dyn Contents,
) -> Result<Preparation, ContentError> {
    let candidates = Candidates::of(state, pairs, contents)?;
    let is_there = |record: &Value| record.get("output").is_some();
    if let Some(failed) = records.iter().find(|record| record.get("error").is_some())
        && !is_there(failed)
    {
        let [key, error] = ["key", "error"].map(|key| failed[key].as_str().unwrap_or_default());
        let failure =
            Failure::new(FailureClass::PatternFailed, format!("comparison `{key}`: {error}"));
        return Ok(Preparation::Failed { failure, output: None });
    }
    if !records.iter().all(is_there) {
        let failure = Failure::new(FailureClass::PatternFailed, "a comparison was broken off");
        return Ok(Preparation::Failed { failure, output: None });
    }
    let verdicts: Vec<&str> = records
        .iter()
        .map(|record| record["output"]["verdict"].as_str().unwrap_or_default())
        .collect();
    Ok(best(&candidates, &verdicts, contents))
}

/// The result that won most pairs, the first of equals. The verdicts are those of the pairs in both orders.
fn best(candidates: &Candidates, verdicts: &[&str], contents: &dyn Contents) -> Preparation {
    let there = &candidates.there;
    let mut wins = vec![0u32; there.len()];
    let mut contradictions = 0u32;
    let orders: Vec<(usize, usize)> = candidates.orders().collect();
    let pairs = orders.len() / 2;
    for (orders, verdicts) in orders.chunks(2).zip(verdicts.chunks(2)) {
        let better = |place: usize| match verdicts.get(place) {
            Some(&"first") => Some(orders[place].0),
            Some(&"second") => Some(orders[place].1),
            _ => None,
        };
        match (better(0), better(1)) {
            (Some(one), Some(other)) if one == other => wins[one] += 1,
            (Some(_), Some(_)) => contradictions += 1,
            _ => {}
        }
    }
    let mut ranks: Vec<usize> = (0..there.len()).collect();
    ranks.sort_by_key(|place| std::cmp::Reverse(wins[*place]));
    let Some(winner) = ranks.first().copied() else {
        let message = format!("none of {} has a result", candidates.missing.join(", "));
        let failure = Failure::new(FailureClass::NoSources, message);
        return Preparation::Failed { failure, output: None };
    };
    let decided: u32 = wins.iter().sum();
    let share = |part: u32, whole: f64| if whole > 0.0 { f64::from(part) / whole } else { 1.0 };
    let rounded = |share: f64| (share * 1e6).round() / 1e6;
    let tally = ranks.iter().map(|place| {
        json!({
            "answer": there[*place].1,
            "votes": wins[*place],
            "share": rounded(share(wins[*place], f64::from(decided))),
            "from": [there[*place].0],
        })
    });
    let pairs = pairs as u32;
    let mut record = Map::from_iter([
        ("tally".to_owned(), tally.collect()),
        ("cast".to_owned(), decided.into()),
        ("abstained".to_owned(), candidates.missing.clone().into()),
        ("agreement".to_owned(), rounded(share(pairs - contradictions, f64::from(pairs))).into()),
        (
            "tied".to_owned(),
            (wins.iter().filter(|other| **other == wins[winner]).count() > 1).into(),
        ),
        ("comparisons".to_owned(), orders.len().into()),
        ("contradictions".to_owned(), contradictions.into()),
    ]);
    let warning = (2 * contradictions > pairs).then(|| {
        format!(
            "the verdicts turned with the order in {contradictions} of {pairs} pairs: who judges goes by the \
             place more than by what stands there"
        )
    });
    record.extend(warning.clone().map(|warning| ("warning".to_owned(), warning.into())));
    let output = contents.write(there[winner].1.clone());
    Preparation::Voted {
        votes: contents.write(Value::Object(record)),
        warning,
        then: Box::new(Preparation::Done { output }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::content::MemoryContents;

    /// The winner's name, the wins in the order of the candidates, and the contradictions, where a judge gives
    /// its verdict by the candidates' names.
    fn check(
        names: &[&str],
        judge: impl Fn(&str, &str) -> &'static str,
        expected: (&str, Value, u32),
    ) -> Option<String> {
        let there: Vec<(String, Value)> =
            names.iter().map(|name| ((*name).to_owned(), Value::from(*name))).collect();
        let candidates = Candidates { there, missing: vec!["gone".to_owned()] };
        let verdicts: Vec<&str> =
            candidates.orders().map(|(one, other)| judge(names[one], names[other])).collect();
        assert_eq!(verdicts.len(), Pairs::comparisons(names.len()));
        let contents = MemoryContents::default();
        let Preparation::Voted { votes, warning, then } = best(&candidates, &verdicts, &contents)
        else {
            panic!("no votes");
        };
        let Preparation::Done { output } = *then else { panic!("no winner") };
        let record = contents.read(&votes).expect("a record");
        let wins: Value = names
            .iter()
            .map(|name| {
                let tally = record["tally"].as_array().into_iter().flatten();
                let own = tally.filter(|candidate| candidate["answer"] == **name);
                own.map(|candidate| candidate["votes"].clone()).next().unwrap_or_default()
            })
            .collect();
        let found = contents.read(&output).expect("an output");
        let contradictions = record["contradictions"].as_u64().unwrap_or_default();
        assert_eq!(record["abstained"], json!(["gone"]));
        assert_eq!((*found).clone(), expected.0);
        assert_eq!((wins, contradictions), (expected.1, u64::from(expected.2)));
        warning
    }

    #[test]
    fn the_best_wins_wherever_it_stands() {
        let by_letter = |one: &str, other: &str| if one > other { "first" } else { "second" };
        assert_eq!(check(&["b", "d", "a", "c"], by_letter, ("d", json!([1, 3, 0, 2]), 0)), None);
        assert_eq!(check(&["a"], by_letter, ("a", json!([0]), 0)), None);
    }

    #[test]
    fn a_verdict_that_turns_with_the_order_is_none() {
        let warning = check(&["a", "b", "c"], |_, _| "first", ("a", json!([0, 0, 0]), 3));
        assert!(warning.is_some_and(|warning| warning.contains("3 of 3 pairs")));
        // Only what it says of `c` does not turn.
        let judge = |one: &str, other: &str| match (one, other) {
            ("c", _) => "first",
            (_, "c") => "second",
            _ => "first",
        };
        assert_eq!(check(&["a", "b", "c"], judge, ("c", json!([0, 0, 2]), 1)), None);
    }

    #[test]
    fn ties_go_to_the_first() {
        assert_eq!(check(&["a", "b"], |_, _| "tie", ("a", json!([0, 0]), 0)), None);
        // A win in one order only is none.
        let judge = |one: &str, _: &str| if one == "b" { "first" } else { "tie" };
        assert_eq!(check(&["a", "b"], judge, ("a", json!([0, 0]), 0)), None);
    }
}
