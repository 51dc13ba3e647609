//! Worked examples of assignment, with scores computed by hand, and what must hold of all.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    Agent, AgentId, Booking, Capacity, Complexity, Day, Demand, HORIZON, Layer, Ledger, Level,
    Team, Unassigned, WEIGHTS, Weekday, assign, superior,
};

/// 2026-11-23, a Monday.
const MONDAY: Day = Day(20_780);

fn person(id: &str, layer: Layer, domain: &str, level: Option<Level>, skills: &[&str]) -> Agent {
    Agent {
        layer: Some(layer),
        domain: (!domain.is_empty()).then(|| domain.to_owned()),
        level,
        skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        ..Agent::of_role(None, id)
    }
}

fn team() -> Team {
    use Layer::{Contributor, Coordinator, Lead, Manager};
    use Level::{Junior, Mid, Senior, Staff};
    let mut dan = person("dan", Contributor, "frontend", Some(Staff), &["API design", "react"]);
    dan.capacity.minutes_per_day = 240;
    let mut eve = person("eve", Contributor, "frontend", Some(Senior), &["React", "css"]);
    eve.capacity.away = BTreeSet::from([MONDAY, MONDAY.plus(1)]);
    let agents = vec![
        person("max", Manager, "", None, &[]),
        person("cora", Coordinator, "", None, &[]),
        person("bea", Lead, "backend", None, &[]),
        person("fay", Lead, "frontend", None, &[]),
        person("dot", Lead, "data", None, &[]),
        person("hal", Contributor, "data", Some(Mid), &["sql"]),
        person("gus", Contributor, "data", None, &["etl"]),
        person("cem", Contributor, "backend", Some(Junior), &["sql"]),
        person("bob", Contributor, "backend", Some(Mid), &["rust", "sql"]),
        person("ada", Contributor, "backend", Some(Senior), &["rust", "api design"]),
        eve,
        dan,
        Agent::of_role(None, "guest"),
    ];
    Team::new("desk".into(), None, None, agents).unwrap()
}

/// Days as offsets from the Monday: `0 480, 1 120`.
fn days(text: &str) -> Vec<(Day, u32)> {
    let pairs = text.split(", ").filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (day, minutes) = pair.split_once(' ').unwrap();
        (MONDAY.plus(day.parse().unwrap()), minutes.parse().unwrap())
    };
    pairs.map(read).collect()
}

fn list(text: &str) -> Vec<String> {
    text.split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What is promised before: people with days and labels; `full` is the whole horizon and more.
fn ledger(team: &Team, promised: &[(&str, &str, &str)]) -> Ledger {
    let mut ledger = Ledger::default();
    for (place, (agent, written, labels)) in promised.iter().enumerate() {
        let agent = team.find(agent).unwrap();
        let all = || agent.capacity.working_days(MONDAY).take(2 * HORIZON).collect();
        ledger.book(&Booking {
            work: format!("earlier_{place}"),
            agent: agent.id.clone(),
            days: if *written == "full" { all() } else { days(written) },
            labels: list(labels).into_iter().collect(),
        });
    }
    ledger
}

struct Example {
    what: &'static str,
    domain: &'static str,
    skills: &'static str,
    complexity: Complexity,
    minutes: u32,
    related: &'static str,
    promised: &'static [(&'static str, &'static str, &'static str)],
    /// Candidates, the best first: skill (40 %), workload (25 %), complexity (20 %), continuity
    /// (15 %), and 40 a + 25 b + 20 c + 15 d.
    scores: &'static [(&'static str, [u16; 4], u16)],
    /// The days of the best one.
    days: &'static str,
}

const LOW: Complexity = Complexity::Low;
const MEDIUM: Complexity = Complexity::Medium;
const HIGH: Complexity = Complexity::High;

const BACKEND_FULL: &[(&str, &str, &str)] =
    &[("ada", "full", ""), ("bob", "full", ""), ("cem", "full", "")];

