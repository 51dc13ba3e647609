use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::engine::settings::{Server, ServerId, Settings};
use crate::engine::time::Time;
use crate::language::document::ClusterSettings;

/// Between two looks of a run.
const LOOK: Duration = Duration::from_millis(250);

/// Servers as `(slots, max_models)`.
fn settings(servers: &[(u32, u32)]) -> Settings {
    let cluster = ClusterSettings::of_urls((0..servers.len()).map(|n| format!("http://s{n}")));
    let mut settings = Settings::of_cluster(&cluster, "m:latest".to_owned());
    for (server, (slots, max_models)) in settings.servers.iter_mut().zip(servers) {
        (server.slots, server.max_models) = (*slots, *max_models);
    }
    settings
}

fn member(run: &str, settings: &Settings) -> Member {
    let addresses = settings.servers.iter().map(|server| server.url.clone()).collect();
    Member::new(run.to_owned(), settings.clone(), addresses)
}

/// A run with calls to make, and those that it makes.
struct Caller {
    member: Member,
    /// Calls of each model that wait, and where they could go.
    waiting: BTreeMap<String, (u32, Vec<ServerId>)>,
    under_way: Vec<(ServerId, String, Time)>,
    took: Duration,
    /// Since when it has waited without any call under way.
    hungry_since: Option<Time>,
}

impl Caller {
    fn new(run: &str, settings: &Settings, calls: &[(&str, u32)], took: u64) -> Caller {
        let all: Vec<ServerId> = settings.servers().map(|(id, _)| id).collect();
        let waiting = calls.iter().map(|(model, n)| ((*model).to_owned(), (*n, all.clone())));
        Caller {
            member: member(run, settings),
            waiting: waiting.collect(),
            under_way: Vec::new(),
            took: Duration::from_millis(took),
            hungry_since: None,
        }
    }

    fn needs(&self, servers: usize) -> Needs {
        let mut in_use = vec![BTreeMap::new(); servers];
        for (server, model, _) in &self.under_way {
            *in_use[server.index()].entry(model.clone()).or_insert(0) += 1;
        }
        let mut wants = Vec::new();
        for (number, calls) in in_use.iter().enumerate() {
            let servers = vec![ServerId(u32::try_from(number).expect("few"))];
            wants.extend(calls.iter().map(|(model, calls)| Want {
                model: model.clone(),
                calls: *calls,
                servers: servers.clone(),
            }));
        }
        let waiting = self.waiting.iter().filter(|(_, (calls, _))| *calls > 0);
        wants.extend(waiting.map(|(model, (calls, servers))| Want {
            model: model.clone(),
            calls: *calls,
            servers: servers.clone(),
        }));
        let loaded = vec![BTreeSet::new(); servers];
        Needs { wants, in_use, loaded, load: Duration::from_secs(10) }
    }

    /// Ends calls, looks, and starts what it may.
    fn act(&mut self, board: &mut Board, settings: &Settings, now: Time) {
        self.under_way.retain(|(_, _, ends)| *ends > now);
        let needs = self.needs(settings.servers.len());
        let shares = self.member.look(board, now, &needs).to_vec();
        for ((id, server), share) in settings.servers().zip(shares) {
            for (model, (calls, servers)) in &mut self.waiting {
                loop {
                    let here = |m: &String| {
                        self.under_way.iter().filter(|(s, other, _)| *s == id && other == m).count()
                    };
                    let models: BTreeSet<&String> =
                        self.under_way.iter().filter(|c| c.0 == id).map(|c| &c.1).collect();
                    let fits = models.contains(model) || models.len() < server.max_models as usize;
                    let most = share.holding.calls_of(model, server.slots) as usize;
                    if *calls == 0 || !servers.contains(&id) || !fits || here(model) >= most {
                        break;
                    }
                    *calls -= 1;
                    self.under_way.push((id, model.clone(), now + self.took));
                }
            }
        }
        let waits = self.waiting.values().any(|(calls, _)| *calls > 0);
        match (waits && self.under_way.is_empty(), self.hungry_since) {
            (true, None) => self.hungry_since = Some(now),
            (false, _) => self.hungry_since = None,
            _ => {}
        }
    }

    fn is_done(&self) -> bool {
        self.under_way.is_empty() && self.waiting.values().all(|(calls, _)| *calls == 0)
    }
}

