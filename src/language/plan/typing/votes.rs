//! What can be read of votes, and what is voted on.

use indexmap::IndexMap;

use super::Types;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::template::{Field, Openness, Presence, Type};

impl<'l> Types<'_, 'l> {
    /// The types of what a vote, or a choice of the best, chooses from: the results of its sources, and of
    /// those that are done for each item of a list the results for the items.
    pub(in crate::language::plan) fn candidates(
        &self,
        outline: &Outline<'l>,
        task: &TaskOutline<'l>,
    ) -> Vec<Type> {
        let of_source = |name: &str| {
            let Some(place) = outline.task(name) else { return Type::Any };
            let output = self.output(outline, place);
            match (&outline.tasks[place].each, &output) {
                (Some(_), Type::List(_)) => {
                    output.item(None).map_or(Type::Any, |item| item.without_null())
                }
                _ => output,
            }
        };
        task.sources.iter().map(|source| of_source(source.name)).collect()
    }
}

/// The type of `tasks.NAME.votes`.
pub(super) fn record(strategy: Option<&str>) -> Type {
    let field = |value, presence| Field { value, presence, declared: None };
    let always = |name: &str, value| (name.to_owned(), field(value, Presence::Always));
    let candidate = IndexMap::from([
        always("answer", Type::Any),
        always("votes", Type::Number),
        always("share", Type::Number),
        always("from", Type::list(Type::Text)),
    ]);
    let mut fields = IndexMap::from([
        always("tally", Type::list(Type::object(candidate, Openness::Closed, None))),
        always("cast", Type::Number),
        always("abstained", Type::list(Type::Text)),
        always("agreement", Type::Number),
        always("tied", Type::Boolean),
        ("warning".to_owned(), field(Type::Text, Presence::Maybe)),
    ]);
    match strategy {
        Some("best_of") => {
            fields
                .extend(["comparisons", "contradictions"].map(|name| always(name, Type::Integer)));
        }
        Some(_) => drop(fields.insert("reasoning".to_owned(), field(Type::Text, Presence::Maybe))),
        None => fields.extend(["asked", "saved"].map(|name| always(name, Type::Integer))),
    }
    Type::object(fields, Openness::Closed, None)
}
