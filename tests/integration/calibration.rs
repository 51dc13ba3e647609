//! Estimates that are wrong in one domain: what a run shows of them, and what the next one makes of it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::RunStatus;
use partita::engine::content::MemoryContents;
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::insight::organization::{Organization, observations};
use partita::language::document::HumanDuration;
use partita::language::document::simulation::{
    AnswerRule, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};
use partita::language::plan::Plan;
use partita::organization::{Calibration, EstimateFactor, Observation};
use serde_json::Map;

use crate::support::{Dice, plan, settings_of};

const PEOPLE: &str = r#"
team:
  name: works
  agents:
    - { role: Head, layer: manager }
    - { role: Data Lead, layer: lead, domain: data, reports_to: head }
    - { role: Web Lead, layer: lead, domain: web, reports_to: head }
    - { role: Gus, layer: contributor, domain: data, reports_to: data_lead }
    - { role: Hal, layer: contributor, domain: data, reports_to: data_lead }
    - { role: Ann, layer: contributor, domain: web, reports_to: web_lead }
    - { role: Bob, layer: contributor, domain: web, reports_to: web_lead }
"#;

const PIECE: &str = r#"
pattern: { name: piece }
inputs: { title: string, domain: string, hours: number }
staff: { author: { domain: "{{ inputs.domain }}", hours: "{{ inputs.hours }}" } }
tasks:
  build: { agent: author, prompt: "Build {{ inputs.title }}.", lifecycle: in_progress }
outputs: { built: "{{ tasks.build.output }}" }
"#;

/// Thirty pieces of each domain, one after the other.
fn pieces() -> impl Iterator<Item = (&'static str, String, u64)> {
    (0..60u64).map(|place| {
        let domain = if place % 2 == 0 { "data" } else { "web" };
        (domain, format!("{domain} piece {place:02}"), 2 + place % 5)
    })
}

fn all_pieces() -> Arc<Plan> {
    let mut tasks = String::new();
    for (place, (domain, title, hours)) in pieces().enumerate() {
        let after = place.checked_sub(1).map_or_else(String::new, |before| format!("p{before}"));
        let _ = writeln!(
            tasks,
            "  p{place}: {{ uses: piece, with: {{ title: {title}, domain: {domain}, hours: {hours} }}, needs: [{after}] }}"
        );
    }
    let all = format!("pattern: {{ name: all }}\n{PEOPLE}tasks:\n{tasks}");
    let piece = format!("{PIECE}{PEOPLE}");
    plan(&[("all.yaml", &all), ("piece.yaml", &piece)])
}

/// What work really takes: 1.6 times its hours in `data`, as others estimate, and up to a tenth more or less.
fn profile(seed: u64) -> Profile {
    let mut dice = Dice::new(seed);
    let answers = pieces().map(|(domain, title, hours)| {
        let factor = if domain == "data" { 1600 } else { 1000 };
        let noise = 900 + dice.below(200);
        AnswerRule {
            matches: RequestMatch { contains: Some(title), ..RequestMatch::default() },
            text: Some("done".to_owned()),
            duration: Some(HumanDuration(Duration::from_micros(hours * factor * noise))),
            ..AnswerRule::default()
        }
    });
    Profile {
        time_scale: 1.0,
        servers: vec![SimulatedServer { slots: 4, ..SimulatedServer::named("one") }],
        models: vec![SimulatedModel { name: "a:8b".to_owned(), ..SimulatedModel::default() }],
        answers: answers.collect(),
        ..Profile::default()
    }
}

/// What a run shows, and how many minutes it had set aside for each domain: data, web.
fn run(seed: u64, known: Vec<EstimateFactor>) -> (Vec<Observation>, [u32; 2]) {
    let (plan, profile) = (all_pieces(), profile(seed));
    let mut settings = settings_of(&profile, "a:8b");
    settings.estimates = known;
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let begun = Arc::clone(&plan);
    let inputs = Map::new();
    let mut rehearsal = Rehearsal::new(begun, settings, script, &inputs, &contents, &Placeholders);
    assert_eq!(rehearsal.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let organization = Organization::of(plan, rehearsal.facts(), &contents, rehearsal.now());
    let mut set_aside = [0, 0];
    for (_, posts) in organization.history.posts().values() {
        for booking in posts.iter().filter_map(|post| post.booking.as_ref()) {
            let is_data = ["gus", "hal"].contains(&booking.agent.as_str());
            set_aside[usize::from(!is_data)] += booking.days.iter().map(|day| day.1).sum::<u32>();
        }
    }
    (observations(&[&organization]), set_aside)
}

/// By how many hundredths what was set aside for a domain is off what it took.
fn error(seen: &[Observation], domain: &str, set_aside: u32) -> u32 {
    let own = seen.iter().filter(|seen| seen.domain.as_deref() == Some(domain));
    let taken: u32 = own.map(|seen| seen.taken).sum();
    set_aside.abs_diff(taken) * 100 / taken
}

#[test]
fn after_thirty_pieces_of_a_domain_its_hours_are_right() {
    let (seen, [data, web]) = run(1, Vec::new());
    assert_eq!(seen.len(), 60);
    assert_eq!((data, web), (30 * 4 * 60, 30 * 4 * 60));
    assert!(error(&seen, "data", data) > 15 && error(&seen, "web", web) > 15);
    let mut calibration = Calibration::default();
    seen.iter().for_each(|seen| calibration.observe(seen));
    let (seen, [data, web]) = run(2, calibration.factors());
    // Of both domains together there is as much as before: hours are what the team has, not what clocks show.
    for (domain, set_aside) in [("data", data), ("web", web)] {
        let error = error(&seen, domain, set_aside);
        assert!(error < 10, "{domain}: {error} % off");
    }
}
