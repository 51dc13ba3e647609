//! People: how busy they are, who holds what up, and for whom nobody stands in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{ALL, Figure, Metric, Row, count, metric, pieces, ratio, row};
use crate::insight::organization::view::Organization;
use crate::organization::{Agent, AgentId, Booking, Day, Layer, Owner, Team, WorkState};

pub(super) fn metrics(runs: &[&Organization]) -> Vec<Metric> {
    let by_agent = |agent: &Agent| Some(agent.id.to_string());
    let by_domain = |agent: &Agent| agent.domain.clone();
    vec![
        metric(
            "utilization",
            "time set aside of the time there is, by contributor",
            utilization(runs, by_agent),
        ),
        metric("utilization_of_domains", "the same, by domain", utilization(runs, by_domain)),
        metric("load", "pieces of work, by who does them", load(runs)),
        metric("bottleneck_by_person", "who held most waiting time", bottleneck(runs)),
        metric("single_points", "domains with one contributor", single_points(runs)),
    ]
}

/// The minutes that were set aside over those that people work from the first day with any to the last, of
/// all runs; who was given nothing works as long as the run's others.
fn utilization(runs: &[&Organization], group: impl Fn(&Agent) -> Option<String>) -> Vec<Row> {
    let mut groups: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for run in runs {
        let posts = run.history.posts().values().flat_map(|(_, posts)| posts);
        let bookings: Vec<&Booking> = posts.filter_map(|post| post.booking.as_ref()).collect();
        let days = || bookings.iter().flat_map(|booking| &booking.days).map(|(day, _)| *day);
        let (Some(first), Some(last)) = (days().min(), days().max()) else { continue };
        for agent in contributors(run) {
            let Some(name) = group(agent) else { continue };
            let own = bookings.iter().filter(|booking| booking.agent == agent.id);
            let set_aside: u32 =
                own.flat_map(|booking| &booking.days).map(|(_, minutes)| minutes).sum();
            let works: u32 =
                (first.0..=last.0).map(|day| agent.capacity.minutes_on(Day(day))).sum();
            let (busy, all) = groups.entry(name).or_default();
            *busy += f64::from(set_aside);
            *all += f64::from(works);
        }
    }
    let of = |(name, (busy, all)): (String, (f64, f64))| {
        const MINUTES: f64 = 60.0;
        let share = ratio(busy, all).unwrap_or(0.0);
        row(
            name,
            vec![
                ("hours_set_aside", Figure::Number(busy / MINUTES)),
                ("hours", Figure::Number(all / MINUTES)),
                ("share", Figure::Share(share)),
            ],
        )
    };
    groups.into_iter().map(of).collect()
}

/// The contributors of a run's teams, each once.
fn contributors<'r>(run: &'r Organization) -> impl Iterator<Item = &'r Agent> {
    let mut seen: BTreeSet<&'r AgentId> = BTreeSet::new();
    let agents = run.history.plan().teams.iter().flat_map(Team::agents);
    agents.filter(move |agent| agent.layer == Some(Layer::Contributor) && seen.insert(&agent.id))
}

fn load(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<&AgentId, (usize, usize)> = BTreeMap::new();
    for (_, _, item) in pieces(runs) {
        let Some(author) = &item.author else { continue };
        let (open, done) = groups.entry(author).or_default();
        *open += usize::from(!item.state().is_final());
        *done += usize::from(item.state() == WorkState::Completed);
    }
    let of = |(agent, (open, done)): (&AgentId, (usize, usize))| {
        row(agent.as_str(), vec![("open", count(open)), ("completed", count(done))])
    };
    groups.into_iter().map(of).collect()
}

/// By whom work waited: in all states but those in which nobody has it or somebody works on it. Time in which
/// a person is asked is that person's.
fn bottleneck(runs: &[&Organization]) -> Vec<Row> {
    let mut groups: BTreeMap<String, Duration> = BTreeMap::new();
    for (_, _, item) in pieces(runs) {
        for (stay, by) in item.stays().iter().skip(1).zip(&item.moves) {
            if stay.state == WorkState::InProgress {
                continue;
            }
            let is_authors = stay.state.owner() == Some(Owner::Author);
            let who = by.agent.as_ref().or(item.author.as_ref().filter(|_| is_authors));
            if let Some(who) = who {
                *groups.entry(who.to_string()).or_default() += stay.took();
            }
        }
    }
    for run in runs {
        for one in run.decisions.iter().filter(|one| !one.options.is_empty()) {
            let Some(asked) = one.asked else { continue };
            let by = one.by.clone().unwrap_or_else(|| "nobody yet".to_owned());
            let until = one.decided.unwrap_or(run.work.now);
            *groups.entry(by).or_default() += until.since(asked);
        }
    }
    let most = groups.into_iter().max_by_key(|(_, time)| *time);
    let Some((who, time)) = most.filter(|(_, time)| !time.is_zero()) else { return Vec::new() };
    vec![row(ALL, vec![("who", Figure::Name(who)), ("time", Figure::Time(time))])]
}

fn single_points(runs: &[&Organization]) -> Vec<Row> {
    let mut domains: BTreeMap<&str, BTreeSet<&AgentId>> = BTreeMap::new();
    for run in runs {
        for agent in contributors(run) {
            if let Some(domain) = &agent.domain {
                domains.entry(domain).or_default().insert(&agent.id);
            }
        }
    }
    let of = |(domain, people): (&str, BTreeSet<&AgentId>)| match people.first() {
        Some(only) if people.len() == 1 => {
            Some(row(domain, vec![("who", Figure::Name(only.to_string()))]))
        }
        _ => None,
    };
    domains.into_iter().filter_map(of).collect()
}
