//! The tasks that a case speaks of.

use std::sync::LazyLock;

use serde_json::Value;

use crate::language::plan::compensation::is_undo_address;
use crate::language::plan::{
    Ask, Plan, Purpose, Task, TaskId, Work, comparison_output, consensus_output, tie_break_output,
};

/// What a consensus is whose author declares no type.
static CONSENSUS: LazyLock<Value> = LazyLock::new(consensus_output);

/// What judges answer, of which plans say nothing: it is always the same.
static COMPARISON: LazyLock<Value> = LazyLock::new(comparison_output);

/// How many there are to choose from is known only to the run.
static TIE_BREAK: LazyLock<Value> = LazyLock::new(|| tie_break_output(usize::MAX));

/// The tasks at an address, in the plan's order; `*` stands for any part of a name, but not for what
/// lies in patterns that a task uses. Items of a task that are not known yet are the task.
pub fn addressed(plan: &Plan, address: &str) -> Vec<TaskId> {
    let at = |address: &str| -> Vec<TaskId> {
        let tasks = plan.tasks().filter(|(_, task)| fits(address, &task.path));
        tasks.map(|(id, _)| id).collect()
    };
    let found = at(address);
    match address.split_once('[') {
        Some((several, _)) if found.is_empty() && !is_undo_address(address) => {
            let is_iterated = |id: &TaskId| matches!(plan.task(*id).work, Work::Iterate(_));
            at(several).into_iter().filter(is_iterated).collect()
        }
        _ => found,
    }
}

/// Whether an address is of what may undo a task of a plan in which nothing has been undone.
pub(super) fn may_undo(plan: &Plan, address: &str) -> bool {
    let address = of_any_item(address);
    is_undo_address(&address) && plan.all_tasks().iter().any(|task| fits(&address, &task.path))
}

/// The tasks that an answer at an address is for, each with the type of that.
pub(super) fn answered_at<'p>(plan: &'p Plan, address: &str) -> Vec<(&'p Task, Option<&'p Value>)> {
    for own in in_plan(address) {
        let at_it: Vec<_> = answered(plan).filter(|(task, _)| task.path == own).collect();
        if !at_it.is_empty() {
            return at_it;
        }
    }
    let address = of_any_item(address);
    answered(plan).filter(|(task, _)| is_for(&address, &task.path)).collect()
}

/// The tasks that a model answers, or a tool, each with the type of that.
pub fn answered(plan: &Plan) -> impl Iterator<Item = (&Task, Option<&Value>)> {
    plan.all_tasks().into_iter().filter_map(|task| match &task.work {
        Work::Ask(ask) => Some((task, answer_type(ask))),
        Work::Tool(tool) => Some((task, tool.output.as_ref())),
        _ => None,
    })
}

/// What to write instead of the address of a task that is not answered itself, but whose parts are.
pub(super) fn answered_parts(plan: &Plan, address: &str) -> Option<String> {
    let is_inside = |task: &Task| {
        let rest = task.path.strip_prefix(address)?;
        (rest.starts_with('[') || rest.starts_with('/')).then(|| task.path.clone())
    };
    let part = answered(plan).find_map(|(task, _)| is_inside(task))?;
    Some(format!("its parts do: name one, such as `{part}`"))
}

fn answer_type(ask: &Ask) -> Option<&Value> {
    match ask.purpose {
        Purpose::Compare => Some(&COMPARISON),
        Purpose::TieBreak => Some(&TIE_BREAK),
        Purpose::Consensus => ask.output.as_ref().or(Some(&CONSENSUS)),
        _ => ask.output.as_ref(),
    }
}

/// Whether an answer at an address is for a task: one at a task that is done several times is for each
/// of its items and rounds.
pub fn is_for(address: &str, path: &str) -> bool {
    let several = path.strip_suffix(']').and_then(|path| path.rsplit_once('['));
    fits(address, path) || several.is_some_and(|(several, _)| is_for(address, several))
}

/// An address with `[*]` in the place of every key, as what is done several times has it in a plan.
pub fn of_any_item(address: &str) -> String {
    let mut parts = address.split('[');
    let mut any = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        any.push_str("[*]");
        any.push_str(part.split_once(']').map_or("", |(_, rest)| rest));
    }
    any
}

/// The addresses that a task of a run can have in the plan before that has grown, the narrowest first: what an agent
/// plans, and what takes a failed task up, has a key of its own there, also behind that of an item
/// (`work[oslo][plan]` is `work[*][plan]`).
pub fn in_plan(address: &str) -> [String; 3] {
    let own = unnumbered(address);
    let of_item = match own.rsplit_once('[') {
        Some((several, key)) => format!("{}[{key}", of_any_item(several)),
        None => own.clone(),
    };
    [own, of_item, of_any_item(address)]
}

/// Whether an address speaks of several tasks.
pub(super) fn is_open(address: &str) -> bool {
    address.contains('*')
}

/// An address without the number behind a key: `work[plan.2]` is what `work[plan]` is.
fn unnumbered(address: &str) -> String {
    let numbered = address.strip_suffix(']').and_then(|address| address.rsplit_once('.'));
    let is_number = |number: &str| number.bytes().all(|sign| sign.is_ascii_digit());
    match numbered {
        Some((before, number)) if is_number(number) => format!("{before}]"),
        _ => address.to_owned(),
    }
}

fn fits(address: &str, path: &str) -> bool {
    // What undoes tasks is spoken of only where it is named.
    is_undo_address(address) == is_undo_address(path) && fits_letters(address, path)
}

fn fits_letters(address: &str, path: &str) -> bool {
    let Some((before, rest)) = address.split_once('*') else { return address == path };
    let Some(path) = path.strip_prefix(before) else { return false };
    let ends = path.char_indices().map(|(place, _)| place).chain([path.len()]);
    let mut ends = ends.take_while(|end| !path[..*end].contains('/'));
    ends.any(|end| fits_letters(rest, &path[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_a_part_of_a_name() {
        let check = |address: &str, path: &str, expected: bool| {
            assert_eq!(fits(address, path), expected, "{address} {path}");
        };
        check("market", "market", true);
        check("market", "marketing", false);
        check("*_readiness", "legal_readiness", true);
        check("*", "research/market", false);
        check("*/*", "research/market", true);
        check("research/m*t", "research/market", true);
        check("part_*", "part_", true);
        check("p*t*1", "part_1", true);
        check("p*t*2", "part_1", false);
        check("part[*]", "part[1]", true);
        check("part[2]", "part[1]", false);
        check("part*", "part.undo", false);
        check("*.undo", "part.undo", true);
        check("part[*].undo", "part[1].undo", true);
    }

    #[test]
    fn an_answer_of_a_task_is_for_its_items() {
        let check = |address: &str, path: &str, expected: bool| {
            assert_eq!(is_for(address, path), expected, "{address} {path}");
        };
        check("part", "part[1]", true);
        check("part[1]", "part[1]", true);
        check("part[2]", "part[1]", false);
        check("part", "part[1]/deep", false);
        check("part[*]/deep", "part[1]/deep", true);
        assert_eq!(of_any_item("a[x]/b[y]/c"), "a[*]/b[*]/c");
        assert_eq!(in_plan("a[x]/b[plan.2]"), ["a[x]/b[plan]", "a[*]/b[plan]", "a[*]/b[*]"]);
        assert_eq!(in_plan("a[x][2]"), ["a[x][2]", "a[*][2]", "a[*][*]"]);
        assert_eq!(in_plan("a"), ["a", "a", "a"]);
    }
}
