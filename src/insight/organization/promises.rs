//! What runs have promised of people's time, and on what they have worked.

use crate::engine::TaskStatus;
use crate::insight::history::History;
use crate::insight::posts::work_of;
use crate::language::plan::ScopeId;
use crate::organization::{Booking, Ledger};

/// Books what a run has set aside of a team's time and not given back, under addresses that no other run has. Whoever
/// has worked on something in it knows it from then on, also when that is done.
pub fn add_promises(ledger: &mut Ledger, run: &str, history: &History, team: &str) {
    let plan = history.plan();
    let is_of_team = |agent| plan.team_of(agent).is_some_and(|known| known.name() == team);
    for (scope, (_, posts)) in history.posts() {
        for post in posts.iter().filter(|post| is_of_team(post.agent)) {
            let Some(booking) = &post.booking else { continue };
            let seat = post.seat.index();
            let days = if is_open(history, *scope) { booking.days.clone() } else { Vec::new() };
            let work = format!("{run} {} {seat}", work_of(history, *scope));
            ledger.book(&Booking { work, days, ..booking.clone() });
        }
    }
}

/// Whether something may still happen in a scope.
pub fn is_open(history: &History, scope: ScopeId) -> bool {
    let caller = history.plan().scope(scope).caller;
    let is_over = |status: TaskStatus| status.is_final();
    !history.status.is_final()
        && caller.is_none_or(|caller| !is_over(history.task(caller).status()))
}
