//! Members of a team and posts as symbols: a member is called by its id, by its role, or by its role in
//! snake case, and a post by its name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::collect::Reader;
use super::{Role, Symbol, TeamPlace};
use crate::language::document::{Document, DocumentKind};
use crate::language::plan::outline::Named;
use crate::language::plan::outlines::Outlines;
use crate::language::plan::team_outline::{Member, TeamOutline};
use crate::language::source::{SourceId, value_at};
use crate::organization::{AgentId, role_id};

/// The members and posts that the tasks of a document can ask, and how they are called.
pub(super) struct Roster<'d> {
    team: Option<TeamOutline<'d>>,
    source: SourceId,
    /// The posts of the document.
    posts: Vec<&'d str>,
    /// Members by their ids and roles.
    by_word: BTreeMap<String, AgentId>,
    /// Members by their roles in snake case.
    by_role_id: BTreeMap<String, AgentId>,
}

impl<'d> Roster<'d> {
    /// The team of a pattern or pipeline, or that of a team document.
    pub(super) fn of(outlines: &Outlines<'d>, document: &'d Document) -> Roster<'d> {
        let (team, posts) = match document.kind() {
            DocumentKind::Team => (Some(TeamOutline::of_document(document)), Vec::new()),
            _ => {
                let outline = outlines.get(document);
                let posts = outline.posts.iter().map(|post| post.name);
                (TeamOutline::of(outlines.library(), outline), posts.collect())
            }
        };
        let (mut by_word, mut by_role_id) = (BTreeMap::new(), BTreeMap::new());
        for Member { agent, .. } in team.iter().flat_map(|team| &team.members) {
            for word in [agent.id.as_str(), &agent.role] {
                by_word.entry(word.to_owned()).or_insert_with(|| agent.id.clone());
            }
            by_role_id.entry(role_id(&agent.role)).or_insert_with(|| agent.id.clone());
        }
        // Signs alone are nothing in snake case.
        by_role_id.remove("");
        Roster { team, source: document.source(), posts, by_word, by_role_id }
    }

    fn members(&self) -> impl Iterator<Item = &Member<'d>> {
        self.team.iter().flat_map(|team| &team.members)
    }

    fn place(&self) -> Option<TeamPlace> {
        let TeamOutline { document, pointer, .. } = self.team.as_ref()?;
        Some(TeamPlace { source: document.source(), pointer: pointer.clone() })
    }

    /// Whom an address means: who has a post, or a member.
    pub(super) fn symbol(&self, address: &str) -> Option<Symbol> {
        if self.posts.contains(&address) {
            return Some(Symbol::Post(self.source, address.to_owned()));
        }
        self.member(address)
    }

    /// The member whom an address means.
    fn member(&self, address: &str) -> Option<Symbol> {
        let id = self.by_word.get(address).or_else(|| self.by_role_id.get(&role_id(address)))?;
        Some(Symbol::Agent(self.place()?, id.as_str().to_owned()))
    }
}

impl Reader<'_, '_> {
    /// The members that this document lists: their ids and roles, and whom they report to. An id
    /// is what defines a member that has one; else its role does.
    pub(super) fn members(&mut self, roster: &Roster<'_>) {
        for member in roster.members() {
            let Some(symbol) = roster.member(member.agent.id.as_str()) else { continue };
            let at = |key: &str| format!("{}/{key}", member.pointer);
            let text =
                |key: &str| value_at(self.document.value(), &at(key)).and_then(Value::as_str);
            let defining = if text("id").is_some() { "id" } else { "role" };
            if let Some(written) = text(defining) {
                let span = self.document.text_span(&at(defining));
                self.note(span, symbol, Role::Definition, written, &member.pointer);
            }
            let manager = text("reports_to");
            if let Some((name, symbol)) = manager.and_then(|to| Some((to, roster.member(to)?))) {
                self.value(&Named { name, pointer: at("reports_to") }, symbol);
            }
        }
    }
}