/// That all runs together neither use nor hold more of a server than there is.
fn assert_nothing_exceeded(board: &Board, callers: &[Caller], settings: &Settings, what: &str) {
    for (id, Server { url, slots, max_models, .. }) in settings.servers() {
        let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, model, _) in callers.iter().flat_map(|c| &c.under_way).filter(|c| c.0 == id) {
            *calls.entry(model).or_default() += 1;
        }
        assert!(calls.values().all(|n| n <= slots), "{what}: {calls:?} on {url}");
        assert!(calls.len() <= *max_models as usize, "{what}: {calls:?} on {url}");
        let mut held: BTreeMap<&str, u32> = BTreeMap::new();
        let mut whole = 0;
        for place in board.runs.values().filter_map(|entry| entry.places.get(url)) {
            match &place.holds {
                Holding::Whole => whole += 1,
                Holding::Calls(calls) => {
                    for (model, n) in calls.iter().filter(|(_, n)| **n > 0) {
                        *held.entry(model).or_default() += n;
                    }
                }
            }
        }
        assert!(whole + usize::from(!held.is_empty()) <= 1, "{what}: {whole} and {held:?}");
        assert!(held.values().all(|n| n <= slots), "{what}: {held:?} of {url}");
        assert!(held.len() <= *max_models as usize, "{what}: {held:?} of {url}");
    }
}

/// Lets all act in turn until all are done; the time that takes.
fn finish(callers: &mut [Caller], settings: &Settings) -> Duration {
    let mut board = Board::default();
    let mut now = Time(0);
    while !callers.iter().all(Caller::is_done) {
        for number in 0..callers.len() {
            callers[number].act(&mut board, settings, now);
            assert_nothing_exceeded(&board, callers, settings, &format!("at {now}"));
        }
        now = now + LOOK;
        assert!(now < Time(86_400_000_000), "nothing comes of it");
    }
    now.since(Time(0))
}

/// What each run holds of each server after all have looked some times, `4*` for a whole server.
fn standing(servers: &[(u32, u32)], runs: &[(&str, &[(&str, u32)])]) -> Vec<Vec<String>> {
    let settings = settings(servers);
    let mut board = Board::default();
    let mut callers: Vec<Caller> =
        runs.iter().map(|(run, calls)| Caller::new(run, &settings, calls, 100)).collect();
    for look in 0..12 {
        for number in 0..callers.len() {
            callers[number].act(&mut board, &settings, Time(0) + LOOK * look);
            assert_nothing_exceeded(&board, &callers, &settings, "");
        }
    }
    let shown = |share: &Share| match &share.holding {
        Holding::Whole => "whole".to_owned(),
        Holding::Calls(calls) => {
            calls.iter().map(|(m, n)| format!("{n}{m}")).collect::<Vec<_>>().join("+")
        }
    };
    callers.iter().map(|caller| caller.member.shares().iter().map(shown).collect()).collect()
}

#[test]
fn a_run_alone_has_everything() {
    let alone = standing(&[(4, 1), (2, 1)], &[("a", &[("x", 900)])]);
    assert_eq!(alone, [["whole", "whole"]]);
}

#[test]
fn runs_with_one_model_share_each_server() {
    let runs = standing(&[(4, 1), (4, 1)], &[("a", &[("x", 900)]), ("b", &[("x", 900)])]);
    assert_eq!(runs, [["2x", "2x"], ["2x", "2x"]]);
}

#[test]
fn runs_with_different_models_have_servers_of_their_own() {
    let runs = standing(&[(4, 1), (4, 1)], &[("a", &[("x", 900)]), ("b", &[("y", 900)])]);
    assert_eq!(runs, [["whole", ""], ["", "whole"]]);
    let runs = standing(&[(2, 2)], &[("a", &[("x", 900)]), ("b", &[("y", 900)])]);
    assert_eq!(runs, [["2x"], ["2y"]], "two models fit on it");
}

#[test]
fn a_run_that_wants_little_leaves_the_rest() {
    let mut few = Caller::new("a", &settings(&[(4, 1)]), &[("x", 1)], 60_000);
    let mut many = Caller::new("b", &settings(&[(4, 1)]), &[("x", 900)], 100);
    let (settings, mut board) = (settings(&[(4, 1)]), Board::default());
    for look in 0..6 {
        few.act(&mut board, &settings, Time(0) + LOOK * look);
        many.act(&mut board, &settings, Time(0) + LOOK * look);
    }
    assert_eq!(many.member.shares()[0].holding.calls_of("x", 9), 3);
    let sharing = many.member.shares()[0].sharing.as_ref().expect("both use it");
    assert_eq!((sharing.slots, sharing.of, &sharing.with[..]), (3, 4, &["a".to_owned()][..]));
}

