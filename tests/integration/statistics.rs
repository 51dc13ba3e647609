//! Statistics of a run whose every fact is written down here, and what holds for those of any run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::MemoryContents;
use partita::engine::{
    AttemptId, Fact, Failure, FailureClass, Next, Outcome, Recorded, RunStatus, ServerId, Settings,
    Time, Usage,
};
use partita::insight::{
    AcrossRuns, Activity, Cause, Courses, CriticalPath, FailuresInRuns, Hedging, History, Metrics,
    Release, Statistics,
};
use partita::interface::report::{
    Detail, Outcome as Report, Paint, TimelineLook, run_json, run_text, timeline_text,
};
use partita::language::digest::Digest;
use partita::language::document::ClusterSettings;
use partita::language::plan::{Plan, TaskId};
use partita::runtime::journal::Setup;

use crate::support::plan;

const OUTER: &str = "
pattern: { name: outer, summary: 'A \"run\" <script>alert(1)</script> & more' }
team: { name: makers, agents: [{ role: Maker }] }
waves:
  - name: first
    tasks:
      short: { agent: maker, prompt: x }
      long: { agent: maker, prompt: x }
  - name: second
    tasks:
      after: { agent: maker, prompt: '{{ tasks.short.output }}' }
  - name: third
    tasks:
      ask: { gate: approval, ask: 'Go on?', options: [yes, no] }
  - name: last
    tasks:
      use: { uses: inner }
";

const INNER: &str = "
pattern: { name: inner }
team: { name: helpers, agents: [{ role: Helper }] }
tasks:
  one: { agent: helper, prompt: x }
  two: { agent: helper, prompt: '{{ tasks.one.output }}' }
";

/// Facts in seconds.
pub(crate) struct Tape {
    pub(crate) plan: Arc<Plan>,
    facts: Vec<Recorded>,
    attempts: BTreeMap<TaskId, u32>,
}

impl Tape {
    fn new() -> Tape {
        let plan = plan(&[("outer.yaml", OUTER), ("inner.yaml", INNER)]);
        let cluster = ClusterSettings::of_urls(["http://a".to_owned(), "http://b".to_owned()]);
        let mut tape = Tape { plan, facts: Vec::new(), attempts: BTreeMap::new() };
        let settings = Settings::of_cluster(&cluster, "m".to_owned());
        tape.at(0, Fact::RunStarted { inputs: Digest::of(b""), settings, fork: None });
        tape
    }

    fn at(&mut self, second: u64, fact: Fact) {
        let sequence = self.facts.len() as u64 + 1;
        self.facts.push(Recorded { sequence, at: moment(second), fact });
    }

    fn task(&self, path: &str) -> TaskId {
        self.plan.find(path).expect("a task")
    }

    fn start(&mut self, second: u64, path: &str, server: u32) {
        self.ask(second, path, server, false);
    }

    fn hedge(&mut self, second: u64, path: &str, server: u32) {
        self.ask(second, path, server, true);
    }

    fn ask(&mut self, second: u64, path: &str, server: u32, hedge: bool) {
        let task = self.task(path);
        let number = self.attempts.entry(task).or_default();
        *number += 1;
        let attempt = AttemptId { task, number: *number };
        let (model, request) = ("m&<m>".to_owned(), Digest::of(b""));
        let server = ServerId(server);
        self.at(
            second,
            Fact::AttemptStarted {
                attempt,
                server,
                model,
                request,
                tokens: 0,
                expected: None,
                hedge,
            },
        );
    }

    fn end(&mut self, second: u64, path: &str, outcome: Outcome, next: Next) {
        let task = self.task(path);
        let attempt = AttemptId { task, number: self.attempts[&task] };
        self.at(second, Fact::AttemptEnded { attempt, outcome, next, key: None });
    }

    fn answer(&mut self, second: u64, path: &str, usage: Usage) {
        let outcome = Outcome::Answered { output: Digest::of(b""), usage };
        self.end(second, path, outcome, Next::Done);
    }

