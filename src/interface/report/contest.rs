//! Contests for people and machines: who was better how often, how sure that is, and what it cost.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::paint::Paint;
use super::run_json::Outcome;
use super::units::{counted, milliseconds, seconds};
use super::width::{columns, padded};
use crate::insight::{Contest, Interval, Pair, Score, Side, Simulated, Verdict};

/// A contest with what its judge came to.
struct Judged {
    contest: Contest,
    verdicts: Vec<Verdict>,
    score: Score,
}

impl Judged {
    fn of(outcome: &Outcome<'_>) -> Option<Judged> {
        let contest = Contest::of(outcome.history)?;
        let verdict = |pair: &Pair| pair.verdict(&outcome.value(pair.votes.as_ref()));
        let verdicts: Vec<Verdict> = contest.pairs.iter().map(verdict).collect();
        let over = contest.pairs.iter().zip(&verdicts).filter(|(pair, _)| is_over(pair));
        let score = Score::of(over.map(|(_, verdict)| *verdict));
        Some(Judged { contest, verdicts, score })
    }

    /// What a side did in all pairs together.
    fn total(&self, side: usize) -> Total {
        let mut total = Total::default();
        for pair in &self.contest.pairs {
            let Side { succeeded, ended, time, calls, tokens } = pair.sides[side];
            total.ended += u32::from(ended);
            total.succeeded += u32::from(succeeded);
            total.calls += calls;
            total.tokens += tokens;
            total.time += time;
        }
        total
    }
}

fn is_over(pair: &Pair) -> bool {
    pair.sides.iter().all(|side| side.ended)
}

/// What a side did.
#[derive(Default)]
struct Total {
    ended: u32,
    succeeded: u32,
    calls: u32,
    tokens: u64,
    time: Duration,
}

impl Total {
    /// Tokens and time for each result; none without any.
    fn per_success(&self) -> Option<(u64, Duration)> {
        let count = self.succeeded;
        (count > 0).then(|| (self.tokens / u64::from(count), self.time / count))
    }
}

/// What a contest came to; none for any other run.
pub(super) fn contest_text(outcome: &Outcome<'_>, paint: Paint) -> Option<String> {
    let judged = Judged::of(outcome)?;
    let [contender, baseline] = &judged.contest.names;
    let mark = match outcome.history.simulated() {
        Simulated::No => "",
        Simulated::Partly => " (partly simulated)",
        Simulated::Wholly => " (simulated: nobody has judged)",
    };
    let mut text = format!("\n{}{}\n", paint.bold("Comparison"), paint.notice(mark));
    for (pair, verdict) in judged.contest.pairs.iter().zip(&judged.verdicts) {
        let sides = [contender, baseline].into_iter().zip(&pair.sides);
        let spent: Vec<String> =
            sides.map(|(name, side)| format!("{name} {}", side_text(side))).collect();
        let verdict = verdict_text(*verdict, pair, &judged.contest.names);
        let _ = writeln!(text, "  {}  {verdict}; {}", pair.key, spent.join(", "));
    }
    let Score { better, neither, nothing } = judged.score;
    let counts = [
        (better[0], format!("{contender} was better in")),
        (better[1], format!("{baseline} in")),
        (neither, "neither in".to_owned()),
        (nothing, "nothing to compare in".to_owned()),
    ];
    let counts = counts.into_iter().enumerate();
    let counts: Vec<String> = counts
        .filter(|(place, (count, _))| *place < 2 || *count > 0)
        .map(|(_, (count, what))| format!("{what} {count}"))
        .collect();
    let pairs = counted(judged.contest.pairs.len(), "pair", "pairs");
    let _ = writeln!(text, "\n  {} of {pairs}", counts.join(", "));
    let _ = writeln!(text, "  {}", preference_text(&judged, paint));
    let width = columns(contender).max(columns(baseline));
    for (place, name) in judged.contest.names.iter().enumerate() {
        let total = judged.total(place);
        let each = match total.per_success() {
            Some((tokens, time)) => {
                format!("{tokens} tokens and {} for each result", seconds(time))
            }
            None => "no result".to_owned(),
        };
        let calls = counted(total.calls as usize, "call", "calls");
        let _ = writeln!(
            text,
            "  {}  {} of {} succeeded, {calls}, {each}",
            padded(name, width),
            total.succeeded,
            total.ended,
        );
    }
    Some(text)
}