#[test]
fn calls_under_way_are_given_up_only_when_they_end() {
    let (settings, mut board) = (settings(&[(4, 1)]), Board::default());
    let mut first = Caller::new("a", &settings, &[("x", 900)], 10_000);
    let mut second = Caller::new("b", &settings, &[("x", 900)], 100);
    first.act(&mut board, &settings, Time(0));
    second.act(&mut board, &settings, Time(1));
    assert_eq!(first.under_way.len(), 4);
    assert_eq!(second.under_way.len(), 0, "the first has not given anything up");
    first.act(&mut board, &settings, Time(2));
    second.act(&mut board, &settings, Time(3));
    assert_eq!((first.under_way.len(), second.under_way.len()), (4, 0));
    assert!(first.member.gives_up(&first.needs(1)));
    first.act(&mut board, &settings, Time(10_000_000));
    second.act(&mut board, &settings, Time(10_000_001));
    assert_eq!((first.under_way.len(), second.under_way.len()), (2, 2));
}

#[test]
fn a_model_takes_its_place_until_its_last_call_has_ended() {
    let (settings, mut board) = (settings(&[(2, 1)]), Board::default());
    let mut callers = [
        Caller::new("a", &settings, &[("x", 900), ("y", 900)], 60_000),
        Caller::new("b", &settings, &[("y", 900)], 100),
    ];
    let seconds = |seconds: u64| Time(seconds * 1_000_000);
    for at in [0, 1, 21, 22, 23] {
        for number in 0..2 {
            callers[number].act(&mut board, &settings, seconds(at));
            assert_nothing_exceeded(&board, &callers, &settings, &format!("after {at} s"));
        }
    }
    // Its turn is over, and the other's model is to come, for both: not before the old one has gone.
    assert_eq!(callers[0].member.shares()[0].holding, Holding::nothing());
    assert_eq!(callers[1].under_way.len(), 0);
    for at in [61, 62, 63] {
        for number in 0..2 {
            callers[number].act(&mut board, &settings, seconds(at));
            assert_nothing_exceeded(&board, &callers, &settings, &format!("after {at} s"));
        }
    }
    assert!(callers.iter().all(|caller| caller.member.shares()[0].holding.allows("y")));
}

#[test]
fn a_run_that_wants_nothing_holds_nothing() {
    let (settings, mut board) = (settings(&[(4, 1)]), Board::default());
    let mut idle = Caller::new("a", &settings, &[], 100);
    idle.act(&mut board, &settings, Time(0));
    assert!(!board.runs["a"].holds());
    idle.waiting.insert("x".to_owned(), (1, vec![ServerId(0)]));
    idle.act(&mut board, &settings, Time(1));
    assert!(board.runs["a"].holds());
    idle.act(&mut board, &settings, Time(200_000));
    assert!(!board.runs["a"].holds());
}

#[test]
fn what_a_dead_run_held_is_free() {
    let (settings, mut board) = (settings(&[(4, 1)]), Board::default());
    let mut first = Caller::new("a", &settings, &[("x", 900)], 10_000);
    let mut second = Caller::new("b", &settings, &[("x", 900)], 100);
    first.act(&mut board, &settings, Time(0));
    second.act(&mut board, &settings, Time(1));
    board.runs.remove("a");
    second.act(&mut board, &settings, Time(2));
    assert_eq!(second.member.shares()[0], Share::whole());
}

#[test]
fn equal_runs_lose_next_to_nothing_by_sharing() {
    let settings = settings(&[(4, 1), (2, 1)]);
    let mut together: Vec<Caller> = ["a", "b", "c"]
        .map(|run| Caller::new(run, &settings, &[("x", 200)], 2000))
        .into_iter()
        .collect();
    let mut one = [Caller::new("a", &settings, &[("x", 600)], 2000)];
    let (shared, alone) = (finish(&mut together, &settings), finish(&mut one, &settings));
    assert!(shared <= alone.mul_f64(1.1), "{shared:?} and {alone:?}");
}