    pub(crate) fn history(&self) -> History {
        History::of_facts(Arc::clone(&self.plan), &self.facts)
    }
}

fn moment(second: u64) -> Time {
    Time(1_000_000 * (1_000 + second))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// `load` and `first_token` in seconds.
fn usage(load: u64, first_token: u64, answer_tokens: u64) -> Usage {
    Usage {
        prompt_tokens: 100,
        answer_tokens,
        load_us: load * 1_000_000,
        first_token_us: first_token * 1_000_000,
        ..Usage::default()
    }
}

/// A minute and two seconds with everything in it that costs time.
pub(crate) fn tape() -> Tape {
    let mut tape = Tape::new();
    tape.start(0, "long", 1);
    tape.start(1, "short", 0);
    tape.answer(5, "short", usage(2, 3, 10));
    tape.answer(10, "long", usage(0, 1, 90));
    tape.start(11, "after", 0);
    let failure = Failure::new(FailureClass::Malformed, "no JSON");
    let failed = Outcome::Failed { failure, answer: None, usage: Some(usage(0, 1, 40)) };
    tape.end(13, "after", failed, Next::Retry { at: moment(15) });
    tape.start(16, "after", 0);
    tape.answer(20, "after", usage(0, 1, 30));
    let ask = tape.task("ask");
    tape.at(20, Fact::GateOpened { task: ask, question: Digest::of(b""), deadline: None });
    let decided =
        Fact::GateDecided { task: ask, choice: "yes".to_owned(), by: "tester".to_owned() };
    tape.at(50, decided);
    let uses = tape.task("use");
    tape.at(50, Fact::PatternOpened { task: uses, inputs: Digest::of(b"") });
    tape.start(50, "use/one", 0);
    tape.answer(54, "use/one", usage(0, 1, 30));
    tape.start(54, "use/two", 1);
    tape.answer(60, "use/two", usage(0, 1, 50));
    tape.at(61, Fact::TaskSucceeded { task: uses, output: Digest::of(b"") });
    let status = RunStatus::Succeeded;
    tape.at(62, Fact::RunEnded { status, outputs: None, failure: None });
    tape
}

fn statistics(tape: &Tape) -> Statistics {
    let history = tape.history();
    Statistics::of(&history, &Metrics::of(&history))
}

#[test]
fn a_course_says_what_a_task_waited_for() {
    let tape = tape();
    let courses = Courses::of(&tape.history());
    let course = |path: &str| courses.get(tape.task(path)).expect("a course");
    let after = course("after");
    assert_eq!((after.ready, after.end), (seconds(10), seconds(20)));
    assert_eq!(after.release, Release::Barrier(tape.task("long")));
    assert_eq!(after.held, seconds(5), "its need was met at 5 s");
    let stretches: Vec<(Activity, u64, u64)> =
        after.stretches.iter().map(|s| (s.activity, s.from.as_secs(), s.until.as_secs())).collect();
    use Activity::{Load, Queue, Retry, Work};
    assert_eq!(
        stretches,
        [(Queue, 10, 11), (Retry, 11, 13), (Retry, 13, 15), (Queue, 15, 16), (Work, 16, 20)]
    );
    let short: Vec<Activity> = course("short").stretches.iter().map(|s| s.activity).collect();
    assert_eq!(short, [Queue, Load, Work]);
    assert_eq!(course("use/one").release, Release::Pattern(tape.task("use")));
    assert_eq!(course("use/two").release, Release::Need(tape.task("use/one")));
}

#[test]
fn the_critical_path_explains_every_second() {
    let tape = tape();
    let CriticalPath { tasks, spent } = statistics(&tape).critical_path;
    let names: Vec<&str> = tasks.iter().map(|id| tape.plan.task(*id).path.as_str()).collect();
    assert_eq!(names, ["long", "after", "ask", "use/one", "use/two"]);
    let expected = [
        (Activity::Queue, 2),
        (Activity::Work, 24),
        (Activity::Retry, 4),
        (Activity::Person, 30),
        (Activity::Other, 2),
    ];
    assert_eq!(spent, expected.map(|(activity, spent)| (activity, seconds(spent))).into());
}

#[test]
fn losses_name_their_tasks() {
    let tape = tape();
    let losses = statistics(&tape).losses;
    let told = losses.iter().map(|loss| {
        let worst = loss.tasks[0];
        let name = tape.plan.task(worst.task).path.as_str();
        (loss.cause, loss.critical.as_secs(), loss.all.as_secs(), name, worst.is_critical)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Cause::Queue, 2, 3, "after", true),
            // What was loaded was not on the critical path.
            (Cause::Load, 0, 2, "short", false),
            // Without barriers the question had stood from the beginning, 30 of 60 s.
            (Cause::Barrier, 30, 75, "ask", true),
            (Cause::Retry, 4, 4, "after", true),
            (Cause::Person, 30, 30, "ask", true),
        ]
    );
}

