//! Why a wish was refused, with what to do about it.

use crate::insight::context::Refusal;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::document::suggest::nearest;

/// So many things are listed where one is unknown.
const LISTED: usize = 12;

/// A refusal as a failure of the command.
pub(super) fn refused(refusal: &Refusal) -> Failure {
    let failure = |message: String| Failure::new(FailureKind::Usage, message);
    match refusal {
        Refusal::Empty(what) => {
            failure(refusal.to_string()).hint(format!("write {what} in quotes"))
        }
        Refusal::Unknown { what, given, known } => {
            let ids = || known.iter().map(|(id, _)| id.as_str());
            let message = match nearest(given, ids()) {
                Some(near) => format!("{refusal}, did you mean `{near}`?"),
                None => refusal.to_string(),
            };
            let listed = known.iter().take(LISTED);
            let failure = listed.fold(failure(message), |failure, (id, text)| {
                failure.hint(if id == text { id.clone() } else { format!("{id}  {text}") })
            });
            match known.is_empty() {
                true => {
                    failure.hint(format!("no {what} is open; `partita context status` shows all"))
                }
                false => failure,
            }
        }
        Refusal::Over { .. } | Refusal::Same { .. } => {
            failure(refusal.to_string()).hint("`partita context status` shows what is open")
        }
        Refusal::NoOption { options, .. } => {
            failure(refusal.to_string()).hint(format!("the options are {}", options.join(", ")))
        }
        Refusal::Closed { .. } => {
            failure(refusal.to_string()).hint("`partita context new` begins another one")
        }
    }
}
