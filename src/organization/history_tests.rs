//! Learning from what work took, and how forecasts then hold.

use std::collections::BTreeSet;

use super::{
    Agent, AgentId, Calibration, Complexity, DAYS_AHEAD, Day, Demand, Layer, Ledger, Observation,
    Team, assign, forecast,
};

fn id_of(name: &str) -> AgentId {
    AgentId::new(None, name)
}

/// A number from 0 to 999 that depends on nothing but its place.
fn noise(place: u32) -> u32 {
    let mixed = u64::from(place).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    u32::try_from((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40).unwrap() % 1000
}

/// How long work really takes: 1.6 times its estimate in `data`, as estimated elsewhere, and up to a tenth
/// more or less.
fn true_effort(domain: &str, estimated: u32, place: u32) -> u32 {
    let factor = if domain == "data" { 1600 } else { 1000 };
    estimated * factor / 1000 * (900 + noise(place) / 5) / 1000
}

#[test]
fn after_thirty_tasks_estimates_are_right() {
    let people = [("data", "gus"), ("backend", "ada"), ("data", "hal"), ("backend", "bob")];
    let mut calibration = Calibration::default();
    assert_eq!(calibration.factor(None, Some("data"), Complexity::Low), 1000);
    for place in 0..60u32 {
        let (domain, agent) = people[place as usize % 4];
        let estimated = 60 + noise(place + 1000) % 240;
        calibration.observe(&Observation {
            agent: id_of(agent),
            domain: Some(domain.to_owned()),
            complexity: Complexity::ALL[place as usize / 4 % 3],
            estimated,
            taken: true_effort(domain, estimated, place),
        });
    }
    // Thirty of each domain. What comes next is off by less than a tenth on the whole, in each domain, by
    // whom and how hard it may be.
    assert_eq!(calibration.observations(), 60);
    for (domain, agent) in people {
        for complexity in Complexity::ALL {
            let (mut said, mut took) = (0, 0);
            for place in 100..130 {
                let estimated = 60 + noise(place + 2000) % 240;
                let agent = id_of(agent);
                said += calibration.apply(Some(&agent), Some(domain), complexity, estimated);
                took += true_effort(domain, estimated, place);
            }
            let error = said.abs_diff(took) * 100 / took;
            assert!(error < 10, "{domain} {agent} {complexity:?}: {said} for {took}");
        }
    }
    // Of a domain that nobody has seen only what is true of all is known.
    let unseen = calibration.factor(None, Some("law"), Complexity::High);
    assert!((1200..1400).contains(&unseen), "{unseen}");
    // Nothing is learned of what was to take no time, and no factor leaves its bounds.
    for _ in 0..1000 {
        calibration.observe(&Observation {
            agent: id_of("gus"),
            domain: None,
            complexity: Complexity::Low,
            estimated: 1,
            taken: u32::MAX,
        });
    }
    assert!(calibration.factor(Some(&id_of("gus")), None, Complexity::Low) <= 4000);
}

/// 2026-11-23, a Monday.
const START: Day = Day(20_780);

/// By how many hundredths forecasts of three days are off in the second month of two, on the whole, and how
/// much of the time is worked.
fn forecasts(is_calibrated: bool) -> (u32, u32) {
    let person = |(id, domain): (&str, &str)| Agent {
        layer: Some(Layer::Contributor),
        domain: Some(domain.to_owned()),
        ..Agent::of_role(None, id)
    };
    let people = [("gus", "data"), ("hal", "data"), ("ada", "backend"), ("bob", "backend")];
    let mut agents: Vec<Agent> = people.into_iter().map(person).collect();
    agents[0].capacity.minutes_per_day = 360;
    agents[3].capacity.away = (28..60).step_by(9).map(|later| START.plus(later)).collect();
    let team = Team::new("t".into(), None, None, agents).unwrap();
    let mut world = World {
        team: &team,
        ledger: Ledger::default(),
        calibration: Calibration::default(),
        is_calibrated,
        open: Vec::new(),
        made: 0,
    };
    let mut foreseen: Vec<(u32, u32)> = Vec::new();
    let mut worked: Vec<u32> = Vec::new();
    for place in 0..56 {
        let today = START.plus(place);
        world.take_on(today);
        let next = forecast(&team, &world.ledger, today, DAYS_AHEAD).overall();
        foreseen.push((next.promised, next.capacity));
        worked.push(world.work(today));
    }
    let (mut error, mut sum, mut capacity) = (0, 0, 0);
    // The first month teaches what estimates are worth. Nobody knows on Thursday what is planned on Monday.
    for place in (28..56).filter(|place| place % 7 <= 2) {
        let (promised, of) = foreseen[place];
        let done: u32 = worked[place..place + 3].iter().sum();
        (error, sum, capacity) = (error + promised.abs_diff(done), sum + done, capacity + of);
    }
    (error * 100 / sum, sum * 100 / capacity)
}

/// Weeks that are planned on Monday, with smaller matters on every day.
#[test]
fn forecasts_of_three_days_are_within_a_tenth() {
    let (error, worked) = forecasts(true);
    assert!(error < 10, "{error} of a hundred");
    assert!((50..95).contains(&worked), "{worked} of a hundred: full days are easily foreseen");
    let (error, _) = forecasts(false);
    assert!(error >= 10, "without calibration it would be as good: {error} of a hundred");
}

/// People who work through what they have promised, and book what they have not finished anew.
struct World<'t> {
    team: &'t Team,
    ledger: Ledger,
    calibration: Calibration,
    is_calibrated: bool,
    open: Vec<Open>,
    made: u32,
}

