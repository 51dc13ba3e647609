//! Tasks that are done until they are good enough: what comes out, why they stop, and what is wrong when.

use std::collections::BTreeSet;
use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, Request};
use partita::engine::simulation::{Answers, Rehearsal, Script};
use partita::engine::{Fact, Fork, Recorded, RoundsEnd, RunStatus, Settings, Stopped};
use partita::language::document::simulation::{
    Fault, FaultRule, Profile, RequestMatch, SimulatedModel,
};
use partita::language::plan::Plan;
use serde_json::{Map, Value, json};

use crate::support::{findings, library, plan, settings_of};

const HEAD: &str = "pattern: { name: p, summary: s }\nteam: { name: t, agents: [{ role: A }] }\n";

/// A task in rounds whose answers have scores, and one that reads how it ended.
fn drafts(repeat: &str, more: &str) -> Arc<Plan> {
    let text = format!(
        "{HEAD}tasks:\n  draft:\n    agent: a\n    prompt: \"{{{{ round }}}} {{{{ previous.score if previous \
         else 'first' }}}}\"\n    output: {{ score: integer }}\n    repeat: {repeat}\n{more}  next:\n    agent: a\n    \
         prompt: \"{{{{ tasks.draft.output.score }}}} {{{{ tasks.draft.stopped }}}} {{{{ tasks.draft.rounds }}}}\"\n\
         outputs: {{ out: '{{{{ tasks.draft.output.score }}}}', end: '{{{{ tasks.next.output }}}}' }}\n"
    );
    plan(&[("p.yaml", &text)])
}

/// Answers rounds with these scores in order, and everything else with what is asked.
struct Scores<'s>(&'s [i64]);

impl Answers for Scores<'_> {
    fn answer(&self, task: &str, request: &Request) -> String {
        let asked = request.messages.last().map(|message| message.content.clone());
        let asked = asked.unwrap_or_default();
        let round = task.rsplit_once('[').and_then(|(_, round)| round.strip_suffix(']'));
        match (&request.format, round.and_then(|round| round.parse::<usize>().ok())) {
            (Some(_), Some(round)) => json!({ "score": self.0[round - 1] }).to_string(),
            _ => asked,
        }
    }
}

struct Ran {
    status: RunStatus,
    outputs: Value,
    failure: String,
    asked: Vec<(String, String)>,
    end: Option<RoundsEnd>,
    facts: Vec<Recorded>,
}

struct World {
    profile: Profile,
    settings: Settings,
}

fn world(faults: Vec<FaultRule>) -> World {
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    let profile = Profile { faults, models: vec![model], ..Profile::default() };
    let settings = settings_of(&profile, "llama3.1:8b");
    World { profile, settings }
}

fn refusing(task: &str) -> Vec<FaultRule> {
    vec![FaultRule {
        matches: RequestMatch { task: Some(task.to_owned()), ..RequestMatch::default() },
        after: 0,
        times: None,
        fault: Fault::Refused,
    }]
}

fn ended(rehearsal: &Rehearsal<'_>, status: RunStatus, contents: &dyn Contents) -> Ran {
    let (mut outputs, mut failure, mut end) = (Value::Null, String::new(), None);
    for recorded in rehearsal.facts() {
        match &recorded.fact {
            Fact::RunEnded { outputs: made, failure: why, .. } => {
                let read = |address| (*contents.read(address).expect("kept")).clone();
                outputs = made.as_ref().map(read).unwrap_or_default();
                failure = why.as_ref().map(ToString::to_string).unwrap_or_default();
            }
            Fact::RoundsEnded { end: found, .. } => end = Some(*found),
            _ => {}
        }
    }
    let prompt = |request: &Request| {
        let last = request.messages.last().map(|message| message.content.as_str());
        last.and_then(|last| last.lines().next()).unwrap_or_default().to_owned()
    };
    let asked = rehearsal.asked().iter();
    let asked = asked.map(|asked| (asked.task.clone(), prompt(&asked.request))).collect();
    Ran { status, outputs, failure, asked, end, facts: rehearsal.facts().to_vec() }
}

fn run(plan: &Arc<Plan>, scores: &[i64], faults: Vec<FaultRule>) -> Ran {
    let contents = MemoryContents::default();
    run_with(plan, scores, faults, None, &contents)
}

fn run_with(
    plan: &Arc<Plan>,
    scores: &[i64],
    faults: Vec<FaultRule>,
    fork: Option<Fork>,
    contents: &MemoryContents,
) -> Ran {
    let World { profile, settings } = world(faults);
    let script = Script { profile, fork, ..Script::default() };
    let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
    let answers = Scores(scores);
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &inputs, contents, &answers);
    let status = rehearsal.run().expect("no contradiction").expect("an end");
    ended(&rehearsal, status, contents)
}