#[rustfmt::skip]
const EXAMPLES: &[Example] = &[
    Example { what: "skills count most", domain: "backend", skills: "rust, sql", complexity: MEDIUM,
        minutes: 120, related: "", promised: &[],
        // ada has one of two: (100 + 0) / 2.
        scores: &[("bob", [100, 100, 100, 0], 8500), ("ada", [50, 100, 90, 0], 6300),
            ("cem", [50, 100, 50, 0], 5500)], days: "0 120" },
    Example { what: "easy work is for juniors", domain: "backend", skills: "", complexity: LOW,
        minutes: 60, related: "", promised: &[],
        scores: &[("cem", [100, 100, 100, 0], 8500), ("bob", [100, 100, 80, 0], 8100),
            ("ada", [100, 100, 50, 0], 7500)], days: "0 60" },
    Example { what: "hard work is for seniors", domain: "backend", skills: "", complexity: HIGH,
        minutes: 60, related: "", promised: &[],
        scores: &[("ada", [100, 100, 100, 0], 8500), ("bob", [100, 100, 60, 0], 7700),
            ("cem", [100, 100, 0, 0], 6500)], days: "0 60" },
    Example { what: "who is half full counts half", domain: "backend", skills: "rust",
        complexity: MEDIUM, minutes: 60, related: "", promised: &[("bob", "0 480, 1 240", "")],
        // bob: 720 of 3 * 480 are free.
        scores: &[("ada", [100, 100, 90, 0], 8300), ("bob", [100, 50, 100, 0], 7250),
            ("cem", [0, 100, 50, 0], 3500)], days: "0 60" },
    Example { what: "one of two labels", domain: "backend", skills: "rust", complexity: MEDIUM,
        minutes: 60, related: "billing, search", promised: &[("bob", "", "billing")],
        scores: &[("bob", [100, 100, 100, 50], 9250), ("ada", [100, 100, 90, 0], 8300),
            ("cem", [0, 100, 50, 0], 3500)], days: "0 60" },
    Example { what: "who knows it all goes on with it", domain: "backend", skills: "rust",
        complexity: MEDIUM, minutes: 60, related: "billing, search",
        promised: &[("ada", "", "billing, search, mail")],
        scores: &[("ada", [100, 100, 90, 100], 9800), ("bob", [100, 100, 100, 0], 8500),
            ("cem", [0, 100, 50, 0], 3500)], days: "0 60" },
    Example { what: "of equals the more skilled", domain: "data", skills: "etl", complexity: MEDIUM,
        minutes: 60, related: "billing",
        promised: &[("gus", "0 480, 1 480, 2 480", ""), ("hal", "", "billing")],
        scores: &[("gus", [100, 0, 100, 0], 6000), ("hal", [0, 100, 100, 100], 6000)],
        days: "3 60" },
    Example { what: "of equals the one who has promised less", domain: "data", skills: "",
        complexity: MEDIUM, minutes: 60, related: "", promised: &[("gus", "3 60", "")],
        scores: &[("hal", [100, 100, 100, 0], 8500), ("gus", [100, 100, 100, 0], 8500)],
        days: "0 60" },
    Example { what: "of equals the first by id", domain: "data", skills: "", complexity: MEDIUM,
        minutes: 60, related: "", promised: &[],
        scores: &[("gus", [100, 100, 100, 0], 8500), ("hal", [100, 100, 100, 0], 8500)],
        days: "0 60" },
    Example { what: "more than a day", domain: "backend", skills: "rust, sql", complexity: MEDIUM,
        minutes: 600, related: "", promised: &[],
        scores: &[("bob", [100, 100, 100, 0], 8500), ("ada", [50, 100, 90, 0], 6300),
            ("cem", [50, 100, 50, 0], 5500)], days: "0 480, 1 120" },
    Example { what: "beside what is promised", domain: "backend", skills: "rust, sql",
        complexity: MEDIUM, minutes: 300, related: "", promised: &[("bob", "0 300", "")],
        // bob: 1140 of 1440 are free, 79.1 of a hundred.
        scores: &[("bob", [100, 79, 100, 0], 7975), ("ada", [50, 100, 90, 0], 6300),
            ("cem", [50, 100, 50, 0], 5500)], days: "0 180, 1 120" },
    Example { what: "nobody works at the weekend", domain: "data", skills: "sql", complexity: MEDIUM,
        minutes: 600, related: "", promised: &[("hal", "0 480, 1 480, 2 480, 3 480", "")],
        // hal starts on Friday with what the week has left.
        scores: &[("hal", [100, 0, 100, 0], 6000), ("gus", [0, 100, 100, 0], 4500)],
        days: "4 480, 7 120" },
    Example { what: "who is away begins later", domain: "frontend", skills: "react",
        complexity: MEDIUM, minutes: 120, related: "", promised: &[],
        scores: &[("eve", [100, 100, 90, 0], 8300), ("dan", [100, 100, 60, 0], 7700)],
        days: "2 120" },
    Example { what: "half days", domain: "frontend", skills: "react", complexity: HIGH, minutes: 300,
        related: "", promised: &[],
        scores: &[("dan", [100, 100, 100, 0], 8500), ("eve", [100, 100, 100, 0], 8500)],
        days: "0 240, 1 60" },
    Example { what: "a third of half days", domain: "frontend", skills: "react", complexity: HIGH,
        minutes: 60, related: "", promised: &[("dan", "0 240", "")],
        // dan: 480 of 720 are free, 66.6 of a hundred.
        scores: &[("eve", [100, 100, 100, 0], 8500), ("dan", [100, 66, 100, 0], 7650)],
        days: "2 60" },
    Example { what: "a word of a skill", domain: "frontend", skills: "api", complexity: MEDIUM,
        minutes: 60, related: "", promised: &[],
        // One word of two: 60 / 2.
        scores: &[("dan", [30, 100, 60, 0], 4900), ("eve", [0, 100, 90, 0], 4300)], days: "0 60" },
    Example { what: "a helper of another domain", domain: "backend", skills: "api design",
        complexity: MEDIUM, minutes: 60, related: "", promised: BACKEND_FULL,
        scores: &[("dan", [100, 100, 60, 0], 7700)], days: "0 60" },
    Example { what: "the last hour of the horizon", domain: "backend", skills: "rust",
        complexity: MEDIUM, minutes: 60, related: "",
        promised: &[("ada", "full", ""), ("cem", "full", ""),
            ("bob", "0 480, 1 480, 2 480, 3 480, 4 480, 7 480, 8 480, 9 480, 10 480, 11 480, 14 480, \
                15 480, 16 480, 17 480, 18 480, 21 480, 22 480, 23 480, 24 480, 25 420", "")],
        scores: &[("bob", [100, 0, 100, 0], 6000)], days: "25 60" },
    Example { what: "work that takes no time", domain: "backend", skills: "rust", complexity: MEDIUM,
        minutes: 0, related: "", promised: BACKEND_FULL,
        scores: &[("bob", [100, 0, 100, 0], 6000), ("ada", [100, 0, 90, 0], 5800),
            ("cem", [0, 0, 50, 0], 1000)], days: "" },
    Example { what: "work of no domain", domain: "", skills: "sql", complexity: LOW, minutes: 60,
        related: "", promised: &[],
        scores: &[("cem", [100, 100, 100, 0], 8500), ("bob", [100, 100, 80, 0], 8100),
            ("hal", [100, 100, 80, 0], 8100), ("gus", [0, 100, 80, 0], 4100),
            ("ada", [0, 100, 50, 0], 3500), ("eve", [0, 100, 50, 0], 3500),
            ("dan", [0, 100, 30, 0], 3100)], days: "0 60" },
];

