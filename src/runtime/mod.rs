//! The world: servers, disks and clocks.

pub mod clock;
pub mod cluster;
pub mod embedded;
pub mod headers;
pub mod imports;
pub mod journal;
pub mod sharing;
pub mod simulator;
pub mod tools;
pub mod whole_file;
pub mod workspace;
