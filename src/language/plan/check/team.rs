//! Teams: that their members have ids of their own and report to somebody, and who they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::meant;
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::name::is_document_name;
use crate::language::document::{Document, Library};
use crate::language::plan::outline::Outline;
use crate::language::source::value_at;
use crate::organization::{Agent, AgentId, ReportingError, Team, role_id};

/// A member of a team as its document has it, faulty or not.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) agent: Agent,
    pub(crate) pointer: String,
}

impl Member {
    /// Where the member's role is said.
    pub(crate) fn role_pointer(&self) -> String {
        format!("{}/role", self.pointer)
    }
}

/// Of a circle of reporting lines so many members are shown.
const MOST_SHOWN: usize = 16;

/// How tasks may address the members of a team.
pub(super) struct Addresses<'m> {
    /// Ids and roles.
    words: BTreeSet<&'m str>,
    /// The ids that follow from roles.
    ids: BTreeSet<String>,
}

impl<'m> Addresses<'m> {
    pub(super) fn of(members: &'m [Member]) -> Addresses<'m> {
        let words = members
            .iter()
            .flat_map(|member| [member.agent.id.as_str(), member.agent.role.as_str()]);
        Addresses {
            words: words.collect(),
            ids: ids_of(members.iter().map(|member| member.agent.role.as_str())),
        }
    }

    pub(super) fn has(&self, address: &str) -> bool {
        self.words.contains(address) || self.ids.contains(&role_id(address))
    }
}

/// Roles in snake case. Signs alone have nothing there.
fn ids_of<'r>(roles: impl Iterator<Item = &'r str>) -> BTreeSet<String> {
    roles.map(role_id).filter(|id| !id.is_empty()).collect()
}

/// Addresses that are written somewhere, to be asked whether one of them means a member.
pub(super) struct Called<'n> {
    words: BTreeSet<&'n str>,
    ids: BTreeSet<String>,
}

impl<'n> Called<'n> {
    pub(super) fn by(addresses: impl Iterator<Item = &'n str>) -> Called<'n> {
        let words: BTreeSet<&str> = addresses.collect();
        Called { ids: ids_of(words.iter().copied()), words }
    }

    pub(super) fn means(&self, member: &Member) -> bool {
        let Agent { id, role, .. } = &member.agent;
        self.words.contains(id.as_str())
            || self.words.contains(role.as_str())
            || self.ids.contains(&role_id(role))
    }
}

/// A team document by itself.
pub(super) fn check_document(document: &Document, found: &mut Findings) {
    check_members(document, "/agents", found);
}

/// The members of the document's team; `None` where there is no team to speak of (which is said
/// here, unless nothing needs one).
pub(in crate::language::plan) fn members(
    library: &Library,
    outline: &Outline<'_>,
    found: &mut Findings,
) -> Option<Vec<Member>> {
    let document = outline.document;
    match outline.team()? {
        Value::String(name) => match library.team(name) {
            Some(team) => Some(members_of_document(team)),
            None => {
                found.extend(unknown_team(library, document, "/team", name));
                None
            }
        },
        Value::Object(_) => Some(inline_members(document, "/team/agents", found)),
        _ => None,
    }
}

/// That the library has no such team; nothing where the text is no name, which has been said.
pub(super) fn unknown_team(
    library: &Library,
    document: &Document,
    pointer: &str,
    name: &str,
) -> Option<Diagnostic> {
    if !is_document_name(name) {
        return None;
    }
    let near = library.near_teams(name);
    let fix = near.first().filter(|_| near.len() == 1);
    let fix = fix.and_then(|near| document.respelling(pointer, near));
    let help = match near.as_slice() {
        [] => "`partita teams` lists the teams there are".to_owned(),
        near => format!("did you mean `{}`?", near.join("`, `")),
    };
    let message = format!("unknown team `{name}`");
    let diagnostic = document.diagnostic(Code::UNKNOWN_TEAM, pointer, message);
    Some(diagnostic.help(help).maybe_fix(fix))
}

/// The members of a team document.
pub(crate) fn members_of_document(document: &Document) -> Vec<Member> {
    members_at(document, "/agents")
}

/// The members of a team that is written inside another document, checked.
pub(super) fn inline_members(
    document: &Document,
    pointer: &str,
    found: &mut Findings,
) -> Vec<Member> {
    check_members(document, pointer, found);
    members_at(document, pointer)
}

fn members_at(document: &Document, pointer: &str) -> Vec<Member> {
    let agents = value_at(document.value(), pointer).and_then(Value::as_array);
    let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    // Whoever an agent reports to may be named by id or role: the first whom the address means.
    let mut by_word: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_role: BTreeMap<String, usize> = BTreeMap::new();
    for (place, entry) in agents.into_iter().flatten().enumerate() {
        let role = text(entry, "role");
        by_role.entry(role_id(role.as_deref().unwrap_or_default())).or_insert(place);
        for word in role.into_iter().chain(text(entry, "id")) {
            by_word.entry(word).or_insert(place);
        }
    }
    // Signs alone have nothing in snake case.
    by_role.remove("");
    let manager = |address: &String| {
        let places = [by_word.get(address), by_role.get(&role_id(address))];
        let place = places.into_iter().flatten().min();
        let entry = place.and_then(|place| agents?.get(*place));
        let role = entry.and_then(|entry| text(entry, "role"));
        let id = entry.and_then(|entry| text(entry, "id"));
        AgentId::new(id.as_deref(), role.as_deref().unwrap_or(address))
    };
    agents
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(index, entry)| {
            let role = text(entry, "role").or_else(|| text(entry, "id"))?;
            let agent = Agent {
                id: AgentId::new(text(entry, "id").as_deref(), &role),
                purpose: text(entry, "purpose").unwrap_or_default(),
                reports_to: text(entry, "reports_to").as_ref().map(manager),
                role,
                skills: Vec::new(),
                focus_areas: Vec::new(),
                instructions: None,
            };
            Some(Member { agent, pointer: format!("{pointer}/{index}") })
        })
        .collect()
}

