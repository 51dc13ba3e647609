//! What was learned lately, in sentences that a prompt has room for.

use std::cmp::Reverse;
use std::time::Duration;

use super::experiences::{Experience, Experiences};
use super::fact::Verdict;
use crate::engine::Time;
use crate::insight::wording::shortened;

/// So far back reaches what is lately.
const LATELY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// So many characters of a reason are said.
const REASON: usize = 100;

/// What was learned of some patterns, a short sentence for each: how many of its runs went well, and what was wrong with,
/// or right about, the last of them. The pattern of which something was heard last comes first. Without names it is all
/// patterns; there are at most `limit` sentences. Patterns of which nothing is known are left out.
pub fn recent(
    experiences: &Experiences,
    patterns: &[&str],
    limit: usize,
    now: Time,
) -> Vec<String> {
    let all = experiences.by_pattern();
    let is_wanted = |name: &str| patterns.is_empty() || patterns.contains(&name);
    let mut told: Vec<(Time, &str, Vec<&Experience>)> = all
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .filter_map(|(name, runs)| Some((runs.last()?.at, name, runs)))
        .collect();
    told.sort_by_key(|(at, name, _)| (Reverse(*at), *name));
    told.truncate(limit);
    told.iter().map(|(_, name, runs)| sentence(name, runs, now)).collect()
}

fn sentence(name: &str, runs: &[&Experience], now: Time) -> String {
    let lately: Vec<&Experience> =
        runs.iter().copied().filter(|one| one.at >= now - LATELY).collect();
    let (counted, when) = match lately.is_empty() {
        true => (runs, "so far, though none in the last month"),
        false => (lately.as_slice(), "in the last month"),
    };
    let well = counted.iter().filter(|one| one.went_well() == Some(true)).count();
    let figures = match (well, counted.len()) {
        (1, 1) => format!("its only run went well {when}"),
        (0, 1) => format!("its only run went wrong {when}"),
        (well, all) => format!("{well} of {all} runs went well {when}"),
    };
    let last = counted.last().and_then(|last| about(last));
    let last = last.map(|last| format!("; {last}")).unwrap_or_default();
    format!("{name}: {figures}{last}.")
}

/// What there is to say about a run: a person's word, or where it failed.
fn about(last: &Experience) -> Option<String> {
    let short = |text: &str| shortened(text.trim_end_matches('.'), REASON);
    if let Some(said) = last.verdict() {
        let word = match said.verdict {
            Verdict::Good => "good",
            Verdict::Bad => "bad",
        };
        let because = said.because.as_ref();
        let because = because.map(|because| format!(" because {}", short(because)));
        return Some(format!("a person found the last {word}{}", because.unwrap_or_default()));
    }
    let failed = last.outcome.as_ref()?.failed.as_ref()?;
    Some(format!("the last failed at `{}` because {}", failed.task, short(&failed.reason)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::learning::{
        LearningFact, RecordedLearningFact, RunOutcome, VerdictRecord, WhereItFailed,
    };

    const DAY: u64 = 24 * 60 * 60 * 1_000_000;

    fn ended(run: &str, pattern: &str, status: &str) -> LearningFact {
        let failed = (status == "failed").then(|| WhereItFailed {
            task: "legal_review".to_owned(),
            reason: "no server has the model.".to_owned(),
        });
        let outcome = RunOutcome {
            status: status.to_owned(),
            worked_us: 1,
            calls: 1,
            retries: 0,
            rounds_again: 0,
            failed,
            simulated: false,
        };
        LearningFact::RunEnded { run: run.to_owned(), pattern: pattern.to_owned(), outcome }
    }

    fn verdict(run: &str, verdict: Verdict, because: Option<&str>) -> LearningFact {
        let because = because.map(str::to_owned);
        let verdict = VerdictRecord { verdict, because, by: "me".to_owned() };
        LearningFact::VerdictGiven { run: run.to_owned(), verdict }
    }

    fn experiences(facts: &[(u64, LearningFact)]) -> Experiences {
        let recorded = facts.iter().enumerate().map(|(place, (day, fact))| RecordedLearningFact {
            sequence: place as u64 + 1,
            at: Time(day * DAY),
            fact: fact.clone(),
        });
        Experiences::of(Vec::new(), &recorded.collect::<Vec<_>>())
    }

    #[test]
    fn sentences_say_how_patterns_fared() {
        let known = experiences(&[
            (1, ended("a", "old", "succeeded")),
            (60, ended("b", "product_launch", "succeeded")),
            (61, ended("c", "product_launch", "succeeded")),
            (62, ended("d", "product_launch", "failed")),
            (63, ended("e", "debate", "succeeded")),
            (64, verdict("e", Verdict::Bad, Some("nobody was convinced."))),
            (65, ended("f", "broken_off", "cancelled")),
        ]);
        let now = Time(70 * DAY);
        assert_eq!(
            recent(&known, &[], 9, now),
            [
                "debate: its only run went wrong in the last month; a person found the last bad because nobody was convinced.",
                "product_launch: 2 of 3 runs went well in the last month; the last failed at `legal_review` because no server \
                 has the model.",
                "old: its only run went well so far, though none in the last month.",
            ]
        );
        assert_eq!(recent(&known, &[], 1, now).len(), 1);
        assert_eq!(recent(&known, &["old", "unheard_of"], 9, now).len(), 1);
        assert!(recent(&Experiences::default(), &[], 9, now).is_empty());
    }
}
