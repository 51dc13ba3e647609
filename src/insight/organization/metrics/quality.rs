//! Reviews, rework, escalations, handoffs.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    ALL, Figure, Metric, Row, count, domain, float, metric, pieces, ratio, row, share, spread,
};
use crate::insight::organization::item::WorkItem;
use crate::insight::organization::reviews::Review;
use crate::insight::organization::view::Organization;
use crate::organization::{MessageKind, WorkState};

pub(super) fn metrics(runs: &[&Organization]) -> Vec<Metric> {
    vec![
        metric("first_pass_yield", "reviews passed at once, by gate", first_pass(runs)),
        metric("review_rounds", "rounds of reviews, by gate", rounds(runs)),
        metric("rework_rate", "work that was done again, by domain", rework(runs)),
        metric("escalation_rate", "escalated work, by domain", escalated(runs)),
        metric("levels_climbed", "levels climbed by failed tasks", climbed(runs)),
        metric("time_to_resolve", "time until what stood still went on", resolved(runs)),
        metric("decision_time", "time until people decided", decided(runs)),
        metric("handoff_completeness", "handoffs with a whole checklist", handoffs(runs)),
        metric("messages", "messages, by kind", messages(runs)),
        metric("delegations", "delegations, by sender", delegations(runs)),
    ]
}

/// The passages of work through gates: all reviews of one piece at one gate, in order.
fn passages<'r>(runs: &'r [&Organization]) -> BTreeMap<&'r str, Vec<Vec<&'r Review>>> {
    let mut found: BTreeMap<(usize, Option<usize>, &str), Vec<&Review>> = BTreeMap::new();
    for (run, organization) in runs.iter().enumerate() {
        for review in &organization.reviews {
            found.entry((run, review.item, &review.gate)).or_default().push(review);
        }
    }
    let mut groups: BTreeMap<&str, Vec<Vec<&Review>>> = BTreeMap::new();
    for ((_, _, gate), mut reviews) in found {
        reviews.sort_by_key(|review| review.rounds.first().and_then(|r| r.verdicts.first()?.at));
        groups.entry(gate).or_default().push(reviews);
    }
    groups
}

fn first_pass(runs: &[&Organization]) -> Vec<Row> {
    let of = |(gate, passages): (&str, Vec<Vec<&Review>>)| {
        let first = passages.iter().filter_map(|reviews| reviews.first()?.passed_at_once());
        let known: Vec<bool> = first.collect();
        let passed = known.iter().filter(|passed| **passed).count();
        row(gate, share("passed", passed, known.len()))
    };
    passages(runs).into_iter().map(of).collect()
}

fn rounds(runs: &[&Organization]) -> Vec<Row> {
    let of = |(gate, passages): (&str, Vec<Vec<&Review>>)| {
        let count_of = |reviews: &Vec<&Review>| reviews.iter().map(|one| one.rounds.len()).sum();
        let rounds: Vec<usize> = passages.iter().map(count_of).collect();
        let all: usize = rounds.iter().sum();
        let mean = ratio(float(all), float(rounds.len())).unwrap_or(0.0);
        let most = rounds.iter().copied().max().unwrap_or(0);
        row(gate, vec![("mean", Figure::Number(mean)), ("most", count(most)), ("all", count(all))])
    };
    passages(runs).into_iter().map(of).collect()
}

/// Rows of how many pieces of work something is true of, by domain.
fn shares(
    runs: &[&Organization],
    name: &'static str,
    of: impl Fn(&Organization, usize, &WorkItem) -> Option<bool>,
) -> Vec<Row> {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (run, place, item) in pieces(runs) {
        let Some(is_so) = of(run, place, item) else { continue };
        let (part, all) = groups.entry(domain(item)).or_default();
        *all += 1;
        *part += usize::from(is_so);
    }
    groups.into_iter().map(|(of, (part, all))| row(of, share(name, part, all))).collect()
}

