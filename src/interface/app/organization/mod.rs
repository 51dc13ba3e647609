//! What an organisation does and can do: its people, their time, and the work of runs.

mod admission;
mod experience;
mod runs;
mod staffing;

pub use admission::AdmissionFound;
pub(super) use experience::Experience;
pub use experience::learned_inputs;
pub use runs::{OrganizationRun, Organizations, all_organizations, organization_of};
pub use staffing::{
    Candidates, Planned, Promised, Staffing, StaffingRequest, WorkRequest, staffing,
};
