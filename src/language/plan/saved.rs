//! A plan as a file: what was compiled, of which documents, sealed against changes.
//!
//! The file holds everything that a run needs, so that what was reviewed is what is run. Its form is
//! versioned by [`FORM`]. Two digests seal it: the plan's fingerprint, and one of everything else.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compile::Compiled;
use super::model::Plan;
use crate::language::digest::Digest;
use crate::language::document::ClusterReference;
use crate::language::document::simulation::Profile;

/// The form of the files that are written, and the only one that is read.
pub const FORM: u32 = 1;

/// The key that makes a JSON file a saved plan.
const MARK: &str = "partita_plan";

/// A plan, where it runs, and what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedPlan {
    /// The documents that it was compiled of; first the one that it is named after.
    pub documents: Vec<SavedDocument>,
    /// The plan.
    pub plan: Plan,
    /// The servers that the pipeline names.
    pub cluster: Option<ClusterReference>,
    /// How the servers of a rehearsal behave.
    pub simulation: Option<Profile>,
}

/// A document that a plan was compiled of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedDocument {
    /// Its path relative to the project, with slashes; `<built-in>/…` for one of the binary.
    pub name: String,
    /// The digest of its text.
    pub digest: Digest,
}

/// Why a file is no saved plan that can be used. `Display` is the final text, to be put behind the
/// name of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanError {
    /// The user named another file.
    #[error("this is no saved plan")]
    NotASavedPlan,
    /// The file was written by another version of Partita.
    #[error("this plan was saved in form {found}, and this version of Partita reads form {FORM}")]
    OtherForm {
        /// The form.
        found: Value,
    },
    /// Somebody changed it by hand, or another version of Partita wrote it.
    #[error(
        "{what} is not what was saved: the file was edited, or another version of Partita saved it"
    )]
    Changed {
        /// What of it.
        what: &'static str,
    },
    /// It cannot be read as this version would write it.
    #[error("this saved plan cannot be read: {0}")]
    Unreadable(String),
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    partita_plan: u32,
    name: String,
    fingerprint: Digest,
    seal: Digest,
    documents: Vec<SavedDocument>,
    cluster: Option<ClusterReference>,
    simulation: Option<Profile>,
    plan: Plan,
}

impl SavedPlan {
    /// What was compiled, with the documents that are part of it, the named one first.
    pub fn new(compiled: Compiled, documents: Vec<SavedDocument>) -> SavedPlan {
        let Compiled { plan, cluster, simulation, .. } = compiled;
        SavedPlan { documents, plan, cluster, simulation }
    }

    /// The text of the file: the same for the same documents, wherever and whenever it is made.
    pub fn to_text(&self) -> String {
        let written = Written {
            partita_plan: FORM,
            name: self.plan.name.clone(),
            fingerprint: self.plan.fingerprint(),
            seal: self.seal(),
            documents: self.documents.clone(),
            cluster: self.cluster.clone(),
            simulation: self.simulation.clone(),
            plan: self.plan.clone(),
        };
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no saved plan, of another form, or not what was saved.
    pub fn read(text: &str) -> Result<SavedPlan, SavedPlanError> {
        let value = marked(text).ok_or(SavedPlanError::NotASavedPlan)?;
        let form = &value[MARK];
        if form.as_u64() != Some(u64::from(FORM)) {
            return Err(SavedPlanError::OtherForm { found: form.clone() });
        }
        let written: Written = serde_json::from_value(value)
            .map_err(|error| SavedPlanError::Unreadable(error.to_string()))?;
        let Written { name, fingerprint, seal, documents, cluster, simulation, plan, .. } = written;
        if fingerprint != plan.fingerprint() || name != plan.name {
            return Err(SavedPlanError::Changed { what: "the plan" });
        }
        let saved = SavedPlan { documents, plan, cluster, simulation };
        if seal != saved.seal() {
            return Err(SavedPlanError::Changed { what: "what stands beside the plan" });
        }
        saved.plan.check_integrity().map_err(SavedPlanError::Unreadable)?;
        Ok(saved)
    }

    /// Whether a text is a saved plan, of whatever form.
    pub fn is_one(text: &str) -> bool {
        marked(text).is_some()
    }

    /// The document that the plan is named after.
    pub fn document(&self) -> Option<&SavedDocument> {
        self.documents.first()
    }

    /// The digest of everything but the plan.
    fn seal(&self) -> Digest {
        let sealed = (&self.documents, &self.cluster, &self.simulation);
        Digest::of(&serde_json::to_vec(&sealed).unwrap_or_default())
    }
}

fn marked(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get(MARK).is_some().then_some(value)
}