#[test]
fn calls_are_counted_each() {
    let tape = tape();
    let statistics = statistics(&tape);
    let queue = statistics.latencies.queue.expect("calls");
    assert_eq!((queue.count, queue.p50, queue.max), (6, seconds(0), seconds(1)));
    let call = statistics.latencies.call.expect("answers");
    assert_eq!((call.count, call.p50, call.p95), (5, seconds(4), seconds(10)));
    assert_eq!(statistics.latencies.load.expect("answers").max, seconds(2));
    assert_eq!(statistics.latencies.first_token.expect("answers").p99, seconds(3));
    let failures = &statistics.failures[&FailureClass::Malformed];
    assert_eq!((failures.attempts, failures.tasks.len()), (1, 1));
    let in_vain = (statistics.prompt_tokens_in_vain, statistics.answer_tokens_in_vain);
    assert_eq!(in_vain, (100, 40));
    let speed = statistics.speeds[&(1, "m&<m>".to_owned())];
    assert_eq!((speed.calls, speed.answer_tokens, speed.busy), (2, 140, seconds(16)));
    assert_eq!((speed.throughput(), speed.pace()), (Some(8.75), Some(10.0)));
    assert_eq!(statistics.gpu_time, seconds(4 + 2 + 4 + 4 + 16));
    assert_eq!((statistics.success_rate, statistics.retry_rate), (Some(1.0), Some(0.2)));
    // Seven tasks in 32 s: the time in which everything waited for a person is left out.
    assert!((statistics.tasks_per_minute - 7.0 / (32.0 / 60.0)).abs() < 1e-9);
}

#[test]
fn a_load_takes_no_more_than_the_first_token_took() {
    let mut tape = Tape::new();
    tape.start(0, "long", 0);
    // A simulated server tells simulated time: 30 s of loading and 10 s of reading, seen in 4 s.
    let told = Usage { prompt_us: 10_000_000, ..usage(30, 4, 10) };
    tape.answer(5, "long", told);
    let history = tape.history();
    assert_eq!(history.task(tape.task("long")).attempts[0].load(), Some(seconds(3)));
}

#[test]
fn time_without_a_process_is_nobodys() {
    let mut tape = Tape::new();
    tape.start(0, "long", 0);
    let failure = Failure::new(FailureClass::Stalled, "silence");
    let failed = Outcome::Failed { failure, answer: None, usage: None };
    tape.end(2, "long", failed, Next::Retry { at: moment(6) });
    let cluster = ClusterSettings::of_urls(["http://a".to_owned()]);
    let settings = Settings::of_cluster(&cluster, "m".to_owned());
    tape.at(100, Fact::RunResumed { settings });
    tape.start(101, "long", 0);
    tape.answer(104, "long", usage(0, 1, 10));
    let history = tape.history();
    assert_times_add_up(&tape.plan, &tape.facts, 0);
    let courses = Courses::of(&history);
    let course = courses.get(tape.task("long")).expect("a course");
    assert_eq!(course.end, seconds(6));
    assert_eq!(course.spent_on(Activity::Retry), seconds(3), "2 s, and 1 s of the pause");
}

