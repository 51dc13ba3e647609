//! Messages: who reads them, what starts on them, what is shown of them, and what a run looked like at any
//! moment. What asks models runs in virtual time.

use std::collections::BTreeSet;
use std::sync::Arc;

use partita::engine::content::{MemoryContents, Request};
use partita::engine::simulation::{Placeholders, Rehearsal, Script};
use partita::engine::{RunStatus, TaskStatus};
use partita::language::document::simulation::{Profile, SimulatedModel};
use partita::language::plan::{Change, Plan};
use serde_json::{Map, Value, json};

use crate::binary::Place;
use crate::support::{plan, settings_of};

const HEAD: &str = "pattern: { name: p }\nteam:\n  name: t\n  agents:\n    - { role: Lead }\n    - { role: \
                    Writer, reports_to: Lead }\n    - { role: Tester, reports_to: Lead }\n";

/// What came of a run: the prompt of each task that was asked, and how the tasks ended.
struct Ran {
    plan: Arc<Plan>,
    prompts: Vec<(String, String)>,
    ends: Vec<(String, TaskStatus)>,
    skipped: Vec<String>,
}

impl Ran {
    fn prompt(&self, task: &str) -> &str {
        let found = self.prompts.iter().find(|(name, _)| name == task);
        found.map(|(_, prompt)| prompt.as_str()).unwrap_or_else(|| panic!("{task} was not asked"))
    }

    fn status(&self, task: &str) -> TaskStatus {
        let found = self.ends.iter().find(|(name, _)| name == task);
        found.map(|(_, status)| *status).unwrap_or_else(|| panic!("there is no {task}"))
    }
}