fn check_members(document: &Document, pointer: &str, found: &mut Findings) {
    let members = members_at(document, pointer);
    let agents = members.iter().map(|member| member.agent.clone()).collect();
    let errors = Team::new(String::new(), None, None, agents).err().unwrap_or_default();
    let place = |index: usize, key: &str| {
        let member = members.get(index).map_or(pointer, |member| member.pointer.as_str());
        let wanted = format!("{member}/{key}");
        let exists = value_at(document.value(), &wanted).is_some();
        if exists { wanted } else { format!("{member}/role") }
    };
    for error in errors {
        let message = error.to_string();
        let finding =
            match error {
                ReportingError::DuplicateId { first, second, .. } => document
                    .diagnostic(Code::DUPLICATE_AGENT, &place(second, "id"), message)
                    .related(document.span(&place(first, "id")), "the first is here")
                    .help("give one of them an `id` of its own"),
                ReportingError::UnknownManager { index, manager, .. } => {
                    let ids = members.iter().map(|member| member.agent.id.as_str());
                    let near = meant(found, manager.as_str(), ids);
                    document
                        .diagnostic(Code::UNKNOWN_MANAGER, &place(index, "reports_to"), message)
                        .maybe_help(near.map(|near| format!("did you mean `{near}`?")))
                        .maybe_fix(near.and_then(|near| {
                            document.respelling(&place(index, "reports_to"), near)
                        }))
                }
                ReportingError::Circle { members: circle } => {
                    let first = circle.first().map_or(0, |(_, index)| *index);
                    let pointer = place(first, "reports_to");
                    let diagnostic = document.diagnostic(Code::REPORTING_CYCLE, &pointer, message);
                    circle.iter().take(MOST_SHOWN).skip(1).fold(
                        diagnostic,
                        |diagnostic, (id, index)| {
                            let span = document.span(&place(*index, "reports_to"));
                            diagnostic.related(span, format!("`{id}` reports on"))
                        },
                    )
                }
            };
        found.push(finding);
    }
    for member in &members {
        let tools = format!("{}/tools", member.pointer);
        if value_at(document.value(), &tools)
            .is_some_and(|tools| *tools != Value::Array(Vec::new()))
        {
            let message = format!("`{}` is not offered these tools yet", member.agent.id);
            found.push(
                document
                    .key_diagnostic(Code::TOOLS_NOT_OFFERED, &tools, message)
                    .help("the names are kept; a later version offers tools to agents"),
            );
        }
    }
}
