//! Advice on a request: the advisor over the documents that a project can see, what the recommended pattern would take,
//! and a model's second opinion.

mod estimate;
mod evaluate;
mod opinion;
mod profiles;

pub use estimate::{Estimate, TimeBasis, estimate_of};
pub use evaluate::{evaluate, read_labelled};
pub use opinion::{Opinions, model_billions};
pub use profiles::{advisor_of, profiles_of, vocabularies_of};

use super::failure::{Failure, FailureKind};
use crate::insight::advisor::{Advice, Advisor, Circumstances, Unadvisable};

/// What is to be done about a request: without a server, in milliseconds.
///
/// # Errors
/// When the request says nothing.
pub fn advise(
    advisor: &Advisor,
    request: &str,
    circumstances: &Circumstances,
) -> Result<Advice, Failure> {
    advisor.advise(request, circumstances).map_err(|problem| {
        let failure = Failure::new(FailureKind::Usage, problem.to_string());
        match problem {
            Unadvisable::Empty => {
                failure.hint("write the request in quotation marks behind `partita advise`")
            }
            Unadvisable::SaysNothing => failure.hint(
                "say what is to be done, for whom, and what comes of it, in a sentence or two",
            ),
        }
    })
}
