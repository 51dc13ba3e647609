//! The advisor: how much orchestration a request needs, and which pattern of the library fits it.
//!
//! It compares a request with what patterns say of themselves. It knows no pattern and no word by itself: what words mean
//! comes from vocabularies, which are documents. It asks no model, reads no file, and gives the same advice to the same
//! request.

mod adjustments;
mod advice;
mod advising;
mod alike;
mod catalogue;
mod evaluation;
mod habits;
mod likeness;
mod profile;
mod questions;
mod ranking;
mod reading;
mod second_opinion;
mod size;
mod vocabulary;
mod wording;
mod words;

pub use adjustments::{Adjustment, Adjustments, FARTHEST_SHIFT};
pub use advice::{Advice, Alternative, Approach, Candidate, Coordination, Unadvisable};
pub use advising::{Advisor, Circumstances};
pub use alike::PastRequest;
pub use catalogue::ScoreParts;
pub use evaluation::{Evaluation, Label, Row, Share, WrongRow};
pub use profile::Profile;
pub use questions::{Answer, Question};
pub use second_opinion::{SecondOpinion, asks_for_another};
