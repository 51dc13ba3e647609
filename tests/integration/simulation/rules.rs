//! The rules, by name.

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// Facts are numbered from 1 without gaps.
    Numbered,
    /// What was confirmed is there for the next process.
    NothingLost,
    /// The contents that facts name are kept with them.
    ContentsKept,
    /// No task begins before what it needs has ended.
    NeedsFirst,
    /// No task begins before the waves before its barrier have ended.
    BarriersHold,
    /// No message is read before it was sent, and none that was is left out; no task starts without its message.
    MessagesFirst,
    /// No server works on more calls of a model than it has slots, nor on more models than it may.
    ServersRespected,
    /// No server is asked before the time that it has named.
    RestsRespected,
    /// No more calls are under way than the run may have.
    LimitsRespected,
    /// No call is begun that would go beyond a budget.
    BudgetsRespected,
    /// The model that is asked for a task is the one that the plan has for it, whatever has failed before.
    ModelAsPlanned,
    /// A task took longer than it may where it is told so, and only there.
    PromisesTold,
    /// No more of what is done several times is under way, nor done in all, than may be.
    IterationsRespected,
    /// A round begins only when the one before has ended, and none beyond the most that there may be.
    RoundsFollow,
    /// A rung takes a task up only when everything before has failed, and in the order of the ladder.
    RungsFollow,
    /// What an agent plans is of its catalogue, and not more than it may plan. It is planned anew only when
    /// everything has ended, and not more often than it may be. Nothing planned begins before what it needs.
    PlansHold,
    /// The posts of a pattern are filled before anything in it begins, and once.
    PostsFilledFirst,
    /// Who gets a post may have it: a candidate, nobody who is ruled out, no reviewer of their own work, the next above.
    PostsFit,
    /// The time that is set aside for a post is what its work takes, nobody has promised more of a day than it has, and
    /// what is over is promised no longer.
    HoursFit,
    /// A task asks who has its post.
    HoldersAsked,
    /// A task has one attempt under way, and a second one only where runs hedge, on another server,
    /// within the budget. What follows from the end of one of two is that the other goes on.
    HedgesBounded,
    /// Calls are under way for tasks that run, and for no other: what waits holds no slot.
    OnlyTheRunningHoldSlots,
    /// A task ends once.
    OneEnd,
    /// What has ended is not begun again.
    NothingAgain,
    /// Only what has ended well is undone, the last first, one after the other, each once, and all of it
    /// where a run fails.
    UndoneInReverse,
    /// What must not be done twice is asked again only where no server has taken it.
    OnceIsOnce,
    /// No server is asked, and no tool used, before it is kept that it will be.
    KeptFirst,
    /// An attempt is one request, or one call of a tool.
    AskedOnce,
    /// Whose answer was rejected is told what was wrong with it, until the next answer, whoever died in between.
    ComplaintsShown,
    /// What follows a failure is what the table of classes says.
    TheTableDecides,
    /// The fold of what is kept is the live state.
    FoldIsLive,
    /// The reports of what is kept are those of who watched, to the letter.
    ReportIsLive,
    /// Every run comes to rest, with an end for every task that was reached.
    ComesToRest,
}

impl Rule {
    /// All of them.
    pub(super) const ALL: [Rule; 33] = [
        Rule::Numbered,
        Rule::NothingLost,
        Rule::ContentsKept,
        Rule::NeedsFirst,
        Rule::BarriersHold,
        Rule::MessagesFirst,
        Rule::ServersRespected,
        Rule::RestsRespected,
        Rule::LimitsRespected,
        Rule::BudgetsRespected,
        Rule::ModelAsPlanned,
        Rule::PromisesTold,
        Rule::IterationsRespected,
        Rule::RoundsFollow,
        Rule::RungsFollow,
        Rule::PlansHold,
        Rule::PostsFilledFirst,
        Rule::PostsFit,
        Rule::HoursFit,
        Rule::HoldersAsked,
        Rule::HedgesBounded,
        Rule::OnlyTheRunningHoldSlots,
        Rule::OneEnd,
        Rule::NothingAgain,
        Rule::UndoneInReverse,
        Rule::OnceIsOnce,
        Rule::KeptFirst,
        Rule::AskedOnce,
        Rule::ComplaintsShown,
        Rule::TheTableDecides,
        Rule::FoldIsLive,
        Rule::ReportIsLive,
        Rule::ComesToRest,
    ];
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) what: String,
}

impl Broken {
    pub(super) fn new(rule: Rule, what: impl Into<String>) -> Broken {
        Broken { rule, what: what.into() }
    }
}

/// That a rule holds.
pub(super) fn holds(rule: Rule, is_so: bool, what: impl FnOnce() -> String) -> Result<(), Broken> {
    if is_so { Ok(()) } else { Err(Broken::new(rule, what())) }
}
