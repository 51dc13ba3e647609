//! Figures of an organisation over one run or several. `docs/organization.md` says what each is.

mod estimates;
mod flow;
mod people;
mod quality;

use std::collections::BTreeMap;
use std::time::Duration;

pub use estimates::observations;

use super::item::WorkItem;
use super::view::Organization;

/// A figure with its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name in machine output.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What was measured, by what it is of; nothing where there was nothing to measure.
    pub rows: Vec<Row>,
}

/// What a metric has of a state, a domain, somebody, or all.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Of what.
    pub of: String,
    /// What was measured.
    pub figures: Vec<(&'static str, Figure)>,
}

/// Something that was measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// A time.
    Time(Duration),
    /// A number of things.
    Count(u64),
    /// A share, from 0 to 1.
    Share(f64),
    /// Any other number.
    Number(f64),
    /// Something's name.
    Name(String),
}

/// All figures of these runs, in the order in which they are shown.
pub fn metrics(runs: &[&Organization]) -> Vec<Metric> {
    let mut all = flow::metrics(runs);
    all.extend(quality::metrics(runs));
    all.extend(estimates::metrics(runs));
    all.extend(people::metrics(runs));
    all
}

/// What rows of everything are called.
const ALL: &str = "all";

fn metric(key: &'static str, title: &'static str, rows: Vec<Row>) -> Metric {
    Metric { key, title, rows }
}

fn row(of: impl Into<String>, figures: Vec<(&'static str, Figure)>) -> Row {
    Row { of: of.into(), figures }
}

/// The pieces of work of these runs that have no others inside them, with their runs and places.
fn pieces<'r>(
    runs: &'r [&Organization],
) -> impl Iterator<Item = (&'r Organization, usize, &'r WorkItem)> {
    let of = |run: &&'r Organization| {
        let run: &'r Organization = run;
        run.work.pieces().map(move |(place, item)| (run, place, item))
    };
    runs.iter().flat_map(of)
}

fn domain(item: &WorkItem) -> String {
    item.about.domain.clone().unwrap_or_else(|| "none".to_owned())
}

/// A number as a figure has it.
fn count(number: usize) -> Figure {
    Figure::Count(number as u64)
}

/// A ratio; nothing of nothing is no ratio.
fn ratio(part: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| part / of)
}

/// `part` of `of`, and the share that it is.
fn share(name: &'static str, part: usize, of: usize) -> Vec<(&'static str, Figure)> {
    let mut figures = vec![(name, count(part)), ("out_of", count(of))];
    figures.extend(ratio(float(part), float(of)).map(|share| ("share", Figure::Share(share))));
    figures
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many pieces of work")]
fn float(number: usize) -> f64 {
    number as f64
}

/// The median, the 90th of a hundred, and how many there are: values that were measured, never one between two.
fn spread(mut times: Vec<Duration>) -> Vec<(&'static str, Figure)> {
    times.sort_unstable();
    let rank = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100).max(1);
        Figure::Time(times.get(rank - 1).copied().unwrap_or_default())
    };
    vec![("median", rank(50)), ("p90", rank(90)), ("count", count(times.len()))]
}

/// A row for each group, in the order of their names.
fn spreads<K: Ord + ToString>(groups: BTreeMap<K, Vec<Duration>>) -> Vec<Row> {
    groups.into_iter().map(|(of, times)| row(of.to_string(), spread(times))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spread_was_measured() {
        let times = (1..=10).map(Duration::from_secs).collect();
        let expected = vec![
            ("median", Figure::Time(Duration::from_secs(5))),
            ("p90", Figure::Time(Duration::from_secs(9))),
            ("count", Figure::Count(10)),
        ];
        assert_eq!(spread(times), expected);
        assert_eq!(spread(vec![Duration::from_secs(3)])[1].1, Figure::Time(Duration::from_secs(3)));
    }

    #[test]
    fn every_metric_has_a_name_of_its_own() {
        let all = metrics(&[]);
        let keys: std::collections::BTreeSet<&str> = all.iter().map(|one| one.key).collect();
        assert_eq!(keys.len(), all.len());
        assert!(keys.len() >= 20, "{}", keys.len());
    }
}