/// Work that is not done yet.
struct Open {
    work: String,
    demand: Demand,
    estimated: u32,
    /// The minutes that it takes in truth, and those worked so far.
    takes: u32,
    done: u32,
}

impl World<'_> {
    fn take_on(&mut self, today: Day) {
        let weekday = (today.0 - START.0).rem_euclid(7);
        if weekday < 5 {
            self.take(today, 20 + noise(self.made) % 30);
        }
        for _ in 0..if weekday == 0 { 16 } else { 0 } {
            self.take(today, 240 + noise(self.made) % 60);
        }
    }

    fn take(&mut self, today: Day, estimated: u32) {
        self.made += 1;
        let domain = ["data", "backend"][self.made as usize % 2];
        let complexity = Complexity::Medium;
        let minutes = if self.is_calibrated {
            self.calibration.apply(None, Some(domain), complexity, estimated)
        } else {
            estimated
        };
        let demand = Demand { domain: Some(domain.to_owned()), minutes, ..Demand::default() };
        let work = format!("work_{}", self.made);
        let found = assign(self.team, &self.ledger, &demand, &BTreeSet::new(), today).unwrap();
        self.ledger.book(&found.booking(&work, &demand));
        let takes = true_effort(domain, estimated, self.made);
        self.open.push(Open { work, demand, estimated, takes, done: 0 });
    }

    /// Everybody works on what is booked for the day; gives the minutes of all.
    fn work(&mut self, today: Day) -> u32 {
        let mut sum = 0;
        for mut open in std::mem::take(&mut self.open) {
            let booking = self.ledger.booking(&open.work).cloned().unwrap();
            let of_today = booking.days.iter().filter(|(day, _)| *day == today);
            let booked: u32 = of_today.map(|(_, minutes)| *minutes).sum();
            let minutes = booked.min(open.takes - open.done);
            sum += minutes;
            open.done += minutes;
            if open.done == open.takes {
                self.ledger.release(&open.work);
                self.calibration.observe(&Observation {
                    agent: booking.agent,
                    domain: open.demand.domain.clone(),
                    complexity: open.demand.complexity,
                    estimated: open.estimated,
                    taken: open.takes,
                });
                continue;
            }
            if booking.days.last().is_none_or(|(day, _)| *day <= today) {
                // It takes longer than was thought: what is left is booked behind.
                let rest = Demand { minutes: open.takes - open.done, ..open.demand.clone() };
                let (never, tomorrow) = (BTreeSet::new(), today.plus(1));
                let found = assign(self.team, &self.ledger, &rest, &never, tomorrow).unwrap();
                self.ledger.book(&found.booking(&open.work, &rest));
            }
            self.open.push(open);
        }
        sum
    }
}
