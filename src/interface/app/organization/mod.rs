//! What an organisation does and can do: its people, their time, and the work of runs.

mod staffing;

pub use staffing::{
    Candidates, Planned, Promised, Staffing, StaffingRequest, WorkRequest, staffing,
};
