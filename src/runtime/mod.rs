//! The world: servers, disks and clocks.

pub mod simulator;