fn side_text(side: &Side) -> String {
    match (side.ended, side.succeeded) {
        (false, _) => "not over".to_owned(),
        (true, false) => format!("no result, {} tokens, {}", side.tokens, seconds(side.time)),
        (true, true) => format!("{} tokens, {}", side.tokens, seconds(side.time)),
    }
}

fn verdict_text(verdict: Verdict, pair: &Pair, names: &[String; 2]) -> String {
    if !is_over(pair) {
        return "not over".to_owned();
    }
    match verdict {
        Verdict::Contender => format!("{} is better", names[0]),
        Verdict::Baseline => format!("{} is better", names[1]),
        Verdict::Neither => "neither is better".to_owned(),
        Verdict::Alone(contender) => {
            format!("only {} has a result", names[usize::from(!contender)])
        }
        Verdict::Nothing => "nothing to compare".to_owned(),
    }
}

fn preference_text(judged: &Judged, paint: Paint) -> String {
    let [contender, baseline] = &judged.contest.names;
    let Some((share, Interval { low, high })) = judged.score.preference() else {
        return paint.notice("no pair says which is better");
    };
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let shown = format!(
        "{contender} is preferred in {} of the pairs that say so (95 %: {} to {})",
        percent(share),
        percent(low),
        percent(high)
    );
    let meaning = if low > 0.5 {
        paint.good(&format!("it is better than {baseline}"))
    } else if high < 0.5 {
        paint.bad(&format!("it is worse than {baseline}"))
    } else {
        paint.notice("too few or too equal to say which is better")
    };
    format!("{shown}: {meaning}")
}

/// What a contest came to, as `docs/command-line.md` describes it; none for any other run.
pub(super) fn contest_json(outcome: &Outcome<'_>) -> Option<Value> {
    let judged = Judged::of(outcome)?;
    let [contender, baseline] = &judged.contest.names;
    let side = |side: &Side| {
        json!({
            "succeeded": side.succeeded,
            "time_ms": milliseconds(side.time),
            "calls": side.calls,
            "tokens": side.tokens,
        })
    };
    let verdict = |pair: &Pair, verdict: Verdict| match verdict {
        _ if !is_over(pair) => Value::Null,
        Verdict::Contender | Verdict::Alone(true) => "contender".into(),
        Verdict::Baseline | Verdict::Alone(false) => "baseline".into(),
        Verdict::Neither => "neither".into(),
        Verdict::Nothing => Value::Null,
    };
    let pairs = judged.contest.pairs.iter().zip(&judged.verdicts).map(|(pair, found)| {
        json!({
            "key": pair.key,
            "better": verdict(pair, *found),
            "contender": side(&pair.sides[0]),
            "baseline": side(&pair.sides[1]),
        })
    });
    let total = |place: usize| {
        let total = judged.total(place);
        let each = total.per_success();
        json!({
            "name": judged.contest.names[place],
            "succeeded": total.succeeded,
            "of": total.ended,
            "calls": total.calls,
            "tokens": total.tokens,
            "time_ms": milliseconds(total.time),
            "tokens_per_success": each.map(|(tokens, _)| tokens),
            "time_ms_per_success": each.map(|(_, time)| milliseconds(time)),
        })
    };
    let preference = judged.score.preference().map(|(share, Interval { low, high })| {
        let rounded = |share: f64| (share * 1e4).round() / 1e4;
        json!({ "share": rounded(share), "low": rounded(low), "high": rounded(high) })
    });
    let Score { better, neither, nothing } = judged.score;
    Some(json!({
        "contender": contender,
        "baseline": baseline,
        "pairs": pairs.collect::<Vec<_>>(),
        "score": {
            "contender": better[0], "baseline": better[1], "neither": neither, "nothing": nothing,
        },
        "preference": preference,
        "sides": { "contender": total(0), "baseline": total(1) },
    }))
}