fn demand(example: &Example) -> Demand {
    Demand {
        layer: Layer::Contributor,
        domain: (!example.domain.is_empty()).then(|| example.domain.to_owned()),
        skills: list(example.skills),
        complexity: example.complexity,
        minutes: example.minutes,
        related: list(example.related).into_iter().collect(),
    }
}

#[test]
fn worked_examples() {
    let team = team();
    assert_eq!(EXAMPLES.len(), 20);
    for example in EXAMPLES {
        let ledger = ledger(&team, example.promised);
        let found = assign(&team, &ledger, &demand(example), &BTreeSet::new(), MONDAY).unwrap();
        let scores: Vec<(&str, [u16; 4], u16)> = found
            .candidates
            .iter()
            .map(|scored| {
                let parts = [scored.skill, scored.workload, scored.complexity, scored.continuity];
                (scored.agent.as_str(), parts.map(u16::from), scored.total)
            })
            .collect();
        assert_eq!(scores, example.scores, "{}", example.what);
        assert_eq!(found.agent.as_str(), example.scores[0].0, "{}", example.what);
        assert_eq!(found.days, days(example.days), "{}", example.what);
        let borrowed = (example.what == "a helper of another domain").then_some("frontend");
        assert_eq!(found.borrowed.as_deref(), borrowed, "{}", example.what);
        for (agent, [skill, workload, complexity, continuity], total) in example.scores {
            let sum = 40 * skill + 25 * workload + 20 * complexity + 15 * continuity;
            assert_eq!(sum, *total, "{}: {agent}", example.what);
        }
    }
}

