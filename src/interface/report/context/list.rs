//! The contexts of a journal.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{day_and_time, flat};
use crate::interface::app::ListedContext;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::{counted, moment};

/// All contexts, for people.
pub fn contexts_text(listed: &[ListedContext], paint: Paint) -> String {
    let mut text = String::new();
    for ListedContext { record, context } in listed {
        let state = if record.closed { "closed" } else { "open" };
        let _ = writeln!(text, "{}  {state}  {}", paint.bold(&record.project), record.folder);
        let _ = match context {
            Ok(context) => {
                let sessions = context.document.total("total_sessions");
                let active = context.active_tasks().count();
                writeln!(
                    text,
                    "  {}, {} under way, last touched {}",
                    counted(sessions, "session", "sessions"),
                    counted(active, "task", "tasks"),
                    day_and_time(context.latest),
                )
            }
            Err(why) => writeln!(text, "  {}", paint.bad(&flat(why))),
        };
    }
    text
}

/// The same for programs.
pub fn contexts_json(listed: &[ListedContext]) -> Value {
    let one = |ListedContext { record, context }: &ListedContext| {
        json!({
            "project": record.project,
            "folder": record.folder,
            "closed": record.closed,
            "began": moment(record.began),
            "latest": context.as_ref().ok().map(|context| moment(context.latest)),
            "sessions": context.as_ref().ok().map(|context| context.document.total("total_sessions")),
            "trouble": context.as_ref().err(),
        })
    };
    json!({ "contexts": listed.iter().map(one).collect::<Vec<_>>() })
}