#[test]
fn of_two_attempts_at_a_time_the_one_that_counts_is_told() {
    let mut tape = Tape::new();
    let ends = |tape: &mut Tape, second, path, number, outcome, next| {
        let attempt = AttemptId { task: tape.task(path), number };
        tape.at(second, Fact::AttemptEnded { attempt, outcome, next, key: None });
    };
    tape.start(0, "long", 1);
    tape.start(0, "short", 0);
    tape.answer(2, "short", usage(0, 1, 10));
    // The hedge is faster.
    tape.hedge(6, "long", 0);
    ends(&mut tape, 9, "long", 1, Outcome::Superseded, Next::GoesOn);
    tape.answer(9, "long", usage(0, 1, 10));
    // A hedge breaks, the next one is slower, and the first attempt fails; then it is asked again.
    tape.start(9, "after", 1);
    tape.hedge(12, "after", 0);
    let failure = Failure::new(FailureClass::Disconnected, "gone");
    let failed = Outcome::Failed { failure, answer: None, usage: None };
    ends(&mut tape, 14, "after", 2, failed.clone(), Next::GoesOn);
    ends(&mut tape, 16, "after", 1, failed, Next::Retry { at: moment(17) });
    tape.start(18, "after", 1);
    tape.hedge(20, "after", 0);
    ends(&mut tape, 21, "after", 4, Outcome::Superseded, Next::GoesOn);
    let answered = Outcome::Answered { output: Digest::of(b""), usage: usage(0, 1, 10) };
    ends(&mut tape, 21, "after", 3, answered, Next::Done);
    let history = tape.history();
    assert_times_add_up(&tape.plan, &tape.facts, 0);
    let statistics = statistics(&tape);
    let stretches = |path: &str| {
        let course = statistics.courses.get(tape.task(path)).expect("a course");
        let stretches = course.stretches.iter();
        stretches.map(|s| (s.activity, s.from.as_secs(), s.until.as_secs())).collect::<Vec<_>>()
    };
    use Activity::{Queue, Retry, Work};
    assert_eq!(stretches("long"), [(Retry, 0, 6), (Work, 6, 9)]);
    let after = [(Retry, 9, 16), (Retry, 16, 17), (Queue, 17, 18), (Work, 18, 21)];
    assert_eq!(stretches("after"), after);
    let superseded = seconds(9 + 1);
    assert_eq!(statistics.hedging, Hedging { hedges: 3, won: 1, superseded });
    // Hedges wait for nobody, and are no second try.
    assert_eq!(statistics.latencies.queue.map(|queue| queue.count), Some(4));
    assert_eq!(statistics.retry_rate, Some(1.0 / 3.0));
    let metrics = Metrics::of(&history);
    assert_eq!((metrics.retries, metrics.servers[0].failures), (1, 1));
    let long = history.task(tape.task("long")).deciding_attempt().expect("an attempt");
    assert_eq!((long.number, long.hedge), (2, true));
    let timeline = timeline_text(&history, TimelineLook { paint: Paint::PLAIN, width: 100 });
    let [one, other] = &history.servers[..] else { panic!("two servers") };
    assert!(timeline.contains(&format!("hedged on {}, which came first", one.name)), "{timeline}");
    assert!(!timeline.contains(&format!("hedged on {}", other.name)), "{timeline}");
}

