//! `partita validate`: beside the command, a file has the options of one subject and what follows
//! from them.

mod command;
mod online;
mod repairs;
mod report;
mod rules;
mod verdict;

pub(super) use command::Validate;
