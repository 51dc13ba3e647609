//! The tasks that a case speaks of.

use crate::language::plan::{Plan, TaskId};

/// The tasks at an address, in the plan's order; `*` stands for any part of a name, but not for what
/// lies in patterns that a task uses.
pub fn addressed(plan: &Plan, address: &str) -> Vec<TaskId> {
    let tasks = plan.tasks().filter(|(_, task)| fits(address, &task.path));
    tasks.map(|(id, _)| id).collect()
}

/// Whether an address speaks of several tasks.
pub(super) fn is_open(address: &str) -> bool {
    address.contains('*')
}

fn fits(address: &str, path: &str) -> bool {
    let Some((before, rest)) = address.split_once('*') else { return address == path };
    let Some(path) = path.strip_prefix(before) else { return false };
    let ends = path.char_indices().map(|(place, _)| place).chain([path.len()]);
    let mut ends = ends.take_while(|end| !path[..*end].contains('/'));
    ends.any(|end| fits(rest, &path[end..]))
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
    }
}