fn end(stopped: Stopped, counts: u32) -> Option<RoundsEnd> {
    Some(RoundsEnd { stopped, counts: Some(counts) })
}

#[test]
fn rounds_end_when_it_is_good_enough() {
    let plan = drafts("{ until: output.score >= 8, max: 5 }", "");
    let ran = run(&plan, &[3, 8], Vec::new());
    assert_eq!(ran.end, end(Stopped::Until, 2));
    assert_eq!(ran.outputs, json!({ "out": 8, "end": "8 until 2" }));
    let asked: Vec<_> =
        ran.asked.iter().map(|(task, text)| (task.as_str(), text.as_str())).collect();
    assert_eq!(
        asked,
        [("draft[1]", "1 first"), ("draft[2]", "2 3"), ("next", "8 until 2")],
        "each round reads the one before"
    );
}

#[test]
fn the_best_round_counts_and_the_first_of_those_that_are_alike() {
    let check = |repeat: &str, scores: &[i64], expected: Option<RoundsEnd>, out: i64| {
        let ran = run(&drafts(repeat, ""), scores, Vec::new());
        assert_eq!(ran.end, expected, "{repeat}");
        assert_eq!(ran.outputs["out"], out, "{repeat}");
        assert_eq!(ran.asked.len(), scores.len() + 1, "{repeat}");
    };
    check("{ max: 4, best: output.score }", &[5, 7, 7, 3], end(Stopped::Max, 2), 7);
    check("{ max: 4 }", &[5, 7, 7, 3], end(Stopped::Max, 4), 3);
    check("{ best: output.score }", &[9, 7, 8], end(Stopped::Max, 1), 9);
    let patient = "{ max: 10, best: output.score, patience: 2 }";
    check(patient, &[5, 5, 4], end(Stopped::Patience, 1), 5);
    check(patient, &[5, 4, 6, 6, 1], end(Stopped::Patience, 3), 6);
    let stalled = "{ max: 9, best: output.score, until: best and output.score - best.score <= 1 }";
    check(stalled, &[2, 5, 6], end(Stopped::Until, 3), 6);
}

#[test]
fn what_it_means_that_it_was_never_good_enough() {
    let accepts = drafts("{ until: output.score > 8, max: 2 }", "");
    let ran = run(&accepts, &[3, 4], Vec::new());
    assert_eq!(ran.outputs, json!({ "out": 4, "end": "4 max 2" }));
    let fails = drafts("{ until: output.score > 8, max: 2, unmet: fail }", "");
    let ran = run(&fails, &[3, 4], Vec::new());
    assert_eq!(ran.status, RunStatus::Failed);
    assert!(ran.failure.contains("`output.score > 8` was not true in 2 rounds"), "{}", ran.failure);
    assert_eq!(ran.end, end(Stopped::Max, 2));
}

#[test]
fn a_round_that_fails_is_the_last_and_what_was_before_counts() {
    let accepts = drafts("{ until: output.score > 8, max: 5, best: output.score }", "");
    let ran = run(&accepts, &[3, 2, 9], refusing("draft[3]"));
    assert_eq!(ran.end, end(Stopped::Failed, 1));
    assert_eq!(ran.outputs, json!({ "out": 3, "end": "3 failed 3" }));
    let ran = run(&accepts, &[3], refusing("draft[1]"));
    assert_eq!(ran.end, Some(RoundsEnd { stopped: Stopped::Failed, counts: None }));
    assert_eq!(ran.status, RunStatus::Failed);
    let fails = drafts("{ until: output.score > 8, max: 5, unmet: fail }", "");
    let ran = run(&fails, &[3, 2], refusing("draft[2]"));
    assert!(ran.failure.contains("round 2:"), "{}", ran.failure);
    assert_eq!(ran.status, RunStatus::Failed);
}

#[test]
fn items_and_patterns_are_done_in_rounds() {
    let inner = "pattern: { name: inner, summary: s }\nteam: { name: u, agents: [{ role: B }] }\ninputs: { n: integer }\n\
                 tasks:\n  say: { agent: b, prompt: '{{ inputs.n }}' }\noutputs: { said: '{{ tasks.say.output }}' }\n";
    let outer = format!(
        "{HEAD}tasks:\n  all:\n    for_each: {{ in: [x, y], key: '{{{{ item }}}}' }}\n    repeat: {{ until: round == \
         (2 if item == 'x' else 1) }}\n    uses: inner\n    with: {{ n: '{{{{ round }}}}' }}\n\
         outputs: {{ out: '{{{{ tasks.all.output }}}}' }}\n"
    );
    let ran = run(&plan(&[("p.yaml", &outer), ("inner.yaml", inner)]), &[], Vec::new());
    assert_eq!(ran.failure, "");
    assert_eq!(ran.outputs, json!({ "out": [{ "said": "2" }, { "said": "1" }] }));
    let asked: BTreeSet<_> = ran.asked.iter().map(|(task, _)| task.as_str()).collect();
    let expected = ["all[x][1]/say", "all[x][2]/say", "all[y][1]/say"];
    assert_eq!(asked, BTreeSet::from(expected));
}

