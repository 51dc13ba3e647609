//! The HTTP headers by which Partita's client and simulated servers understand each other. Ollama
//! ignores them.

/// The task that a request is for: its address in the plan.
pub const TASK: &str = "x-partita-task";

/// Which attempt at the task it is, from 1.
pub const ATTEMPT: &str = "x-partita-attempt";

/// In answers of simulated servers, so that nobody takes invented answers for a model's.
pub const SIMULATED: &str = "x-partita-simulated";
