//! A team as its document has it, faulty or not: who is in it, and where that is written. The
//! checks, the advice and the editors work on this; nothing is run from it.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::outline::Outline;
use crate::language::document::{CapacityEntry, Document, DocumentKind, Library};
use crate::language::source::value_at;
use crate::organization::{Agent, AgentId, lead_of, member_called, role_id};

/// A team in outline.
#[derive(Debug)]
pub(crate) struct TeamOutline<'d> {
    /// The document that lists the members: that of the team, or the one that the team stands in.
    pub(crate) document: &'d Document,
    /// JSON pointer of the list in it.
    pub(crate) pointer: String,
    pub(crate) members: Vec<Member<'d>>,
    /// The posts of the pattern whose team it is, as members of whom nothing is known but how they are called.
    pub(crate) posts: Vec<Member<'d>>,
}

/// A member of a team.
#[derive(Debug)]
pub(crate) struct Member<'d> {
    pub(crate) agent: Agent,
    pub(crate) value: &'d Value,
    pub(crate) pointer: String,
}

impl<'d> TeamOutline<'d> {
    /// The team that a pattern or pipeline names or has; none where it has none, or names one that
    /// the library has not.
    pub(crate) fn of(library: &'d Library, outline: &Outline<'d>) -> Option<TeamOutline<'d>> {
        let team = match outline.team()? {
            Value::String(name) => {
                library.names_in(outline.document.source()).team(name).map(TeamOutline::of_document)
            }
            Value::Object(_) => Some(TeamOutline::listed(outline.document, "/team/agents")),
            _ => None,
        }?;
        let posts = outline.posts.iter().map(|post| Member {
            agent: Agent::of_role(Some(post.name), post.name),
            value: post.value,
            pointer: post.pointer.clone(),
        });
        Some(TeamOutline { posts: posts.collect(), ..team })
    }

    /// That of a team document.
    pub(crate) fn of_document(document: &'d Document) -> TeamOutline<'d> {
        TeamOutline::listed(document, "/agents")
    }

    /// The team whose members a document lists at this place.
    pub(crate) fn listed(document: &'d Document, pointer: &str) -> TeamOutline<'d> {
        let entries = value_at(document.value(), pointer).and_then(Value::as_array);
        let entries = entries.map(Vec::as_slice).unwrap_or_default();
        let managers = Managers::among(entries);
        let members = entries.iter().enumerate().filter_map(|(index, value)| {
            let agent = agent(value, &managers)?;
            Some(Member { agent, value, pointer: format!("{pointer}/{index}") })
        });
        let members = members.collect();
        TeamOutline { document, pointer: pointer.to_owned(), members, posts: Vec::new() }
    }

    /// Whether the team stands inside a document of another kind.
    pub(crate) fn is_inline(&self) -> bool {
        self.document.kind() != DocumentKind::Team
    }

    /// Whom an address means: the one in a post, or else a member.
    pub(crate) fn find(&self, address: &str) -> Option<&Member<'d>> {
        self.post(address).or_else(|| member_called(&self.members, address))
    }

    /// Whether somebody of the team may get one of the posts.
    pub(crate) fn may_get_a_post(&self, agent: &Agent) -> bool {
        !self.posts.is_empty() && agent.layer.is_some()
    }

    /// The one in a post.
    pub(crate) fn post(&self, name: &str) -> Option<&Member<'d>> {
        self.posts.iter().find(|post| post.agent.id.as_str() == name)
    }

    /// Who speaks for the team.
    pub(crate) fn lead(&self) -> Option<&Member<'d>> {
        lead_of(&self.members)
    }
}

impl Member<'_> {
    /// Where the member's role is said.
    pub(crate) fn role_pointer(&self) -> String {
        format!("{}/role", self.pointer)
    }
}

impl AsRef<Agent> for Member<'_> {
    fn as_ref(&self) -> &Agent {
        &self.agent
    }
}

/// Whom the members of a team may report to, named by id or by role: the first whom an address
/// means.
struct Managers<'d> {
    entries: &'d [Value],
    by_word: BTreeMap<&'d str, usize>,
    by_role_id: BTreeMap<String, usize>,
}

impl<'d> Managers<'d> {
    fn among(entries: &'d [Value]) -> Managers<'d> {
        let (mut by_word, mut by_role_id) = (BTreeMap::new(), BTreeMap::new());
        for (place, entry) in entries.iter().enumerate() {
            let role = text(entry, "role");
            by_role_id.entry(role_id(role.unwrap_or_default())).or_insert(place);
            for word in role.into_iter().chain(text(entry, "id")) {
                by_word.entry(word).or_insert(place);
            }
        }
        // Signs alone have nothing in snake case.
        by_role_id.remove("");
        Managers { entries, by_word, by_role_id }
    }

    fn called(&self, address: &str) -> AgentId {
        let places = [self.by_word.get(address), self.by_role_id.get(&role_id(address))];
        let entry = places.into_iter().flatten().min().and_then(|place| self.entries.get(*place));
        let said = |key| entry.and_then(|entry| text(entry, key));
        AgentId::new(said("id"), said("role").unwrap_or(address))
    }
}

/// A member as far as the checks look; none without a name of any kind.
fn agent(entry: &Value, managers: &Managers<'_>) -> Option<Agent> {
    let id = text(entry, "id");
    let role = text(entry, "role").or(id)?;
    let capacity: Option<CapacityEntry> = read(entry, "capacity");
    Some(Agent {
        purpose: text(entry, "purpose").unwrap_or_default().to_owned(),
        skills: texts(entry, "skills"),
        reports_to: text(entry, "reports_to").map(|address| managers.called(address)),
        layer: read(entry, "layer"),
        domain: text(entry, "domain").map(str::to_owned),
        level: read(entry, "level"),
        capacity: capacity.as_ref().map(CapacityEntry::capacity).unwrap_or_default(),
        ..Agent::of_role(id, role)
    })
}

/// What a key says, where that can be read.
fn read<T: DeserializeOwned>(entry: &Value, key: &str) -> Option<T> {
    entry.get(key).and_then(|value| T::deserialize(value).ok())
}

fn text<'v>(entry: &'v Value, key: &str) -> Option<&'v str> {
    entry.get(key).and_then(Value::as_str)
}

fn texts(entry: &Value, key: &str) -> Vec<String> {
    let written = entry.get(key).and_then(Value::as_array).into_iter().flatten();
    written.filter_map(Value::as_str).map(str::to_owned).collect()
}