#[test]
fn a_score_explains_itself() {
    let team = team();
    let ledger = ledger(&team, &[("bob", "0 300", "billing")]);
    let demand = Demand {
        domain: Some("backend".into()),
        skills: list("rust, sql"),
        minutes: 30,
        related: BTreeSet::from(["billing".to_owned(), "mail".to_owned()]),
        ..Demand::default()
    };
    let found = assign(&team, &ledger, &demand, &BTreeSet::new(), MONDAY).unwrap();
    assert_eq!(
        found.candidates[0].to_string(),
        "bob 87.25: skills 100 (40 %), free time 79 (25 %), difficulty 100 (20 %), earlier work 50 \
         (15 %)"
    );
}

#[test]
fn those_above_take_work_of_their_layer() {
    let team = team();
    let of = |layer, domain: &str| {
        let demand = Demand {
            layer,
            domain: Some(domain.to_owned()),
            minutes: 60,
            complexity: HIGH,
            ..Demand::default()
        };
        let found = assign(&team, &Ledger::default(), &demand, &BTreeSet::new(), MONDAY);
        found.map(|found| (found.agent.to_string(), found.candidates[0].total))
    };
    assert_eq!(of(Layer::Lead, "backend"), Ok(("bea".to_owned(), 7700)));
    assert_eq!(of(Layer::Coordinator, "backend"), Ok(("cora".to_owned(), 7700)));
    let nobody = of(Layer::Lead, "legal").unwrap_err().to_string();
    assert_eq!(
        nobody,
        "the team has no lead of `legal`; add one, or give the work to another domain"
    );
}

#[test]
fn who_must_not_is_not_asked_and_who_is_full_is_not_either() {
    let team = team();
    let demand = Demand {
        domain: Some("backend".into()),
        skills: list("rust"),
        minutes: 60,
        ..Demand::default()
    };
    let ids = |names: &str| -> BTreeSet<AgentId> {
        list(names).iter().map(|name| AgentId::new(None, name)).collect()
    };
    let free = Ledger::default();
    let found = assign(&team, &free, &demand, &ids("bob, ada"), MONDAY).unwrap();
    assert_eq!(found.agent.as_str(), "cem");
    let refused = assign(&team, &free, &demand, &ids("bob, ada, cem"), MONDAY).unwrap_err();
    assert!(matches!(refused, Unassigned::NobodyElse { .. }), "{refused}");
    // Helpers would have to know rust.
    let full = ledger(&team, BACKEND_FULL);
    let refused = assign(&team, &full, &demand, &BTreeSet::new(), MONDAY).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no contributor of `backend` has 1 h left until 2026-12-18, 0 at most; make the work \
         smaller, put other work off, or add somebody"
    );
    let Unassigned::NoCapacity { candidates, .. } = refused else { panic!("{refused}") };
    let order: Vec<&str> = candidates.iter().map(|scored| scored.agent.as_str()).collect();
    assert_eq!(order, ["bob", "ada", "cem"]);
}

#[test]
fn the_next_above_is_more_than_a_contributor() {
    let line = |id: &str, layer, above: Option<&str>| Agent {
        layer,
        reports_to: above.map(|above| AgentId::new(None, above)),
        ..Agent::of_role(None, id)
    };
    let contributor = Some(Layer::Contributor);
    let agents = vec![
        line("head", Some(Layer::Lead), None),
        line("buddy", contributor, Some("head")),
        line("hand", contributor, Some("buddy")),
        line("guest", None, Some("hand")),
        line("other", contributor, None),
    ];
    let team = Team::new("t".into(), None, None, agents).unwrap();
    let next = |id: &str| superior(&team, &AgentId::new(None, id)).map(|above| above.id.as_str());
    assert_eq!([next("hand"), next("guest"), next("head")], [Some("head"), Some("head"), None]);
    assert_eq!((next("other"), next("nobody")), (None, None));
}

