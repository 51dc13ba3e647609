//! What it means for a run that somebody has got the posts of a scope.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Consequences, State};
use crate::engine::fold_error::FoldError;
use crate::engine::vocabulary::FilledPost;
use crate::language::plan::{PlanAgentId, ScopeId};
use crate::organization::{Team, has_layers};

impl State {
    /// The team of those who have got posts of a scope, or of those around it, where it has layers.
    pub(in crate::engine) fn team_of_posts(&self, scope: ScopeId) -> Option<&Team> {
        let mut scope = scope;
        let filled = loop {
            match self.posts.get(&scope) {
                Some(filled) => break filled.first()?,
                None => scope = self.plan.task(self.plan.scope(scope).caller?).scope,
            }
        };
        self.plan.team_of(filled.agent).filter(|team| has_layers(team.agents()))
    }

    /// The posts of a scope are somebody's, and its tasks begin.
    pub(super) fn fill_posts(
        &mut self,
        sequence: u64,
        scope: ScopeId,
        posts: &[FilledPost],
        set_free: &mut Consequences,
    ) -> Result<(), FoldError> {
        let has_agent = |agent: PlanAgentId| agent.index() < self.plan.agents.len();
        let is_known = scope.index() < self.scopes.len()
            && self.is_vacant(scope)
            && posts.iter().all(|post| has_agent(post.seat) && has_agent(post.agent));
        if !is_known {
            return Err(FoldError::NoPosts { sequence, scope: scope.0 });
        }
        let by_seat: BTreeMap<PlanAgentId, PlanAgentId> =
            posts.iter().map(|post| (post.seat, post.agent)).collect();
        Arc::make_mut(&mut self.plan).fill(scope, &by_seat);
        for booking in posts.iter().filter_map(|post| post.booking.as_ref()) {
            self.ledger.book(booking);
        }
        self.posts.insert(scope, posts.to_vec());
        self.open_waves(scope, set_free);
        Ok(())
    }

    /// A scope is over: what was promised for its posts is promised no longer.
    pub(super) fn release_posts(&mut self, scope: ScopeId) {
        let filled = self.posts.get(&scope).into_iter().flatten();
        for booking in filled.filter_map(|post| post.booking.as_ref()) {
            self.ledger.release(&booking.work);
        }
    }
}
