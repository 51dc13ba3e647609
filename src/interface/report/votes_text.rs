//! The votes of a run for people: what won by how much, what it cost, and what is doubtful.

use std::fmt::Write as _;

use serde_json::Value;

use super::paint::Paint;
use super::run_json::Outcome;
use super::units::counted;
use crate::engine::content::brief;

/// The votes of each task that came to its result by votes.
pub(super) fn votes(outcome: &Outcome<'_>, paint: Paint, text: &mut String) {
    let plan = outcome.history.plan();
    let voted = outcome.history.tasks().filter(|(_, task)| task.votes.is_some());
    let mut lines = Vec::new();
    for (id, task) in voted {
        let votes = outcome.value(task.votes.as_deref());
        lines.push(format!("{}  {}", plan.task(id).path, line(&votes)));
        if let Some(warning) = votes["warning"].as_str() {
            lines.push(format!("  {}", paint.notice(warning)));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{}\n  {}", paint.bold("Votes"), lines.join("\n  "));
    }
}

fn line(votes: &Value) -> String {
    let front = &votes["tally"][0];
    let number = |key: &str| votes[key].as_u64();
    let count =
        |key: &str, one: &str, many: &str| number(key).map(|n| counted(n as usize, one, many));
    let mut line = match (number("comparisons"), front.get("votes")) {
        (_, None) => "no votes".to_owned(),
        (Some(_), Some(wins)) => {
            let whose = front["from"][0].as_str().unwrap_or_default();
            format!("{whose} was better in {wins} of its pairs")
        }
        (None, Some(own)) => {
            format!("{own} of {} votes for {}", votes["cast"], brief(&front["answer"]))
        }
    };
    let further = [
        count("comparisons", "comparison", "comparisons"),
        count("contradictions", "contradiction", "contradictions")
            .filter(|_| number("contradictions") > Some(0)),
        number("asked").map(|asked| format!("{asked} asked")),
        number("saved").map(|saved| format!("{saved} saved")),
        votes["abstained"]
            .as_array()
            .filter(|names| !names.is_empty())
            .map(|names| format!("{} abstained", names.len())),
        votes["tied"].as_bool().filter(|tied| *tied).map(|_| "tied".to_owned()),
    ];
    for part in further.into_iter().flatten() {
        let _ = write!(line, ", {part}");
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_is_said_in_a_line() {
        let votes = json!({
            "tally": [{ "answer": "yes", "votes": 4 }], "cast": 5, "abstained": ["6"], "tied": false,
            "asked": 6, "saved": 34,
        });
        assert_eq!(line(&votes), "4 of 5 votes for `yes`, 6 asked, 34 saved, 1 abstained");
        let best = json!({
            "tally": [{ "answer": "long", "votes": 2, "from": ["b"] }], "comparisons": 6, "contradictions": 1,
            "abstained": [], "tied": false,
        });
        assert_eq!(line(&best), "b was better in 2 of its pairs, 6 comparisons, 1 contradiction");
        assert_eq!(line(&json!({ "tally": [], "cast": 0 })), "no votes");
    }
}
