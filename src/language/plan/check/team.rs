//! Teams: that they are there, that their members have ids of their own and report to somebody, and
//! how tasks may address them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::calls::imported;
use super::{layers, meant};
use crate::language::diagnostic::{Code, Diagnostic, Findings};
use crate::language::document::name::is_document_name;
use crate::language::document::{Document, Library};
use crate::language::plan::outline::Outline;
use crate::language::plan::team_outline::{Member, TeamOutline};
use crate::language::source::value_at;
use crate::organization::{Agent, ReportingError, Team, role_id};

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
    pub(super) fn of(members: &'m [Member<'_>]) -> Addresses<'m> {
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

    pub(super) fn means(&self, member: &Member<'_>) -> bool {
        let Agent { id, role, .. } = &member.agent;
        self.words.contains(id.as_str())
            || self.words.contains(role.as_str())
            || self.ids.contains(&role_id(role))
    }
}

/// A team document by itself.
pub(super) fn check_document(document: &Document, found: &mut Findings) {
    check_members(&TeamOutline::of_document(document), found);
}

/// The team of a pattern or pipeline, checked where it stands inside; `None` where there is no team
/// to speak of (which is said here, unless nothing needs one).
pub(super) fn check<'d>(
    library: &'d Library,
    outline: &Outline<'d>,
    found: &mut Findings,
) -> Option<TeamOutline<'d>> {
    let team = TeamOutline::of(library, outline);
    match (&team, outline.team()?) {
        (Some(team), Value::Object(_)) => check_members(team, found),
        (None, Value::String(name)) => {
            found.extend(unknown_team(library, outline.document, "/team", name));
        }
        _ => {}
    }
    team
}

/// That the library has no such team; nothing where the text is no name, which has been said.
pub(super) fn unknown_team(
    library: &Library,
    document: &Document,
    pointer: &str,
    name: &str,
) -> Option<Diagnostic> {
    let names = library.names_in(document.source());
    if let Some(problem) = names.team_problem(name) {
        return Some(imported(document, pointer, problem));
    }
    if !is_document_name(name) {
        return None;
    }
    let near = names.near_teams(name);
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

/// That the members have ids of their own and report to somebody.
pub(super) fn check_members(team: &TeamOutline<'_>, found: &mut Findings) {
    let TeamOutline { document, pointer, members, posts: _ } = team;
    let agents = members.iter().map(|member| member.agent.clone()).collect();
    let errors = Team::new(String::new(), None, None, agents).err().unwrap_or_default();
    let place = |index: usize, key: &str| {
        let member = members.get(index).map_or(pointer, |member| &member.pointer);
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
    layers::check(team, found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: Option<&str>, role: &str) -> Member<'static> {
        Member { agent: Agent::of_role(id, role), value: &Value::Null, pointer: String::new() }
    }

    #[test]
    fn many_addresses_mean_whom_each_means() {
        let members = [
            member(None, "Market Analyst"),
            member(None, "🎨 Designer"),
            member(Some("composer"), "🎼"),
            member(Some("lead"), "Editor"),
        ];
        let known = Addresses::of(&members);
        for address in [
            "market_analyst",
            "market analyst",
            "designer",
            "🎨 Designer",
            "🎼",
            "🎨",
            "composer",
            "Composer",
            "lead",
            "Lead",
            "editor",
            "",
        ] {
            let is_called = |member: &Member<'_>| member.agent.is_called(address);
            assert_eq!(known.has(address), members.iter().any(is_called), "{address}");
            let called = Called::by([address].into_iter());
            for member in &members {
                assert_eq!(called.means(member), is_called(member), "{address} {member:?}");
            }
        }
    }
}
