//! Tools: that their servers can be reached in one way, and that agents are offered what they use.

use std::collections::BTreeSet;

use serde_json::Value;

use super::meant;
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::{
    BUILT_IN_TOOLS, DEFAULT_MAX_TOOLS, Document, Library, RUN_COMMAND, only_reads,
};
use crate::language::plan::outline::{Outline, entries};
use crate::language::plan::team_outline::{Member, TeamOutline};
use crate::language::plan::tools::{is_built_in, server_of};
use crate::language::source::{child_pointer, value_at};
use crate::organization::{Layer, is_manager_tool, is_orchestrator, leads_among};

/// The lists in which an agent names tools.
const LISTS: [&str; 3] = ["allow", "ask", "deny"];

/// What a server says beside how it is reached.
const KEYS: [&str; 4] = ["args", "env", "token", "timeout"];

/// A tool that an agent or a task names, and where.
pub(super) struct Used<'d> {
    pub(super) name: &'d str,
    pub(super) list: &'static str,
    pub(super) pointer: String,
}

/// The tools of a pattern or pipeline, and those of the team that stands in it.
pub(super) fn check(
    library: &Library,
    outline: &Outline<'_>,
    team: Option<&TeamOutline<'_>>,
    found: &mut Findings,
) {
    let document = outline.document;
    for (name, server) in entries(value_at(document.value(), "/tools/servers")) {
        check_server(document, name, server, found);
    }
    if let Some(team) = team.filter(|team| team.is_inline()) {
        let own = document.value().get("tools").filter(|tools| tools.is_object());
        check_members(library, team, own, found);
    }
}

/// The tools of a team document.
pub(super) fn check_team(library: &Library, document: &Document, found: &mut Findings) {
    check_members(library, &TeamOutline::of_document(document), None, found);
}

fn check_server(document: &Document, name: &str, server: &Value, found: &mut Findings) {
    let pointer = child_pointer("/tools/servers", name);
    let has = |key: &str| server.get(key).is_some();
    let mut wrong = |pointer: &str, message: String, help: &str| {
        found.push(document.key_diagnostic(Code::TOOL_SERVER, pointer, message).help(help));
    };
    if is_built_in(name) || is_manager_tool(name) {
        let message = format!("`{name}` is the name of a built-in tool");
        wrong(&pointer, message, "give the server another name");
    }
    match (has("command"), has("url")) {
        (true, true) => {
            let message = format!("`{name}` is a program and an address at once");
            wrong(&pointer, message, "write `command` or `url`, not both");
        }
        // A key that means nothing may be one of the two, and has been reported.
        (false, false) if server.is_object() && says_all(server) => {
            let message = format!("`{name}` says neither `command` nor `url`");
            let help = "`command` starts a program, `url` is where a server listens";
            wrong(&pointer, message, help);
        }
        (true, false) if has("token") => {
            let message = "a program is sent no bearer token".to_owned();
            let help = "pass the variable on with `env`";
            wrong(&child_pointer(&pointer, "token"), message, help);
        }
        (false, true) => {
            for key in ["args", "env"].into_iter().filter(|key| has(key)) {
                let message = format!("`{key}` is for programs, and `{name}` is an address");
                wrong(&child_pointer(&pointer, key), message, "leave it out, or write `command`");
            }
            let url = server.get("url").and_then(Value::as_str).unwrap_or("http://");
            if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
                let place = child_pointer(&pointer, "url");
                let message = format!("`{url}` is no address");
                wrong(&place, message, "an address begins with `http://` or `https://`");
            }
        }
        _ => {}
    }
}

/// Whether every key of a server means something.
fn says_all(server: &Value) -> bool {
    entries(Some(server)).all(|(key, _)| KEYS.contains(&key.as_str()))
}

/// What the members of a team say of tools, with the tools that the document offers itself.
fn check_members(
    library: &Library,
    team: &TeamOutline<'_>,
    own: Option<&Value>,
    found: &mut Findings,
) {
    let document = team.document;
    for member in &team.members {
        let mut used = used(member);
        check_manager_tools(team, member, &used, found);
        used.retain(|used| !is_manager_tool(used.name));
        check_lists(document, &used, found);
        check_count(document, member, &used, found);
        check_deciders(document, member, &used, found);
        match own {
            Some(own) => check_offered(document, own, &used, found),
            None => check_offered_anywhere(library, document, member, &used, found),
        }
    }
}

