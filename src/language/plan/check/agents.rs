//! That the agents which tasks name are in the team.

use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::document::suggest::nearest;
use crate::language::plan::outline::Outline;

use super::Member;

pub(super) fn check(
    outline: &Outline<'_>,
    members: Option<&[Member]>,
    found: &mut Vec<Diagnostic>,
) {
    let document = outline.document;
    let Some(members) = members else {
        // A team that cannot be found has been reported; no team at all is reported once.
        if outline.team().is_none()
            && let Some(agent) = outline.tasks.iter().flat_map(|task| &task.agents).next()
        {
            let message = format!("there is no team for `{}` to be in", agent.name);
            found.push(
                document
                    .diagnostic(Code::NO_TEAM, &agent.pointer, message)
                    .help("name a team: `team: launch_team`, or write one with `agents:`"),
            );
        }
        return;
    };
    for agent in outline.tasks.iter().flat_map(|task| &task.agents) {
        if members.iter().any(|member| member.is_called(agent.name)) {
            continue;
        }
        let ids = || members.iter().map(|member| member.agent.id.as_str());
        let help = match nearest(agent.name, ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the team has {}", ids().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("unknown agent `{}`", agent.name);
        found.push(document.diagnostic(Code::UNKNOWN_AGENT, &agent.pointer, message).help(help));
    }
}
