//! What an organisation does and can do: its people, their time, and the work of runs.

mod estimates;
mod runs;
mod staffing;

pub(super) use estimates::estimate_factors;
pub use runs::{OrganizationRun, Organizations, all_organizations, organization_of};
pub use staffing::{
    Candidates, Planned, Promised, Staffing, StaffingRequest, WorkRequest, staffing,
};
