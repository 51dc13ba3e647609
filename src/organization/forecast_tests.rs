//! Worked examples of capacity, with minutes computed by hand.

use std::collections::BTreeSet;

use super::{
    Admission, Agent, AgentId, Booking, DAYS_AHEAD, Day, Demand, Layer, Ledger, Room, Team, admit,
    forecast, rebalance,
};

/// 2026-11-27, a Friday.
const FRIDAY: Day = Day(20_784);

fn person(id: &str, domain: &str, hours: u32, skill: &str) -> Agent {
    let mut agent = Agent {
        layer: Some(Layer::Contributor),
        domain: Some(domain.to_owned()),
        skills: vec![skill.to_owned()],
        ..Agent::of_role(None, id)
    };
    agent.capacity.minutes_per_day = hours * 60;
    agent
}

/// Two of `web` (8 and 6 hours) and one of `data` (4 hours, away on Monday), and their lead.
fn team() -> Team {
    let mut cem = person("cem", "data", 4, "css");
    cem.capacity.away = BTreeSet::from([FRIDAY.plus(3)]);
    let lead = Agent { layer: Some(Layer::Lead), ..Agent::of_role(None, "lead") };
    let agents = vec![lead, person("ada", "web", 8, "css"), person("bob", "web", 6, "html"), cem];
    Team::new("t".into(), None, None, agents).unwrap()
}

fn ledger(promised: &[(&str, i64, u32)]) -> Ledger {
    let mut ledger = Ledger::default();
    for (place, (agent, later, minutes)) in promised.iter().enumerate() {
        ledger.book(&Booking {
            work: place.to_string(),
            agent: AgentId::new(None, agent),
            days: vec![(FRIDAY.plus(*later), *minutes)],
            labels: BTreeSet::new(),
        });
    }
    ledger
}

fn room(capacity: u32, promised: u32, free: u32) -> Room {
    Room { capacity, promised, free }
}

#[test]
fn three_days_of_everybody() {
    // Saturday is no working day of anybody; what is promised there all the same counts nowhere.
    let ledger = ledger(&[("ada", 0, 100), ("bob", 3, 360), ("cem", 4, 60), ("ada", 1, 50)]);
    let found = forecast(&team(), &ledger, FRIDAY, DAYS_AHEAD);
    let days: Vec<Day> = found.days.iter().map(|day| day.day).collect();
    assert_eq!(days, [FRIDAY, FRIDAY.plus(3), FRIDAY.plus(4)]);
    // 480 + 360 minutes of web and 240 of data a day; data is away on Monday.
    let web: Vec<Room> = found.days.iter().map(|day| day.domains["web"]).collect();
    assert_eq!(web, [room(840, 100, 740), room(840, 360, 480), room(840, 0, 840)]);
    let data: Vec<Room> = found.days.iter().map(|day| day.domains["data"]).collect();
    assert_eq!(data, [room(240, 0, 240), room(0, 0, 0), room(240, 60, 180)]);
    let overall: Vec<Room> = found.days.iter().map(|day| day.overall).collect();
    assert_eq!(overall, [room(1080, 100, 980), room(840, 360, 480), room(1080, 60, 1020)]);
    assert_eq!(found.overall(), room(3000, 520, 2480));
    assert_eq!(found.of_agent(&AgentId::new(None, "bob")), room(1080, 360, 720));
    // The lead is no contributor.
    assert_eq!(found.days[0].people.len(), 3);
}

#[test]
fn nobody_makes_up_for_what_another_has_too_much() {
    // ada was booked for 480 minutes of Friday, and works 300 since.
    let mut agents = team().agents().to_vec();
    agents[1].capacity.minutes_per_day = 300;
    let team = Team::new("t".into(), None, None, agents).unwrap();
    let found = forecast(&team, &ledger(&[("ada", 0, 480)]), FRIDAY, 1);
    assert_eq!(found.of_domain("web"), room(660, 480, 360));
}

fn demand(domain: &str, minutes: u32) -> Demand {
    Demand {
        domain: Some(domain.to_owned()),
        skills: vec!["html".to_owned()],
        minutes,
        ..Demand::default()
    }
}

#[test]
fn new_work_is_taken_on_where_it_fits() {
    // bob knows html: Friday and Monday in full, and 280 minutes of Tuesday.
    let found =
        admit(&team(), &Ledger::default(), &[demand("web", 600), demand("web", 400)], FRIDAY);
    let Admission::Fits { until, assignments } = found else { panic!("{found:?}") };
    assert_eq!(until, Some(FRIDAY.plus(4)));
    assert_eq!(assignments[1].days, [(FRIDAY.plus(3), 120), (FRIDAY.plus(4), 280)]);
    // cem has 4800 minutes on twenty working days, of which the day away is none. What is more goes
    // to bob, who knows html.
    let much = [demand("data", 4800), demand("data", 1), demand("web", 1)];
    let found = admit(&team(), &Ledger::default(), &much, FRIDAY);
    let Admission::Fits { assignments, .. } = found else { panic!("{found:?}") };
    assert_eq!(assignments[0].agent.as_str(), "cem");
    assert_eq!(assignments[1].borrowed.as_deref(), Some("web"));
}

#[test]
fn the_first_that_does_not_fit_is_told_by_domain() {
    let much =
        [demand("data", 60), demand("law", 5), demand("data", 90_000), demand("data", 91_000)];
    let found = admit(&team(), &Ledger::default(), &much, FRIDAY);
    let Admission::TooMuch { shortages } = found else { panic!("{found:?}") };
    let told: Vec<(usize, String)> =
        shortages.iter().map(|short| (short.demand, short.reason.to_string())).collect();
    assert_eq!(
        told,
        [
            (
                1,
                "the team has no contributor of `law`; add one, or give the work to another domain"
                    .to_owned()
            ),
            (
                2,
                // Twenty days of 240 minutes without the hour of the first; the last is 20 working
                // days later, Christmas Day, as the Monday does not count.
                "no contributor of `data` has 1500 h left until 2026-12-25, 79 at most; make \
                 the work smaller, put other work off, or add somebody"
                    .to_owned()
            ),
        ]
    );
}

#[test]
fn a_domain_that_has_promised_too_much_may_borrow() {
    // web has 2520 minutes on three days; 90 of a hundred are 2268.
    let just =
        [("ada", 0, 480), ("ada", 3, 480), ("ada", 4, 480), ("bob", 0, 360), ("bob", 3, 360)];
    let mut promised = just.to_vec();
    promised.push(("bob", 4, 108));
    assert_eq!(rebalance(&team(), &ledger(&promised), FRIDAY), []);
    promised.push(("bob", 4, 1));
    let found = rebalance(&team(), &ledger(&promised), FRIDAY);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].domain.as_str(), found[0].room), ("web", room(2520, 2269, 251)));
    // cem knows css as ada does, and has Friday and Tuesday.
    let helper = &found[0].helpers[0];
    assert_eq!((helper.agent.as_str(), helper.skill, helper.free), ("cem", 100, 480));
}
