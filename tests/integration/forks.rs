//! Forks and retries through the real binary: what is asked again, what is kept, and what both say.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::binary::{Place, Servers, signal, wait};

const PATTERN: &str = "
pattern: { name: layered }
team: { name: t, agents: [{ role: A }] }
inputs: { product: { type: string, default: tea }, tone: { type: string, default: kind } }
waves:
  - name: look
    tasks:
      market: { agent: a, prompt: 'market of {{ inputs.product }}' }
      work: { uses: middle, with: { tone: '{{ inputs.tone }}' } }
      apart: { agent: a, prompt: 'apart' }
  - name: decide
    tasks:
      gate: { gate: approval, ask: 'Go?', options: [go, stop], default: go, needs: [market] }
      join: { synthesize: { from: [market, work, apart], strategy: consensus } }
  - name: last
    tasks:
      text: { agent: a, prompt: 'text of {{ tasks.join.output }}', when: tasks.gate.choice == 'go' }
outputs: { text: '{{ tasks.text.output }}', work: '{{ tasks.work.output }}' }
";

const MIDDLE: &str = "
pattern: { name: middle }
team: { name: m, agents: [{ role: M }] }
inputs: { tone: string }
tasks:
  r: { uses: deep, with: { tone: '{{ inputs.tone }}' } }
  sum: { agent: m, prompt: 'sum {{ tasks.r.output }}' }
outputs: { sum: '{{ tasks.sum.output }}' }
";

const DEEP: &str = "
pattern: { name: deep }
team: { name: d, agents: [{ role: D }] }
inputs: { tone: string }
tasks:
  technical: { agent: d, prompt: 'technical' }
  style: { agent: d, prompt: 'in a {{ inputs.tone }} tone' }
outputs: { technical: '{{ tasks.technical.output }}', style: '{{ tasks.style.output }}' }
";

const SERVERS: &str = "
simulation:
  seed: 3
  time_scale: SCALE
  servers: [{ name: one, slots: 2 }, { name: two, slots: 2 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
";

/// A run that has ended, with the servers that it asked.
struct Earlier {
    place: Place,
    servers: Servers,
    run: Value,
}

impl Earlier {
    fn new() -> Earlier {
        Earlier::at_speed("0")
    }

    /// With servers on which a simulated second takes so many real ones.
    fn at_speed(time_scale: &str) -> Earlier {
        let place = Place::new();
        place.write("patterns/layered.yaml", PATTERN);
        place.write("patterns/middle.yaml", MIDDLE);
        place.write("patterns/deep.yaml", DEEP);
        let servers = Servers::start(&place, &SERVERS.replace("SCALE", time_scale));
        let mut arguments = vec!["run", "layered", "--json", "--seed", "9"];
        arguments.extend(servers.options());
        let run = place.run(&arguments).expect(0).json();
        Earlier { place, servers, run }
    }

    fn id(&self) -> &str {
        self.run["run"].as_str().expect("an id")
    }

    /// How often servers were asked for each task.
    fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (task, _) in self.servers.requests() {
            *counts.entry(task).or_default() += 1;
        }
        counts
    }

    /// Runs `fork` or `retry`, and gives the object with the tasks that servers were asked for.
    fn again(&self, arguments: &[&str]) -> (Value, BTreeSet<String>) {
        let before = self.counts();
        let mut all = vec![arguments[0], self.id()];
        all.extend(&arguments[1..]);
        all.push("--json");
        let fork = self.place.run(&all).expect(0).json();
        let after = self.counts();
        let asked = after.into_iter().filter(|(task, count)| before.get(task) != Some(count));
        (fork, asked.map(|(task, _)| task).collect())
    }
}

fn tasks(run: &Value) -> impl Iterator<Item = &Value> {
    let waves = run["waves"].as_array().expect("waves").iter();
    waves.flat_map(|wave| wave["tasks"].as_array().expect("tasks"))
}

fn task<'r>(run: &'r Value, id: &str) -> &'r Value {
    tasks(run).find(|task| task["id"] == id).expect("a task")
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_fork_asks_what_is_downstream_and_nothing_else() {
    let earlier = Earlier::new();
    let (fork, asked) = earlier.again(&["fork", "--from", "work/r/technical"]);
    assert_eq!(asked, names(&["work/r/technical", "work/sum", "join", "text"]));
    assert_eq!(fork["status"], "succeeded");
    assert_eq!(fork["fork_of"], earlier.run["run"]);
    assert_eq!(fork["from"], json!(["work/r/technical"]));
    assert_eq!(fork["outputs"], earlier.run["outputs"], "the same seed gives the same answers");
    for kept in ["market", "apart", "gate", "work/r/style"] {
        let (now, before) = (task(&fork, kept), task(&earlier.run, kept));
        assert_eq!(now["kept_from"], earlier.run["run"], "{kept}");
        assert_eq!(now["attempts"], 0, "{kept}");
        assert_eq!(now["output"], before["output"], "{kept}");
    }
    let statistics = &fork["statistics"];
    assert_eq!((&statistics["kept"], &statistics["tasks"]), (&json!(4), &json!(6)));
    let requests = fork["servers"].as_array().expect("servers").iter();
    assert_eq!(requests.map(|server| server["requests"].as_u64().unwrap_or(0)).sum::<u64>(), 4);
    // The earlier run is as it was, and the journal tells of both.
    let shown = earlier.place.run(&["show", earlier.id(), "--json"]).expect(0).json();
    assert_eq!(shown, earlier.run);
    let id = fork["run"].as_str().expect("an id");
    assert_eq!(earlier.place.run(&["show", id, "--json"]).expect(0).json(), fork);
    let runs = earlier.place.run(&["runs", "--json"]).expect(0).json();
    assert_eq!(runs["runs"][0]["fork_of"], earlier.run["run"]);
    assert!(runs["runs"][1].get("fork_of").is_none());
    let text = earlier.place.run(&["show", id]).expect(0).out;
    assert!(text.contains(&format!("a fork of run {}", earlier.id())), "{text}");
    assert!(text.contains("4 kept, 6 done"), "{text}");
}

