//! The layers of a team: that they fit together, and that days on which people are away are dates.

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::plan::team_outline::{Member, TeamOutline};
use crate::language::source::value_at;
use crate::organization::{Day, Layer, LayerFault, layer_faults};

pub(super) fn check(team: &TeamOutline<'_>, found: &mut Findings) {
    for member in &team.members {
        dates(team, member, found);
    }
    for fault in layer_faults(&team.members) {
        report(team, &fault, found);
    }
}

fn dates(team: &TeamOutline<'_>, member: &Member<'_>, found: &mut Findings) {
    let pointer = format!("{}/capacity/away", member.pointer);
    let away = value_at(team.document.value(), &pointer).and_then(Value::as_array);
    for (place, written) in away.into_iter().flatten().enumerate() {
        if let Some(Err(error)) = written.as_str().map(str::parse::<Day>) {
            let message = format!("`{}` is no date", error.0);
            let pointer = format!("{pointer}/{place}");
            let diagnostic = team.document.diagnostic(Code::INVALID_DATE, &pointer, message);
            found.push(diagnostic.help("write year, month and day, such as 2026-12-24"));
        }
    }
}

fn report(team: &TeamOutline<'_>, fault: &LayerFault, found: &mut Findings) {
    let at = |index: usize, key: &str| {
        let member = team.members.get(index).map_or(&team.pointer, |member| &member.pointer);
        format!("{member}/{key}")
    };
    let (code, pointer, related, help) = match fault {
        LayerFault::NoDomain { index, layer, .. } => {
            let does = if *layer == Layer::Lead { "leads" } else { "works in" };
            let help = format!("say what the agent {does}, such as `domain: backend`");
            (Code::NO_DOMAIN, at(*index, "layer"), None, help)
        }
        LayerFault::NoLead { domain, index } => {
            let help = format!("give somebody `layer: lead` and `domain: {domain}`");
            (Code::NO_LEAD, at(*index, "domain"), None, help)
        }
        LayerFault::ReportsDownwards { places: (index, manager), .. } => {
            let related = Some((at(*manager, "layer"), "the layer of that one"));
            let help = "let the agent report to somebody of the same or a higher layer";
            (Code::REPORTS_DOWNWARDS, at(*index, "reports_to"), related, help.to_owned())
        }
        LayerFault::ForeignLead { domain, places: (index, lead), .. } => {
            let related = Some((at(*lead, "domain"), "what that one leads"));
            let help = format!("let the agent report to a lead of `{domain}`");
            (Code::FOREIGN_LEAD, at(*index, "reports_to"), related, help)
        }
        LayerFault::NoCapacity { index, .. } => {
            let help = "name a day, such as `days: [monday]`, or leave `days` out";
            (Code::NO_WORKING_DAY, at(*index, "capacity/days"), None, help.to_owned())
        }
    };
    let mut diagnostic = team.document.diagnostic(code, &pointer, fault.to_string()).help(help);
    if let Some((pointer, label)) = related {
        diagnostic = diagnostic.related(team.document.span(&pointer), label);
    }
    found.push(diagnostic);
}