/// The tools that a member names, in either form.
fn used<'d>(member: &Member<'d>) -> Vec<Used<'d>> {
    let pointer = format!("{}/tools", member.pointer);
    let listed = |list: &'static str, names: Option<&'d Value>, pointer: String| {
        let names = names.and_then(Value::as_array).into_iter().flatten().enumerate();
        let used = names.filter_map(move |(place, name)| {
            Some(Used { name: name.as_str()?, list, pointer: format!("{pointer}/{place}") })
        });
        used.collect::<Vec<_>>()
    };
    match member.value.get("tools") {
        Some(names @ Value::Array(_)) => listed("allow", Some(names), pointer),
        Some(rules) => LISTS
            .into_iter()
            .flat_map(|list| listed(list, rules.get(list), format!("{pointer}/{list}")))
            .collect(),
        None => Vec::new(),
    }
}

/// That the tools of those who lead are named by those only who are offered them.
fn check_manager_tools(
    team: &TeamOutline<'_>,
    member: &Member<'_>,
    used: &[Used<'_>],
    found: &mut Findings,
) {
    let document = team.document;
    let (id, is_lead) = (&member.agent.id, leads_among(&member.agent, &team.members));
    let may_start = document.value().pointer("/team/orchestration").is_some();
    for Used { name, list, pointer } in used.iter().filter(|used| is_manager_tool(used.name)) {
        let (message, help) = match (is_lead, may_start || *list == "deny") {
            (true, true) => continue,
            (true, false) => (
                format!("`{id}` names `{name}`, and its team may start no runs"),
                "say how many those who lead may start: `orchestration: { runs: 3 }` in `team`",
            ),
            (false, _) => (
                format!("`{id}` names `{name}`, which is for those who lead"),
                "leave it out: with `orchestration` in `team`, those who lead are offered it without \
                 naming it, and nobody else is",
            ),
        };
        found.push(
            document
                .diagnostic(Code::MANAGER_TOOL, pointer, message)
                .related(document.span(&member.role_pointer()), "the agent")
                .help(help),
        );
    }
}

fn check_lists(document: &Document, used: &[Used<'_>], found: &mut Findings) {
    for (place, again) in used.iter().enumerate() {
        let first = used[..place].iter().find(|first| first.name == again.name);
        if let Some(first) = first.filter(|first| first.list != again.list) {
            let message =
                format!("`{}` stands under `{}` and `{}`", again.name, first.list, again.list);
            found.push(
                document
                    .diagnostic(Code::TOOL_IN_TWO_LISTS, &again.pointer, message)
                    .related(document.span(&first.pointer), "first here")
                    .help("leave it in one; `deny` would count"),
            );
        }
    }
}

/// That no more tools are named than an agent is offered.
fn check_count(document: &Document, member: &Member<'_>, used: &[Used<'_>], found: &mut Findings) {
    let tools = used.iter().filter(|used| used.list != "deny" && is_single(used.name));
    let names: BTreeSet<&str> = tools.map(|used| used.name).collect();
    let said = member.value.get("tools").and_then(|tools| tools.get("max_tools"));
    let most = said.and_then(Value::as_u64).unwrap_or(u64::from(DEFAULT_MAX_TOOLS));
    if names.len() as u64 > most {
        let pointer = format!("{}/tools", member.pointer);
        let message =
            format!("`{}` names {} tools and is offered {most}", member.agent.id, names.len());
        found.push(document.key_diagnostic(Code::TOO_MANY_TOOLS, &pointer, message).help(
            "small models choose badly among many tools: name those that it needs, or raise \
             `max_tools`",
        ));
    }
}

/// That who decides and delegates does not do the work (seed 001: the orchestrator never implements). Looking
/// is no work: the built-in tools that only read stay.
fn check_deciders(
    document: &Document,
    member: &Member<'_>,
    used: &[Used<'_>],
    found: &mut Findings,
) {
    let agent = &member.agent;
    let what = match agent.layer {
        Some(Layer::Manager) => "a manager",
        _ if is_orchestrator(agent) => "an orchestrator",
        _ => return,
    };
    for Used { name, pointer, .. } in
        used.iter().filter(|used| used.list != "deny" && !only_reads(used.name))
    {
        let message =
            format!("`{}` is {what} and is given `{name}`, which does the work", agent.id);
        found.push(
            document
                .diagnostic(Code::MANAGER_IMPLEMENTS, pointer, message)
                .related(document.span(&member.role_pointer()), "who decides and delegates")
                .help(
                    "give the tool to an agent that does the work, and let this one ask it in a task \
                     of its own; reading files (`read_file`, `list_files`, `search_files`) is allowed",
                ),
        );
    }
}

/// Whether a name means one tool and not all of a server.
fn is_single(name: &str) -> bool {
    is_built_in(name) || server_of(name).is_some()
}

/// That the document offers what an agent or a task uses.
pub(super) fn check_offered(
    document: &Document,
    own: &Value,
    used: &[Used<'_>],
    found: &mut Findings,
) {
    let servers: Vec<&str> = entries(own.get("servers")).map(|(name, _)| name.as_str()).collect();
    for Used { name, pointer, .. } in used {
        if is_built_in(name) {
            if own.get("workspace").is_none() {
                let what = if *name == RUN_COMMAND { "run programs in" } else { "look into" };
                let message = format!("`{name}` has no folder to {what}");
                found.push(
                    document
                        .diagnostic(Code::NO_WORKSPACE, pointer, message)
                        .related(document.key_span("/tools"), "the tools are here")
                        .help("name the folder: `workspace: docs`"),
                );
            }
            continue;
        }
        if is_manager_tool(name) {
            let message = format!("`{name}` is for agents that lead, and no task calls it");
            let help = "a task that runs a pattern names it: `uses: NAME`";
            found.push(document.diagnostic(Code::UNKNOWN_TOOL, pointer, message).help(help));
            continue;
        }
        let server = server_of(name).unwrap_or(name);
        if servers.contains(&server) {
            continue;
        }
        let near = meant(found, server, servers.iter().copied().chain(BUILT_IN_TOOLS));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "it can be {}, or a server under `tools: {{ servers: … }}`",
                BUILT_IN_TOOLS.join(", ")
            ),
        };
        let fix =
            near.filter(|_| server == *name).and_then(|near| document.respelling(pointer, near));
        let message = format!("nothing offers the tool `{name}`");
        let diagnostic = document.diagnostic(Code::UNKNOWN_TOOL, pointer, message);
        let diagnostic = diagnostic.related(document.key_span("/tools"), "the tools are here");
        found.push(diagnostic.help(help).maybe_fix(fix));
    }
}

/// That some document of the project could offer what an agent uses; which one does is known only when
/// one asks the agent.
fn check_offered_anywhere(
    library: &Library,
    document: &Document,
    member: &Member<'_>,
    used: &[Used<'_>],
    found: &mut Findings,
) {
    if used.is_empty() {
        return;
    }
    let offers: Vec<&Value> =
        library.project_documents().filter_map(|document| document.value().get("tools")).collect();
    let is_offered = |used: &&Used<'_>| {
        offers.iter().any(|tools| {
            if is_built_in(used.name) {
                return tools.get("workspace").is_some();
            }
            let server = server_of(used.name).unwrap_or(used.name);
            tools.get("servers").is_some_and(|servers| servers.get(server).is_some())
        })
    };
    let missing: Vec<String> = used
        .iter()
        .filter(|used| used.list != "deny" && !is_offered(used))
        .map(|used| format!("`{}`", used.name))
        .collect();
    if missing.is_empty() {
        return;
    }
    let pointer = format!("{}/tools", member.pointer);
    let message = format!("nothing offers `{}` {}", member.agent.id, missing.join(", "));
    found.push(document.key_diagnostic(Code::TOOLS_NOT_OFFERED, &pointer, message).help(
        "the pattern or pipeline that asks the agent offers tools: `tools: { workspace: docs }` for \
         files, `tools: { servers: … }` for others",
    ));
}