#[test]
fn who_has_waited_longest_has_the_next_turn() {
    let settings = settings(&[(1, 1)]);
    for (models, turn) in [(["x", "x", "x"], 20), (["x", "y", "z"], 40)] {
        let mut board = Board::default();
        let mut callers: Vec<Caller> = ["c", "b", "a"]
            .iter()
            .zip(models)
            .map(|(run, model)| Caller::new(run, &settings, &[(model, 90_000)], 100))
            .collect();
        let mut turns: Vec<(usize, u32)> = Vec::new();
        for look in 0..400 * turn / 20 {
            for (number, caller) in callers.iter_mut().enumerate() {
                caller.act(&mut board, &settings, Time(0) + LOOK * look);
                if !caller.under_way.is_empty() && turns.last().is_none_or(|t| t.0 != number) {
                    turns.push((number, look));
                }
            }
        }
        let order: Vec<usize> = turns.iter().map(|(number, _)| *number).collect();
        assert_eq!(order, [0, 1, 2, 0, 1], "{models:?}");
        for pair in turns.windows(2) {
            let looks = pair[1].1 - pair[0].1;
            assert!((turn * 4..turn * 4 + 8).contains(&looks), "{models:?}: {turns:?}");
        }
    }
}

#[test]
fn two_entries_of_one_server_count_once() {
    let settings = settings(&[(2, 1), (2, 1)]);
    let addresses = vec!["http://s".to_owned(), "http://s".to_owned()];
    let (mut board, mut callers) = (Board::default(), Vec::new());
    for run in ["a", "b"] {
        let mut caller = Caller::new(run, &settings, &[("x", 900)], 100);
        caller.member = Member::new(run.to_owned(), settings.clone(), addresses.clone());
        callers.push(caller);
    }
    for look in 0..40 {
        for caller in &mut callers {
            caller.act(&mut board, &settings, Time(0) + LOOK * look);
        }
    }
    let calls: usize = callers.iter().map(|caller| caller.under_way.len()).sum();
    assert_eq!(calls, 2);
}

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap_or(0) % end
    }
}

/// Runs that come, want this and that, are late and die: nothing is exceeded, everything that can be
/// done is, and nobody waits longer than the others' turns take.
#[test]
fn whatever_runs_do_no_server_is_exceeded_and_nobody_starves() {
    for seed in 0..25 {
        let mut dice = Dice(seed);
        let servers: Vec<(u32, u32)> =
            (0..1 + dice.below(3)).map(|_| (1 + dice.below(3), 1 + dice.below(2))).collect();
        let settings = settings(&servers);
        let count = 2 + dice.below(4);
        let mut callers: Vec<Caller> = (0..count)
            .map(|number| {
                let mut calls = vec![(["x", "y", "z"][dice.below(3) as usize], dice.below(60))];
                if dice.below(3) == 0 {
                    calls.push((["u", "v"][dice.below(2) as usize], dice.below(20)));
                }
                let took = u64::from(100 + dice.below(8000));
                Caller::new(&format!("r{number}"), &settings, &calls, took)
            })
            .collect();
        let mut board = Board::default();
        let mut now = Time(0);
        // A turn of every other, with the calls that end behind it and looks that are late.
        let patience = (Duration::from_secs(40 + 8 + 5) + LOOK * 20) * (count + 1);
        while !callers.iter().all(Caller::is_done) {
            now = now + LOOK / 5;
            for number in 0..callers.len() {
                if dice.below(8) == 0 {
                    callers[number].act(&mut board, &settings, now);
                    assert_nothing_exceeded(&board, &callers, &settings, &format!("seed {seed}"));
                }
                let hungry = callers[number].hungry_since.map(|since| now.since(since));
                assert!(hungry < Some(patience), "seed {seed}: r{number} has starved {hungry:?}");
            }
            if dice.below(3000) == 0 && callers.len() > 1 {
                let dead = dice.below(u32::try_from(callers.len()).expect("few")) as usize;
                board.runs.remove(callers[dead].member.run());
                callers.remove(dead);
            }
            assert!(now < Time(86_400_000_000), "seed {seed}: nothing comes of it");
        }
    }
}

/// A board as it lies between processes says the same when it is read again.
#[test]
fn a_board_is_read_as_it_was_written() {
    let (settings, mut board) = (settings(&[(4, 1), (2, 1)]), Board::default());
    Caller::new("a", &settings, &[("x", 9)], 100).act(&mut board, &settings, Time(0));
    Caller::new("b", &settings, &[("y", 9)], 100).act(&mut board, &settings, Time(0));
    let text = serde_json::to_string(&board).expect("JSON");
    assert_eq!(serde_json::from_str::<Board>(&text).expect("a board"), board);
}
