//! What must hold of the table of moves, whatever happens to work.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::WorkState::{
    Cancelled, Completed, DomainReview, Escalated, InPlanning, InProgress, Pending,
    ReadyForHandoff, UnderReview,
};
use super::*;
use crate::organization::{Gate, Tier};

const STATUSES: [TaskStatus; 11] = [
    TaskStatus::Pending,
    TaskStatus::Running,
    TaskStatus::Hedged,
    TaskStatus::BackingOff,
    TaskStatus::Waiting,
    TaskStatus::Open,
    TaskStatus::FallingBack,
    TaskStatus::Succeeded,
    TaskStatus::Failed,
    TaskStatus::Skipped,
    TaskStatus::Cancelled,
];

/// The states that work of a tier can come to from this one.
fn reachable(from: WorkState, tier: Tier) -> BTreeSet<WorkState> {
    let mut found = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(state) = next.pop() {
        next.extend(state.moves(tier).filter(|to| found.insert(*to)));
    }
    found
}

#[test]
fn every_move_stands_in_the_table_once() {
    let mut seen = BTreeSet::new();
    for row in WORK_MOVES {
        assert!(seen.insert((row.from, row.to)), "{} to {}", row.from, row.to);
        assert!(!row.from.is_final() && row.from != row.to && row.least <= row.most);
        assert!(!row.when.is_empty());
    }
    let named: BTreeSet<&str> = WorkState::ALL.map(WorkState::as_str).into_iter().collect();
    assert_eq!(named.len(), 11);
    for state in WorkState::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
}

#[test]
fn every_state_that_is_not_the_end_has_an_owner_a_time_and_a_way_out() {
    for state in WorkState::ALL {
        assert_eq!(state.owner().is_none(), state.is_final(), "{state}");
        assert_eq!(state.way_out().is_none(), state.is_final(), "{state}");
        for tier in Tier::ALL {
            assert_eq!(state.service_level(tier).is_none(), state.is_final(), "{state}");
            assert_eq!(
                state.moves(tier).next().is_none(),
                !can_be_in(state, tier),
                "{state} {tier}"
            );
            if !can_be_in(state, tier) {
                continue;
            }
            let way_out = state.way_out().unwrap();
            assert_eq!(moved(state, way_out, tier), Ok(way_out), "{state} {tier}");
            let ends = reachable(state, tier);
            assert!(ends.contains(&Completed) && ends.contains(&Cancelled), "{state} {tier}");
        }
    }
}

/// Whether work of a tier may be in a state and go on.
fn can_be_in(state: WorkState, tier: Tier) -> bool {
    !state.is_final() && reachable(Pending, tier).contains(&state)
}

#[test]
fn tiers_skip_what_they_do_not_need() {
    use WorkState::{Assigned, Blocked};
    let all = |states: &[WorkState]| -> BTreeSet<WorkState> { states.iter().copied().collect() };
    let small = [Pending, Assigned, InProgress, Blocked, Escalated, Completed, Cancelled];
    assert_eq!(reachable(Pending, Tier::One), all(&small));
    let one_domain = [&small[..], &[InPlanning, UnderReview, DomainReview]].concat();
    assert_eq!(reachable(Pending, Tier::Two), all(&one_domain));
    for tier in [Tier::Three, Tier::Four] {
        assert_eq!(reachable(Pending, tier), all(&WorkState::ALL));
    }
    // Each gate has the state in which work waits at it, where the tier has the gate.
    for tier in Tier::ALL {
        let reached = reachable(Pending, tier);
        for gate in Gate::ALL {
            let has_gate = tier.rules().gates.contains(&gate);
            assert_eq!(reached.contains(&gate.state()), has_gate, "{gate:?} {tier}");
        }
        assert_eq!(reached.contains(&InPlanning), !tier.rules().planning.is_empty());
    }
    let refused = moved(InProgress, Completed, Tier::Two).unwrap_err().to_string();
    assert_eq!(refused, "work of tier 2 cannot go from in_progress to completed");
}

#[test]
fn service_levels_warn_at_four_fifths() {
    let level = InProgress.service_level(Tier::One).unwrap();
    assert_eq!((level.minutes, level.warning()), (480, 384));
    for (minutes, expected) in [
        (0, Timeliness::InTime),
        (383, Timeliness::InTime),
        (384, Timeliness::Late),
        (479, Timeliness::Late),
        (480, Timeliness::Breached),
        (u32::MAX, Timeliness::Breached),
    ] {
        assert_eq!(level.timeliness(minutes), expected, "{minutes}");
    }
}

/// Whatever a task does, its work may stay where it is or move there by the table.
#[test]
fn work_and_tasks_go_together() {
    for status in STATUSES {
        let states = status.work_states();
        assert!(!states.is_empty());
        let distinct: BTreeSet<_> = states.iter().collect();
        assert_eq!(distinct.len(), states.len(), "{status:?}");
        // Work is over only when nothing is under way.
        let is_over = states.iter().any(|state| state.is_final());
        assert!(!is_over || status.is_final(), "{status:?}");
        for next in status.moves() {
            for state in states {
                let stays = next.work_states().contains(state);
                let goes =
                    |to: &WorkState| Tier::ALL.iter().any(|t| moved(*state, *to, *t).is_ok());
                assert!(
                    stays || next.work_states().iter().any(goes),
                    "work that is {state} has nowhere to go when its task goes from {status:?} to {next:?}"
                );
            }
        }
    }
    // Work in each state can have a task that goes on, and every end a task that has ended.
    for state in WorkState::ALL {
        let fits = |status: &&TaskStatus| status.work_states().contains(&state);
        let going_on = STATUSES.iter().filter(fits).any(|status| !status.is_final());
        assert_eq!(going_on, !state.is_final(), "{state}");
    }
    // Nothing is completed by a task that has failed or was broken off.
    for status in [TaskStatus::Failed, TaskStatus::Cancelled] {
        assert!(!status.work_states().contains(&Completed));
    }
}

proptest! {
    /// Whatever is asked for in whatever order, work stays within the table, and in a tier with
    /// reviews nothing is completed that has not passed all of them since it was last worked on.
    #[test]
    fn no_sequence_leaves_the_table_or_leads_past_a_review(
        tier in proptest::sample::select(Tier::ALL.to_vec()),
        asked in proptest::collection::vec(proptest::sample::select(WorkState::ALL.to_vec()), 0..200),
    ) {
        let allowed: BTreeMap<WorkState, BTreeSet<WorkState>> =
            WorkState::ALL.into_iter().map(|state| (state, state.moves(tier).collect())).collect();
        let reached = reachable(Pending, tier);
        let mut state = Pending;
        let mut passed: BTreeSet<WorkState> = BTreeSet::new();
        for to in asked {
            match moved(state, to, tier) {
                Ok(now) => {
                    prop_assert!(allowed[&state].contains(&to) && now == to);
                    prop_assert!(!state.is_final());
                    match now {
                        InProgress => passed.clear(),
                        UnderReview | DomainReview | ReadyForHandoff => { passed.insert(now); }
                        _ => {}
                    }
                    if now == Completed {
                        let gates: BTreeSet<WorkState> =
                            tier.rules().gates.iter().map(|gate| gate.state()).collect();
                        prop_assert_eq!(&passed, &gates);
                    }
                    state = now;
                }
                Err(refused) => {
                    prop_assert!(!allowed[&state].contains(&to));
                    prop_assert_eq!((refused.from, refused.to, refused.tier), (state, to, tier));
                }
            }
            prop_assert!(reached.contains(&state));
        }
    }
}