fn run_with(texts: &[(&str, &str)], inputs: &Value) -> Ran {
    let plan = plan(texts);
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    let profile = Profile { models: vec![model], ..Profile::default() };
    let settings = settings_of(&profile, "llama3.1:8b");
    let given: Map<String, Value> = inputs.as_object().cloned().unwrap_or_default();
    let inputs = plan.root().bind_inputs(&given).expect("inputs");
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let mut rehearsal =
        Rehearsal::new(Arc::clone(&plan), settings, script, &inputs, &contents, &Placeholders);
    assert_eq!(rehearsal.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let user = |request: &Request| request.messages[1].content.clone();
    let prompts = rehearsal.asked().iter().map(|asked| (asked.task.clone(), user(&asked.request)));
    let prompts = prompts.collect();
    let state = rehearsal.engine().state();
    let grown = Arc::clone(state.plan());
    let ends = grown.tasks().map(|(id, task)| (task.path.clone(), state.task(id).status));
    let skipped = grown.tasks().filter_map(|(id, task)| {
        let reason = state.task(id).skipped?.describe(&grown);
        Some(format!("{}: {reason}", task.path))
    });
    Ran { ends: ends.collect(), skipped: skipped.collect(), prompts, plan }
}

fn run(tasks: &str) -> Ran {
    run_with(&[("p.yaml", &format!("{HEAD}{tasks}"))], &json!({}))
}

#[test]
fn an_agent_reads_what_was_sent_to_it_before() {
    let ran = run("\
tasks:
  before: { agent: writer, prompt: Before. }
  assign: { needs: [before], send: delegation, to: writer, subject: Login, body: 'Build {{ inputs }}' }
  news: { needs: [assign], send: broadcast, from: tester, body: { date: Monday } }
  write: { needs: [news], agent: writer, prompt: Write. }
  test: { needs: [news], agent: tester, prompt: Test. }
  own: { needs: [news], agent: writer, prompt: 'I have {% for it in messages %}{{ it.kind }} of {{ it.from }}, {% endfor %}' }
  beside: { agent: writer, prompt: Beside. }
");
    assert_eq!(ran.prompt("before"), "Before.");
    assert_eq!(ran.prompt("beside"), "Beside.");
    // Who sends a broadcast does not read it.
    assert_eq!(ran.prompt("test"), "Test.");
    assert_eq!(
        ran.prompt("write"),
        "Messages from your team, in the order in which they were sent:\n<messages>\n\
         <message kind=\"delegation\" from=\"lead\" subject=\"Login\">\nBuild {}\n</message>\n\
         <message kind=\"broadcast\" from=\"tester\">\n{\n  \"date\": \"Monday\"\n}\n</message>\n\
         </messages>\n\nWrite."
    );
    assert_eq!(ran.prompt("own"), "I have delegation of lead, broadcast of tester,");
}

#[test]
fn messages_pass_barriers_and_reach_all_that_an_agent_is_asked() {
    let ran = run("\
waves:
  - name: begin
    tasks:
      assign: { send: delegation, to: [writer, tester], body: Do it. }
  - name: work
    tasks:
      each: { for_each: [one, two], agent: writer, prompt: 'Write {{ item }}.' }
      rounds: { repeat: { max: 2 }, agent: tester, prompt: 'Round {{ round }}.' }
      weigh: { agent: lead, prompt: Weigh. }
  - name: judge
    tasks:
      checked: { gate: review, of: tasks.rounds.output, criteria: [short], reviewers: [tester] }
");
    for task in ["each[1]", "each[2]", "rounds[1]", "rounds[2]", "checked[1]/tester"] {
        assert_eq!(ran.prompt(task).matches("Do it.").count(), 1, "{task}: {}", ran.prompt(task));
    }
    assert_eq!(ran.prompt("weigh"), "Weigh.");
    // A message is an ingredient like any other: whoever reads it is done again when it changes.
    let id = |name: &str| ran.plan.find(name).expect("a task");
    let change = Change { tasks: BTreeSet::from([id("assign")]), ..Change::default() };
    let reached = ran.plan.reached_by(&change);
    let reached: Vec<bool> =
        ["each", "rounds", "weigh", "checked"].map(|name| reached.contains(&id(name))).to_vec();
    assert_eq!(reached, [true, true, false, true]);
}

const SHOP: &str = "\
inputs: { in_stock: { type: boolean, default: true }, paid: { type: boolean, default: true } }
tasks:
  order: { agent: lead, prompt: Take the order. }
  placed: { send: broadcast, topic: order_placed, body: 'Order: {{ tasks.order.output }}' }
  look: { on_message: order_placed, agent: writer, prompt: Look for it. }
  reserved: { when: inputs.in_stock, needs: [look], send: handoff, from: writer, to: tester, topic: stock, body: It is here. }
  ordered: { when: inputs.in_stock == false, needs: [look], send: handoff, from: writer, to: lead, topic: stock, body: It comes. }
  charged: { when: inputs.paid, on_message: order_placed, send: broadcast, topic: payment, body: Paid. }
  ship: { on_message: [stock, payment], agent: lead, prompt: 'Ship: {{ messages | map(attribute=''body'') | join('' '') }}' }
  done: { needs: [ship], gate: check, condition: 'true', message: Never. }
";

#[test]
fn tasks_start_on_messages_whoever_sends_them() {
    for (in_stock, stock) in [(true, "It is here."), (false, "It comes.")] {
        let text = format!("{HEAD}{SHOP}");
        let ran = run_with(&[("p.yaml", &text)], &json!({ "in_stock": in_stock }));
        assert!(
            ran.prompt("look").contains("topic=\"order_placed\">\nOrder: "),
            "{}",
            ran.prompt("look")
        );
        let prompt = ran.prompt("ship");
        assert!(prompt.contains(stock) && prompt.contains("Paid."), "{prompt}");
        let other = if in_stock { "It comes." } else { "It is here." };
        assert!(!prompt.contains(other), "{prompt}");
        assert_eq!(ran.status("done"), TaskStatus::Succeeded);
    }
}

#[test]
fn a_task_is_skipped_when_its_message_can_no_more_be_sent() {
    let text = format!("{HEAD}{SHOP}");
    let ran = run_with(&[("p.yaml", &text)], &json!({ "paid": false }));
    assert_eq!(ran.status("ship"), TaskStatus::Skipped);
    assert_eq!(ran.status("look"), TaskStatus::Succeeded);
    assert_eq!(ran.status("done"), TaskStatus::Succeeded);
    let why = "ship: nobody sent a message on `payment`".to_owned();
    assert!(ran.skipped.contains(&why), "{:?}", ran.skipped);
}

#[test]
fn messages_stay_in_their_pattern_and_reach_stand_ins() {
    let inner = "\
pattern: { name: inner }
team: { name: in, agents: [{ role: Boss }, { role: Hand, reports_to: Boss }] }
tasks:
  tell: { send: delegation, to: hand, body: Inside. }
  report: { send: standup, from: hand, body: Up. }
  work: { needs: [tell, report], agent: hand, prompt: Work. }
  sum: { needs: [report], agent: boss, prompt: Sum. }
outputs: { to: '{{ tasks.report.output.to }}' }
";
    let outer = format!(
        "{HEAD}tasks:\n  part: {{ uses: inner, agents: {{ hand: writer }} }}\n  after: {{ agent: writer, prompt: \
         'After {{{{ tasks.part.output }}}}' }}\n"
    );
    let ran = run_with(&[("p.yaml", &outer), ("inner.yaml", inner)], &json!({}));
    assert!(ran.prompt("part/work").contains("Inside."), "{}", ran.prompt("part/work"));
    assert!(ran.prompt("part/sum").contains("from=\"writer\">\nUp."), "{}", ran.prompt("part/sum"));
    assert!(!ran.prompt("after").contains("Inside."), "{}", ran.prompt("after"));
    assert!(ran.prompt("after").contains("boss"), "{}", ran.prompt("after"));
}

const NOTES: &str = "\
pattern: { name: notes }
team: { name: t, agents: [{ role: Lead }, { role: Writer, reports_to: Lead }] }
inputs: { word: { type: string, default: tea } }
tasks:
  first: { send: delegation, to: writer, subject: Brew, body: 'Brew {{ inputs.word }}' }
  second: { needs: [first], send: standup, from: writer, topic: brewed, body: { cups: 2 } }
  third: { on_message: brewed, gate: check, condition: tasks.second.output.body.cups == 2, message: Never. }
outputs: { cups: '{{ tasks.second.output.body.cups }}' }
";

#[test]
fn messages_are_shown_in_their_order() {
    let place = Place::new();
    place.write("patterns/notes.yaml", NOTES);
    let ran = place.run(&["run", "notes", "--json"]).expect(0);
    let object = ran.json();
    let run = object["run"].as_str().expect("an id");
    let message = |task: &str, kind: &str, from: &str, to: &str| json!([task, kind, from, [to]]);
    let short: Vec<Value> = object["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| json!([m["task"], m["kind"], m["from"], m["to"]]))
        .collect();
    assert_eq!(
        short,
        [
            message("first", "delegation", "lead", "writer"),
            message("second", "standup", "writer", "lead")
        ]
    );
    assert_eq!(object["messages"][0]["body"], "Brew tea");
    assert_eq!(object["messages"][1]["topic"], "brewed");
    let shown = place.run(&["show", run]).expect(0).out;
    assert!(shown.contains("  first  delegation, lead to writer: Brew\n"), "{shown}");
    assert!(shown.contains("  second  standup [brewed], writer to lead: cups: 2\n"), "{shown}");
}

#[test]
fn a_run_is_shown_as_it_was_at_a_moment() {
    let place = Place::new();
    place.write("patterns/notes.yaml", NOTES);
    let object = place.run(&["run", "notes", "--json"]).expect(0).json();
    let run = object["run"].as_str().expect("an id");
    let facts = place.run(&["show", run, "--facts", "--json"]).expect(0).json();
    let facts = facts["facts"].as_array().expect("facts");
    let what: Vec<&str> = facts.iter().filter_map(|fact| fact["what"].as_str()).collect();
    assert_eq!(
        what,
        ["run_started", "message_sent", "message_sent", "task_succeeded", "run_ended"]
    );
    let statuses = |at: &str| {
        let state = place.run(&["show", run, "--at", at, "--json"]).expect(0).json();
        let waves = state["waves"].as_array().expect("waves").clone();
        let tasks = waves.iter().flat_map(|wave| wave["tasks"].as_array().expect("tasks").clone());
        let tasks: Vec<Value> = tasks.map(|task| task["status"].clone()).collect();
        (state["at"]["fact"].clone(), state["status"].clone(), json!(tasks))
    };
    let (done, open) = ("succeeded", "pending");
    assert_eq!(statuses("1"), (json!(1), json!("running"), json!([open, open, open])));
    assert_eq!(statuses("first"), (json!(2), json!("running"), json!([done, open, open])));
    assert_eq!(statuses("second").2, json!([done, done, open]));
    assert_eq!(statuses("1h"), (json!(5), json!(done), json!([done, done, done])));
    assert_eq!(statuses("2999-01-01T00:00:00Z").0, json!(5));
    let shown = place.run(&["show", run, "--at", "first"]).expect(0).out;
    assert!(shown.contains("behind fact 2 of 5"), "{shown}");
    assert!(shown.contains("lead to writer: Brew") && !shown.contains("standup"), "{shown}");
    let first = ["show", run, "first", "--at", "1"];
    assert_eq!(place.run(&first).expect(0).out, "nothing came out of it\n");
    for (at, said) in [
        ("9", "the facts of this run are 1 to 5"),
        ("nobody", "the run has no task `nobody`"),
        ("2000-01-01T00:00:00Z", "the run had not begun then"),
        ("12 minutes", "is no moment"),
    ] {
        let told = place.run(&["show", run, "--at", at]).expect(2).err;
        assert!(told.contains(said), "{at}: {told}");
    }
}
