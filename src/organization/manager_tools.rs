//! The tools with which those who lead orchestrate (seed 000): what they are called, and what each is for.

/// Says how much orchestration a request needs.
pub const ANALYZE_NEEDS: &str = "analyze_orchestration_needs";

/// Sets an objective, and tasks for it, in the context of the project.
pub const CREATE_PROJECT: &str = "create_project";

/// Starts a run.
pub const START_WORKFLOW: &str = "start_workflow";

/// Says how a run goes that was started.
pub const MONITOR_HEALTH: &str = "monitor_orchestration_health";

/// Says what came of a run that was started.
pub const REVIEW_OUTCOMES: &str = "review_orchestration_outcomes";

/// The five, in the order in which they are used, each with what it is for in a line.
pub const MANAGER_TOOLS: [(&str, &str); 5] = [
    (
        ANALYZE_NEEDS,
        "Say how much orchestration a request needs: the approach, the pattern that fits, and what it would take.",
    ),
    (
        CREATE_PROJECT,
        "Set an objective, and tasks for it, in the context of this project, so that later sessions know of them.",
    ),
    (
        START_WORKFLOW,
        "Start a pattern or pipeline by its name, with its inputs. It runs beside you and is named by the run that you are given.",
    ),
    (
        MONITOR_HEALTH,
        "Wait until something of note has happened in a run that you started, and say how it goes.",
    ),
    (
        REVIEW_OUTCOMES,
        "Wait until a run that you started is over, and give its outputs, its figures and what went wrong.",
    ),
];

/// Whether a name is that of one of these tools.
pub fn is_manager_tool(name: &str) -> bool {
    MANAGER_TOOLS.iter().any(|(tool, _)| *tool == name)
}