#[test]
fn a_run_that_dies_between_rounds_goes_on_with_the_next() {
    let plan = drafts("{ max: 4, best: output.score, patience: 2 }", "");
    let scores = [1, 5, 2, 3];
    let whole = run(&plan, &scores, Vec::new());
    for commits in 1..40 {
        let contents = MemoryContents::default();
        let World { profile, settings } = world(Vec::new());
        let script = || Script { profile: profile.clone(), ..Script::default() };
        let inputs = plan.root().bind_inputs(&Map::new()).expect("inputs");
        let answers = Scores(&scores);
        let of = Arc::clone(&plan);
        let mut first =
            Rehearsal::new(of, settings.clone(), script(), &inputs, &contents, &answers);
        if first.run_until(commits, |_| {}).expect("no contradiction").is_some() {
            assert!(commits > 10, "it ended after {commits} steps");
            return;
        }
        let facts = first.facts().to_vec();
        if facts.is_empty() {
            continue;
        }
        let of = Arc::clone(&plan);
        let mut second = Rehearsal::resumed(of, settings, script(), facts, &contents, &answers)
            .expect("facts that follow from each other");
        let status = second.run().expect("no contradiction").expect("an end");
        let resumed = ended(&second, status, &contents);
        assert_eq!((resumed.outputs, resumed.end), (whole.outputs.clone(), whole.end), "{commits}");
        let begun = resumed
            .facts
            .iter()
            .filter(|recorded| matches!(&recorded.fact, Fact::IterationsListed { .. }));
        assert_eq!(begun.count(), scores.len(), "each round is begun once, {commits}");
    }
    panic!("the run never ended");
}

#[test]
fn a_fork_keeps_how_rounds_ended() {
    let plan = drafts("{ until: output.score > 8 }", "");
    let contents = MemoryContents::default();
    let first = run_with(&plan, &[1, 9], Vec::new(), None, &contents);
    let next = plan.find("next").expect("a task");
    let fork = Fork::of_run("r1", &plan, &first.facts, &[next], BTreeSet::new()).expect("a fork");
    let second = run_with(&plan, &[], Vec::new(), Some(fork), &contents);
    assert_eq!(second.asked, [("next".to_owned(), "9 until 2".to_owned())]);
}

#[test]
fn mistakes_are_found_before_a_run() {
    let check = |task: &str, expected: &[&str]| {
        let text = format!(
            "{HEAD}inputs: {{ topic: {{ type: string, default: tea }} }}\ntasks:\n  one: {{ agent: a, {task} }}\n\
             outputs: {{ out: '{{{{ tasks.one.output }}}} {{{{ inputs.topic }}}}' }}\n"
        );
        let found = findings(&library(&[("p.yaml", &text)]));
        let found: Vec<_> = found.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(found, expected, "{task}");
    };
    let scored = "prompt: x, output: { score: integer }";
    check(&format!("{scored}, repeat: {{ until: output.score > 3, max: 3 }}"), &[]);
    check(
        &format!("{scored}, repeat: {{ max: 3, patience: 1 }}"),
        &["`patience` means nothing without `best`"],
    );
    check(
        &format!("{scored}, repeat: {{ max: 3, unmet: fail }}"),
        &["`unmet` means nothing without `until`"],
    );
    check(&format!("{scored}, repeat: {{ max: 0 }}"), &["0 is less than 1"]);
    check(&format!("{scored}, repeat: {{ untill: x }}"), &["unknown key `untill`"]);
    check(
        &format!("{scored}, repeat: {{ until: output.scroe > 3 }}"),
        &["`output` has no field `scroe`"],
    );
    check(
        &format!("{scored}, repeat: {{ until: output.score }}"),
        &["this condition gives a whole number, which is neither true nor false"],
    );
    check(
        &format!("{scored}, repeat: {{ until: tasks.one.output.score > 3 }}"),
        &["what a task comes to is not there while it is being done"],
    );
    check("prompt: x, repeat: { best: output }", &["a number is needed here, and this is text"]);
    check("prompt: '{{ best }}', repeat: { max: 2 }", &["unknown variable `best`"]);
    check("prompt: '{{ output }}', repeat: { max: 2 }", &["unknown variable `output`"]);
    check("prompt: '{{ round }}'", &["unknown variable `round`"]);
    check("prompt: x, when: round > 1, repeat: { max: 2 }", &["unknown variable `round`"]);
}
