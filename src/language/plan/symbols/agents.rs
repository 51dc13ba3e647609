//! Members of a team as symbols: one is called by its id, by its role, or by its role in snake
//! case.

use std::collections::BTreeMap;

use serde_json::Value;

use super::collect::Reader;
use super::{Role, Symbol, TeamPlace};
use crate::language::diagnostic::Findings;
use crate::language::document::{Document, DocumentKind};
use crate::language::plan::check::team::{Member, members, members_of_document};
use crate::language::plan::outline::Named;
use crate::language::plan::outlines::Outlines;
use crate::language::source::{SourceId, value_at};
use crate::organization::{AgentId, role_id};

/// The members that the tasks of a document can ask, and where they are listed.
pub(super) struct Roster {
    place: Option<TeamPlace>,
    members: Vec<Member>,
    /// Members by their ids and roles.
    by_word: BTreeMap<String, AgentId>,
    /// Members by their roles in snake case.
    by_role_id: BTreeMap<String, AgentId>,
}

impl Roster {
    /// The team of a pattern or pipeline, or that of a team document.
    pub(super) fn of<'l>(outlines: &Outlines<'l>, document: &'l Document) -> Roster {
        let library = outlines.library();
        let place = |source: SourceId, pointer: &str| {
            Some(TeamPlace { source, pointer: pointer.to_owned() })
        };
        if document.kind() == DocumentKind::Team {
            let members = members_of_document(document);
            return Roster::with(place(document.source(), "/agents"), members);
        }
        let outline = outlines.get(document);
        let members = members(library, outline, &mut Findings::default()).unwrap_or_default();
        let place = match outline.team() {
            Some(Value::String(name)) => {
                library.team(name).and_then(|team| place(team.source(), "/agents"))
            }
            Some(Value::Object(_)) => place(document.source(), "/team/agents"),
            _ => None,
        };
        Roster::with(place, members)
    }

    fn with(place: Option<TeamPlace>, members: Vec<Member>) -> Roster {
        let (mut by_word, mut by_role_id) = (BTreeMap::new(), BTreeMap::new());
        for Member { agent, .. } in &members {
            for word in [agent.id.as_str(), &agent.role] {
                by_word.entry(word.to_owned()).or_insert_with(|| agent.id.clone());
            }
            by_role_id.entry(role_id(&agent.role)).or_insert_with(|| agent.id.clone());
        }
        // Signs alone are nothing in snake case.
        by_role_id.remove("");
        Roster { place, members, by_word, by_role_id }
    }

    /// Whom an address means.
    pub(super) fn symbol(&self, address: &str) -> Option<Symbol> {
        let id = self.by_word.get(address).or_else(|| self.by_role_id.get(&role_id(address)))?;
        Some(Symbol::Agent(self.place.clone()?, id.as_str().to_owned()))
    }
}

impl Reader<'_, '_> {
    /// The members that this document lists: their ids and roles, and whom they report to. An id
    /// is what defines a member that has one; else its role does.
    pub(super) fn members(&mut self, roster: &Roster) {
        for member in &roster.members {
            let Some(symbol) = roster.symbol(member.agent.id.as_str()) else { continue };
            let at = |key: &str| format!("{}/{key}", member.pointer);
            let text =
                |key: &str| value_at(self.document.value(), &at(key)).and_then(Value::as_str);
            let defining = if text("id").is_some() { "id" } else { "role" };
            if let Some(written) = text(defining) {
                let span = self.document.text_span(&at(defining));
                self.note(span, symbol, Role::Definition, written, &member.pointer);
            }
            let manager = text("reports_to");
            if let Some((name, symbol)) = manager.and_then(|to| Some((to, roster.symbol(to)?))) {
                self.value(&Named { name, pointer: at("reports_to") }, symbol);
            }
        }
    }
}
