//! Posts: the seats that tasks ask, and whoever may get them.

use indexmap::IndexMap;

use super::{Inside, Lowering, PlanAgentId};
use crate::language::document::{Modifiers, Post};
use crate::language::plan::cast::People;
use crate::language::plan::model::{Ask, Purpose};
use crate::language::plan::posts::{PlannedPost, PostChoice, Voice, WorkTemplate};

impl Lowering<'_> {
    /// Gives a scope's posts their seats, which its people have from then on. Whom the caller has named for one has
    /// it already.
    pub(super) fn posts(
        &mut self,
        people: &mut People,
        written: &IndexMap<String, Post>,
    ) -> Option<Vec<PlannedPost>> {
        let mut posts = Vec::new();
        for (name, post) in written {
            if people.stand_ins.contains_key(name) {
                continue;
            }
            let planned = self.post(people, name, post)?;
            people.stand_ins.insert(name.clone(), planned.seat);
            posts.push(planned);
        }
        Some(posts)
    }

    fn post(&mut self, people: &People, name: &str, written: &Post) -> Option<PlannedPost> {
        let work = WorkTemplate {
            layer: written.layer(),
            domain: written.domain.clone(),
            skills: written.skills.clone(),
            complexity: written.complexity.clone(),
            hours: written.hours.clone(),
            related: written.related.clone(),
        };
        let choice = match (&written.above, &written.peer_of) {
            (Some(above), _) => PostChoice::Above(self.cast.agent(people, above)?),
            (None, Some(peer)) => PostChoice::PeerOf(self.cast.agent(people, peer)?, work),
            (None, None) => PostChoice::Assign(work),
        };
        let candidates = self.cast.candidates(people, &choice)?;
        let never = written.never.iter().map(|agent| self.cast.agent(people, agent));
        let never = never.collect::<Option<_>>()?;
        let seat = self.cast.vacant(people, name, candidates.clone())?;
        Some(PlannedPost { name: name.to_owned(), seat, candidates, choice, never })
    }

    /// How those who may get a post are asked otherwise than the seat is.
    pub(super) fn voices(
        &mut self,
        inside: &Inside,
        asked: &Ask,
        purpose: Purpose,
        modifiers: &Modifiers,
    ) -> Option<Vec<Voice>> {
        let candidates: Vec<PlanAgentId> = self.cast.may_get(asked.agent).to_vec();
        let seat = Voice::of(asked);
        let mut voices = Vec::new();
        for agent in candidates {
            let voice = Voice::of(&self.ask(inside, agent, purpose, None, modifiers)?);
            if !voice.is_like(&seat) {
                voices.push(voice);
            }
        }
        Some(voices)
    }
}