/// Of work that was reviewed, that of which a reviewer did not pass a round, or which went back to who does it.
fn rework(runs: &[&Organization]) -> Vec<Row> {
    use WorkState::{DomainReview, InProgress, ReadyForHandoff, UnderReview};
    let is_review = |state| matches!(state, UnderReview | DomainReview | ReadyForHandoff);
    shares(runs, "done_again", |run, place, item| {
        let reviews = || run.reviews.iter().filter(|review| review.item == Some(place));
        let was_reviewed =
            item.moves.iter().any(|one| is_review(one.to)) || reviews().next().is_some();
        let went_back = item.moves.iter().any(|one| is_review(one.from) && one.to == InProgress);
        let mut rounds = reviews().flat_map(|review| &review.rounds);
        let was_sent_back = rounds.any(|round| round.passed == Some(false));
        was_reviewed.then_some(went_back || was_sent_back)
    })
}

fn escalated(runs: &[&Organization]) -> Vec<Row> {
    shares(runs, "escalated", |_, _, item| {
        Some(item.moves.iter().any(|one| one.to == WorkState::Escalated))
    })
}

fn climbed(runs: &[&Organization]) -> Vec<Row> {
    let levels: Vec<usize> =
        runs.iter().flat_map(|run| &run.climbs).map(|climb| climb.levels).collect();
    if levels.is_empty() {
        return Vec::new();
    }
    let mean = ratio(float(levels.iter().sum()), float(levels.len())).unwrap_or(0.0);
    let most = levels.iter().copied().max().unwrap_or(0);
    let figures =
        vec![("tasks", count(levels.len())), ("mean", Figure::Number(mean)), ("most", count(most))];
    vec![row(ALL, figures)]
}

fn resolved(runs: &[&Organization]) -> Vec<Row> {
    let stood = pieces(runs).flat_map(|(_, _, item)| item.stays()).filter(|stay| {
        stay.is_over && matches!(stay.state, WorkState::Blocked | WorkState::Escalated)
    });
    let climbs = runs.iter().flat_map(|run| &run.climbs).filter_map(|climb| {
        climb.resolved.filter(|resolved| *resolved)?;
        Some(climb.until?.since(climb.from?))
    });
    let rows = [
        ("work", stood.map(|stay| stay.took()).collect::<Vec<Duration>>()),
        ("tasks", climbs.collect()),
    ];
    let rows = rows.into_iter().filter(|(_, times)| !times.is_empty());
    rows.map(|(of, times)| row(of, spread(times))).collect()
}

fn decided(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for one in runs.iter().flat_map(|run| &run.decisions).filter(|one| !one.options.is_empty()) {
        if let (Some(by), Some(asked), Some(decided)) = (&one.by, one.asked, one.decided) {
            groups.entry(by.clone()).or_default().push(decided.since(asked));
        }
    }
    super::spreads(groups)
}

fn handoffs(runs: &[&Organization]) -> Vec<Row> {
    let checklists: Vec<_> = runs.iter().flat_map(|run| &run.checklists).collect();
    if checklists.is_empty() {
        return Vec::new();
    }
    let is_whole = |points: &[crate::insight::organization::Point]| {
        !points.is_empty() && points.iter().all(|point| point.holds)
    };
    let whole = checklists.iter().filter(|(_, points)| is_whole(points)).count();
    let points = || checklists.iter().flat_map(|(_, points)| points);
    let mut figures = share("whole", whole, checklists.len());
    figures.push(("points", count(points().count())));
    figures.push(("points_that_hold", count(points().filter(|point| point.holds).count())));
    vec![row(ALL, figures)]
}

fn messages(runs: &[&Organization]) -> Vec<Row> {
    let all = || runs.iter().flat_map(|run| &run.messages);
    let of = |kind: MessageKind| {
        let number = all().filter(|message| message.kind == kind).count();
        row(kind.as_str(), vec![("count", count(number))])
    };
    if all().next().is_none() { Vec::new() } else { MessageKind::ALL.map(of).into() }
}

fn delegations(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for message in runs.iter().flat_map(|run| &run.messages) {
        if message.kind == MessageKind::Delegation {
            *groups.entry(&message.from).or_default() += 1;
        }
    }
    groups.into_iter().map(|(of, number)| row(of, vec![("count", count(number))])).collect()
}