#[test]
fn runs_are_summed_up_by_name() {
    let whole = tape();
    let mut failed = Tape::new();
    failed.start(0, "long", 0);
    let failure = Failure::new(FailureClass::Malformed, "no JSON");
    let ended = Outcome::Failed { failure: failure.clone(), answer: None, usage: None };
    failed.end(4, "long", ended, Next::Done);
    let status = RunStatus::Failed;
    failed.at(4, Fact::RunEnded { status, outputs: None, failure: Some(failure) });
    let mut open = Tape::new();
    open.start(0, "long", 0);
    let mut across = AcrossRuns::default();
    for tape in [&whole, &failed, &open] {
        across.add(&tape.history());
    }
    let names = across.names();
    let [runs] = names.as_slice() else { panic!("{names:?}") };
    assert_eq!((runs.name.as_str(), runs.simulated, runs.runs), ("outer", false, 3));
    assert_eq!((runs.succeeded, runs.failed, runs.unfinished()), (1, 1, 1));
    assert_eq!(runs.success_rate(), Some(0.5));
    assert_eq!(runs.makespan.map(|times| (times.count, times.p50)), Some((1, seconds(62))));
    let malformed = FailuresInRuns { runs: 2, tasks: 2, attempts: 2 };
    assert_eq!(runs.failures, [(FailureClass::Malformed, malformed)]);
    let slowest: Vec<(&str, usize, Duration)> =
        runs.slowest.iter().map(|(path, times)| (path.as_str(), times.count, times.p50)).collect();
    assert_eq!(
        slowest,
        [
            ("after", 1, seconds(9)),
            ("use/two", 1, seconds(6)),
            // 4 s and 10 s: the median is the smaller by nearest rank.
            ("long", 2, seconds(4)),
            ("short", 1, seconds(4)),
            ("use/one", 1, seconds(4)),
        ]
    );
}

#[test]
fn the_summary() {
    let tape = tape();
    let history = tape.history();
    let report = Report {
        run: "k7m2k7m2",
        history: &history,
        contents: &MemoryContents::default(),
        setup: &Setup::of_cluster(ClusterSettings::of_urls([])),
    };
    insta::assert_snapshot!("run_text", run_text(&report, Detail::Everything, Paint::PLAIN));
    insta::assert_snapshot!("run_json", serde_json::to_string_pretty(&run_json(&report)).unwrap());
}

/// In virtual time nothing takes any but queueing, loading, work, attempts in vain and people: if the
/// path went back to a task that released nothing, there would be a gap.
pub(crate) fn assert_times_are_explained(plan: &Arc<Plan>, facts: &[Recorded], seed: u64) {
    assert_times_add_up(plan, facts, seed);
    let history = History::of_facts(Arc::clone(plan), facts);
    let courses = Courses::of(&history);
    let path = CriticalPath::of(&history, &courses);
    assert_eq!(path.spent_on(Activity::Other), Duration::ZERO, "seed {seed}: {path:?}");
    let plan = history.plan();
    for (id, course) in courses.iter() {
        let other = course.spent_on(Activity::Other);
        assert!(other.is_zero(), "seed {seed}: {} {course:?}", plan.task(id).path);
    }
}

/// What holds for every run: the critical path explains all of its time, and no task's time is
/// told twice or not at all.
fn assert_times_add_up(plan: &Arc<Plan>, facts: &[Recorded], seed: u64) {
    let history = History::of_facts(Arc::clone(plan), facts);
    let courses = Courses::of(&history);
    let path = CriticalPath::of(&history, &courses);
    assert_eq!(path.spent.values().sum::<Duration>(), history.worked, "seed {seed}");
    let plan = history.plan();
    for (id, course) in courses.iter() {
        let name = &plan.task(id).path;
        assert!(course.ready <= course.end, "seed {seed}: {name} {course:?}");
        let mut at = course.ready;
        for stretch in &course.stretches {
            assert!(stretch.from == at && stretch.until > at, "seed {seed}: {name} {course:?}");
            at = stretch.until;
        }
        use partita::language::plan::Work;
        let is_call = matches!(plan.task(id).work, Work::Call { .. } | Work::Iterate(_));
        assert!(is_call || at == course.end, "seed {seed}: {name} {course:?}");
    }
    for id in plan.tasks().map(|(id, _)| id) {
        let begun = history.task(id).started.is_some();
        assert!(!begun || courses.get(id).is_some(), "seed {seed}: {}", plan.task(id).path);
    }
    for pair in path.tasks.windows(2) {
        let end = |place: usize| courses.get(pair[place]).map(|course| course.end);
        assert!(end(0) <= end(1), "seed {seed}: the path goes back in time");
    }
}
