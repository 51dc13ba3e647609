//! Beginning: the files of a new project, and new documents that are without fault from the start.

mod cluster;
mod discovery;
mod draft;
mod inputs;
mod orchestration;
mod project_files;
mod sheet;
mod steps;
mod team;
mod team_config;
mod wish;

pub use discovery::{Discovery, discover};
pub(super) use draft::check as check_draft;
pub use draft::{Draft, DraftRequest, can_use, draft};
pub use project_files::{Extra, Fate, NewFile, fate, place, place_at, project_files};
pub use team_config::{ImportedTeam, imported_team};
pub use wish::{AgentWish, DocumentName, InputWish, parse_waves};