#[test]
fn the_weights_are_a_hundred() {
    assert_eq!(WEIGHTS.skill + WEIGHTS.workload + WEIGHTS.complexity + WEIGHTS.continuity, 100);
}

fn any_capacity() -> impl Strategy<Value = Capacity> {
    let days = proptest::sample::subsequence(Weekday::ALL.to_vec(), 1..=7);
    let away = proptest::collection::btree_set(0..30i64, 0..6);
    (1..600u32, days, away).prop_map(|(minutes_per_day, days, away)| Capacity {
        minutes_per_day,
        days: days.into_iter().collect(),
        away: away.into_iter().map(|later| MONDAY.plus(later)).collect(),
    })
}

fn any_person() -> impl Strategy<Value = (usize, usize, usize, Capacity)> {
    (0..3usize, 0..5usize, 0..8usize, any_capacity())
}

const WORDS: [&str; 4] = ["sql", "rust", "api design", "web design"];

fn any_team() -> impl Strategy<Value = Vec<Agent>> {
    proptest::collection::vec(any_person(), 1..8).prop_map(|people| {
        let people = people.into_iter().enumerate();
        let agents = people.map(|(place, (domain, level, skills, capacity))| {
            let skills = &WORDS[skills % 4..][..usize::from(skills < 4)];
            let (domain, level) = (["a", "b", "c"][domain], Level::ALL.get(level).copied());
            let id = format!("p{place}");
            Agent { capacity, ..person(&id, Layer::Contributor, domain, level, skills) }
        });
        agents.collect()
    })
}

fn any_demand() -> impl Strategy<Value = Demand> {
    let labels = proptest::collection::btree_set("[xyz]", 0..3);
    (0..3usize, 0..5usize, 0..3usize, 0..2000u32, labels).prop_map(
        |(domain, skill, complexity, minutes, related)| Demand {
            layer: Layer::Contributor,
            domain: Some(["a", "b", "c"][domain].to_owned()),
            skills: WORDS.get(skill).map(|skill| (*skill).to_owned()).into_iter().collect(),
            complexity: Complexity::ALL[complexity],
            minutes,
            related,
        },
    )
}

proptest! {
    /// Nobody ever promises more of a day than there is, all of the work is booked, and whoever lists
    /// the members in another order gets the same.
    #[test]
    fn capacity_is_never_exceeded_and_nothing_is_chance(
        agents in any_team(),
        demands in proptest::collection::vec((any_demand(), 0..4i64), 0..30),
    ) {
        let team = Team::new("t".into(), None, None, agents.clone()).unwrap();
        let backwards = agents.iter().rev().cloned().collect();
        let backwards = Team::new("t".into(), None, None, backwards).unwrap();
        let mut ledger = Ledger::default();
        let mut today = MONDAY;
        for (place, (demand, later)) in demands.iter().enumerate() {
            today = today.plus(*later);
            let never = BTreeSet::from([AgentId::new(None, &format!("p{}", place % 8))]);
            let found = assign(&team, &ledger, demand, &never, today);
            prop_assert_eq!(&found, &assign(&backwards, &ledger, demand, &never, today));
            let Ok(found) = found else { continue };
            prop_assert!(!never.contains(&found.agent));
            prop_assert_eq!(found.days.iter().map(|(_, minutes)| minutes).sum::<u32>(), demand.minutes);
            prop_assert!(found.days.iter().all(|(day, minutes)| *day >= today && *minutes > 0));
            prop_assert_eq!(&found.candidates[0].agent, &found.agent);
            prop_assert!(found.candidates.is_sorted_by(|one, other| one.total >= other.total));
            let agent = team.find(found.agent.as_str()).unwrap();
            prop_assert_eq!(found.borrowed.is_some(), agent.domain != demand.domain);
            if place % 5 == 4 {
                ledger.release(&(place - 3).to_string());
            }
            ledger.book(&found.booking(&place.to_string(), demand));
            for agent in team.agents() {
                for day in (0..150).map(|later| MONDAY.plus(later)) {
                    let promised = ledger.minutes(&agent.id, day);
                    prop_assert!(promised <= agent.capacity.minutes_on(day), "{} {day}", agent.id);
                }
            }
        }
    }
}