#[test]
fn another_input_runs_again_what_reads_it_at_every_depth() {
    let earlier = Earlier::new();
    let (fork, asked) = earlier.again(&["fork", "--set", "tone=stern"]);
    assert_eq!(asked, names(&["work/r/style", "work/sum", "join", "text"]));
    assert_eq!(fork["changed_inputs"], json!(["tone"]));
    let (again, asked) = earlier.again(&["fork", "--from", "text", "--set", "tone=kind"]);
    assert_eq!(asked, names(&["text"]), "the value is the same");
    assert_eq!(again["changed_inputs"], json!([]));
}

#[test]
fn a_gate_is_asked_again_only_where_it_is_named() {
    let earlier = Earlier::new();
    let id = earlier.id();
    let kept = ["fork", id, "--from", "text", "--decide", "gate=stop"];
    let kept = earlier.place.run(&kept).expect(2);
    assert!(kept.err.contains("`gate` keeps its decision"), "{}", kept.err);
    let (fork, asked) = earlier.again(&["fork", "--from", "gate", "--decide", "gate=stop"]);
    assert_eq!(asked, names(&[]));
    assert_eq!(task(&fork, "text")["status"], "skipped");
}

#[test]
fn a_fork_that_is_killed_goes_on_as_a_fork() {
    let mut killed = 0;
    for lines in 4..=16 {
        let earlier = Earlier::at_speed("0.02");
        let mut child = earlier
            .place
            .command(&["fork", earlier.id(), "--from", "work/r/technical", "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        for _ in 0..lines {
            stderr.read_line(&mut String::new()).expect("a line");
        }
        signal(&child, "-KILL");
        wait(child);
        let runs = earlier.place.run(&["runs", "--json"]).expect(0).json();
        let fork = &runs["runs"][0];
        if fork["fork_of"].is_null() || fork["status"] == "succeeded" {
            continue;
        }
        killed += 1;
        let resumed = earlier.place.run(&["resume", "--json"]).expect(0).json();
        assert_eq!(resumed["fork_of"], earlier.run["run"], "killed after {lines} lines");
        assert_eq!(resumed["outputs"], earlier.run["outputs"], "killed after {lines} lines");
        assert_eq!(resumed["statistics"]["kept"], 4, "killed after {lines} lines");
        for kept in ["market", "apart", "work/r/style"] {
            assert_eq!(earlier.counts().get(kept), Some(&1), "{kept}, after {lines} lines");
        }
    }
    assert!(killed >= 5, "only {killed} forks were killed before their end");
}

#[test]
fn a_fork_that_died_before_its_first_fact_keeps_what_it_was_to_keep() {
    let earlier = Earlier::new();
    let fork = earlier.again(&["fork", "--from", "text"]).0;
    let journal = earlier.place.path("journal/journal.db");
    let journal = rusqlite::Connection::open(journal).expect("a journal");
    // As the fork was entered, before anything of it was stored.
    journal
        .execute_batch(
            "DELETE FROM facts WHERE run = 2; UPDATE runs SET status = 'running' WHERE number = 2",
        )
        .expect("the beginning");
    drop(journal);
    // What it is to keep stays in the journal, whatever becomes of the earlier run.
    earlier.place.run(&["gc", "--keep", "0"]).expect(0);
    let before = earlier.counts();
    let resumed = earlier.place.run(&["resume", "--json"]).expect(0).json();
    assert_eq!(resumed["run"], fork["run"]);
    assert_eq!(resumed["outputs"], fork["outputs"]);
    let asked = earlier.counts().into_iter().filter(|(task, n)| before.get(task) != Some(n));
    assert_eq!(asked.map(|(task, _)| task).collect::<BTreeSet<_>>(), names(&["text"]));
}

#[test]
fn bad_forks_are_refused_with_their_remedy() {
    let earlier = Earlier::new();
    let id = earlier.id();
    let check = |arguments: &[&str], words: &[&str]| {
        let ran = earlier.place.run(arguments).expect(2);
        for word in words {
            assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
        }
    };
    check(&["fork", id], &["--from"]);
    check(&["fork", id, "--from", "markt"], &["there is no task `markt`, did you mean `market`?"]);
    check(&["fork", id, "--set", "tone=kind"], &["nothing would run again", "--from TASK"]);
    check(&["fork", id, "--set", "tine=x"], &["unknown input `tine`, did you mean `tone`?"]);
    check(&["fork", id, "--set", "tone"], &["`tone` is no input"]);
    check(&["fork", "nope", "--from", "text"], &["there is no run `nope`"]);
    check(&["retry", id], &["no task of run", "has failed", "partita retry"]);
    check(&["retry", id, "nope"], &["there is no task `nope`"]);
    let runs = earlier.place.run(&["runs", "--json"]).expect(0).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "nothing was begun");
}

#[test]
fn a_retry_runs_what_failed_and_what_depends_on_it() {
    let place = Place::new();
    place.write("patterns/layered.yaml", PATTERN);
    place.write("patterns/middle.yaml", MIDDLE);
    place.write("patterns/deep.yaml", DEEP);
    let faulty = "simulation:\n  time_scale: 0\n  faults:\n    - { match: { task: work/r/style }, \
                  fault: { kind: empty } }\n";
    place.write("faulty.yaml", faulty);
    place.write("sound.yaml", "simulation: { time_scale: 0 }\n");
    let arguments = ["run", "layered", "--simulation", "faulty.yaml", "--json"];
    let failed = place.run(&arguments).expect(1).json();
    assert_eq!(task(&failed, "work/r/style")["status"], "failed");
    let id = failed["run"].as_str().expect("an id");
    let over = place.run(&["resume", id]).expect(2);
    assert!(over.err.contains(&format!("`partita retry {id}`")), "{}", over.err);
    let retried =
        place.run(&["retry", id, "--simulation", "sound.yaml", "--json"]).expect(0).json();
    assert_eq!(retried["status"], "succeeded");
    assert_eq!(retried["from"], json!(["work/r/style"]));
    assert_eq!(task(&retried, "work/r/style")["attempts"], 1);
    let kept = tasks(&retried).filter(|task| task.get("kept_from").is_some());
    let kept: BTreeSet<String> =
        kept.map(|task| task["id"].as_str().expect("an id").to_owned()).collect();
    let succeeded = tasks(&failed).filter(|task| task["status"] == "succeeded");
    let succeeded: BTreeSet<String> =
        succeeded.map(|task| task["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(kept, succeeded, "all that was done is kept");
}
