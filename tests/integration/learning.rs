//! Learning: outcomes of runs move advice where they were for requests of the same kind, and nowhere else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use partita::engine::content::Contents;
use partita::engine::{Fact, Failure, FailureClass, Recorded, RunStatus, Settings, Time};
use partita::insight::advisor::{Advice, Advisor, Circumstances};
use partita::insight::learning::{LEARNING_FACT_FORM, LearningFact, recent};
use partita::interface::app::{adjustments_for, advisor_of, experiences, record_advice};
use partita::language::document::{ClusterSettings, Library};
use partita::language::plan::Plan;
use partita::runtime::clock::Clock;
use partita::runtime::journal::{
    AdviceId, AdviceWish, FollowedAdvice, Journal, JournalContents, NewFacts, NewRun, RunOnAdvice,
    Setup, StoredAdvice,
};
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::binary::{Place, Servers, signal, wait};
use crate::support::{plan, root};

/// Requests of one kind for one pattern.
#[derive(serde::Deserialize)]
struct Kind {
    pattern: String,
    kind: String,
    seen: Vec<String>,
    unseen: Vec<String>,
}

fn kinds(set: &str) -> Vec<Kind> {
    let path = root().join("tests/fixtures/requests").join(set);
    let text = std::fs::read_to_string(path).expect("kinds of requests");
    let source = partita::language::source::Source::new(
        partita::language::source::SourceId(0),
        set.to_owned(),
        text,
    );
    let tree = partita::language::source::parse(&source).tree.expect("YAML");
    serde_json::from_value(tree.to_json()).expect("kinds")
}

/// A library, a journal, and a folder in which somebody asks for advice.
struct Desk {
    folder: TempDir,
    library: Library,
    advisor: Advisor,
    now: Time,
}

impl Desk {
    fn new() -> Desk {
        let library = Library::of_files([]).with_builtins();
        let advisor = advisor_of(&library);
        let folder = tempfile::tempdir().expect("a folder");
        Desk { folder, library, advisor, now: Clock::start().now() }
    }

    fn journal(&self) -> std::path::PathBuf {
        self.folder.path().join("journal")
    }

    /// What is advised, with what was learned until now.
    fn advice(&self, request: &str) -> Advice {
        let known = (&self.library, &self.advisor);
        let (journal, folder) = (self.journal(), self.folder.path());
        let adjustments = adjustments_for(&journal, folder, known, request, self.now);
        let adjustments = adjustments.expect("what was learned");
        let circumstances = Circumstances { adjustments, model_billions: None };
        self.advisor.advise(request, &circumstances).expect("advice")
    }

    fn recommends(&self, request: &str, pattern: &str) -> bool {
        self.advice(request).pattern.as_deref() == Some(pattern)
    }

    /// Advice is given and kept, a run of a pattern follows it and ends.
    fn comes_to(&self, request: &str, pattern: &str, status: RunStatus) -> (String, String) {
        // What is said then does not matter here, but that it is kept.
        let said = self.advisor.advise(request, &Circumstances::default()).expect("advice");
        let folder = self.folder.path();
        let id = record_advice(&self.journal(), folder, request, (&said, None), self.now);
        let id = id.expect("an id");
        let run = ended_run(&self.journal(), Some((&id, pattern)), status, self.now);
        (id, run)
    }
}

fn small_plan() -> Arc<Plan> {
    const TEXT: &str = "\
pattern: { name: study, summary: One looks at a question. }
team: { name: desk, agents: [{ role: Reader, purpose: Reads }] }
tasks:
  read: { agent: reader, prompt: Read about tea. }
outputs: { text: \"{{ tasks.read.output }}\" }
";
    plan(&[("study.yaml", TEXT)])
}

/// A run on real servers that is over, which follows advice if any is named. What it did stands in its facts.
fn ended_run(
    journal: &Path,
    followed: Option<(&str, &str)>,
    status: RunStatus,
    now: Time,
) -> String {
    entered(journal, &small_plan(), followed, status, now)
}

fn entered(
    journal: &Path,
    plan: &Plan,
    followed: Option<(&str, &str)>,
    status: RunStatus,
    now: Time,
) -> String {
    let mut journal = Journal::open(journal).expect("a journal");
    let contents = JournalContents::of(&journal).expect("contents");
    let cluster = ClusterSettings::of_urls(["http://127.0.0.1:1".to_owned()]);
    let setup = Setup::of_cluster(cluster.clone());
    let choose = |run: &str, open: &[StoredAdvice]| {
        let (id, pattern) = followed?;
        let (run, pattern) = (run.to_owned(), pattern.to_owned());
        let fact = LearningFact::RunFollowed { run, advice: id.to_owned(), pattern, of: None };
        let stored = open.iter().find(|stored| stored.id.to_string() == id)?;
        Some(FollowedAdvice { id: stored.id, form: LEARNING_FACT_FORM, body: fact.body() })
    };
    let wish = followed.map(|(id, _)| AdviceWish::Named(AdviceId::read(id).expect("an id")));
    let advice = wish.map(|wish| RunOnAdvice { wish, choose: &choose });
    let inputs = Map::new();
    let new = NewRun {
        plan,
        inputs: &inputs,
        setup: &setup,
        fork: None,
        started: now,
        context: None,
        advice: advice.as_ref(),
    };
    let run = journal.enter(new, &contents).expect("a run");
    let settings = Settings::of_cluster(&cluster, "m:latest".to_owned());
    let inputs = contents.write(Value::Object(inputs));
    let failure = (status == RunStatus::Failed)
        .then(|| Failure::new(FailureClass::Malformed, "the answer was of no use"));
    let facts = [
        Fact::RunStarted { inputs, settings, fork: None },
        Fact::RunEnded { status, outputs: None, failure },
    ];
    let recorded: Vec<Recorded> = (1..)
        .zip(facts)
        .map(|(sequence, fact)| Recorded {
            sequence,
            at: now + Duration::from_secs(sequence),
            fact,
        })
        .collect();
    let new = NewFacts { plan, facts: &recorded, notes: &[] };
    journal.append(&run, new, &contents).expect("facts");
    run.to_string()
}

/// What ten outcomes of one kind do to advice: of requests of the kind, and of others, how many there are and for how many
/// the pattern is not recommended any more.
struct Effect {
    own: (usize, usize),
    others: (usize, usize),
    told: Vec<String>,
}

fn effect(kind: &Kind, all: &[Kind], before: &BTreeMap<&str, bool>) -> Effect {
    let desk = Desk::new();
    for request in &kind.seen {
        desk.comes_to(request, &kind.pattern, RunStatus::Failed);
    }
    let mut effect = Effect { own: (0, 0), others: (0, 0), told: Vec::new() };
    for other in all.iter().filter(|other| other.pattern == kind.pattern) {
        let is_own = other.kind == kind.kind;
        for request in &other.unseen {
            if !before[request.as_str()] {
                continue;
            }
            let is_lost = !desk.recommends(request, &kind.pattern);
            let counts = if is_own { &mut effect.own } else { &mut effect.others };
            counts.0 += 1;
            counts.1 += usize::from(is_lost);
            if is_lost != is_own {
                effect.told.push(format!("{} ({}): {request}", kind.kind, other.kind));
            }
        }
    }
    effect
}

/// Has each kind fail ten times and looks at all requests that are to come: of the kind at least so large a share must not be led
/// there again, of each kind `each` and of all together `together`, and of other kinds at most `spread` may be touched.
fn check_kinds(set: &str, each: f64, together: f64, spread: f64) {
    let all = kinds(set);
    let fresh = Desk::new();
    let requests =
        all.iter().flat_map(|kind| kind.unseen.iter().map(move |request| (request.as_str(), kind)));
    let before: BTreeMap<&str, bool> = requests
        .map(|(request, kind)| (request, fresh.recommends(request, &kind.pattern)))
        .collect();
    let share = |(of, lost): (usize, usize)| lost as f64 / of.max(1) as f64;
    let (mut own, mut others, mut told) = ((0, 0), (0, 0), Vec::new());
    for kind in &all {
        let found = effect(kind, &all, &before);
        told.push(format!("{}: {:?}, others {:?}", kind.kind, found.own, found.others));
        told.extend(found.told);
        assert!(found.own.0 >= 2 && share(found.own) >= each, "{told:#?}");
        own = (own.0 + found.own.0, own.1 + found.own.1);
        others = (others.0 + found.others.0, others.1 + found.others.1);
    }
    assert!(share(own) >= together && share(others) <= spread, "{own:?} {others:?} {told:#?}");
}

#[test]
fn a_pattern_that_fails_for_one_kind_of_request_is_recommended_for_the_others_only() {
    check_kinds("kinds.yaml", 0.5, 0.8, 0.05);
}

#[test]
fn nearly_the_same_holds_for_kinds_that_were_held_out() {
    check_kinds("kinds_held_out.yaml", 0.5, 0.7, 0.05);
}

/// Ten good runs count as much as ten bad ones, and little by little.
#[test]
fn outcomes_shift_scores_by_a_bounded_amount_and_good_ones_as_much_as_bad_ones() {
    let all = kinds("kinds.yaml");
    let kind = all.iter().find(|kind| kind.kind == "games").expect("games");
    let shift = |statuses: &[RunStatus]| {
        let desk = Desk::new();
        for (request, status) in kind.seen.iter().zip(statuses) {
            desk.comes_to(request, &kind.pattern, *status);
        }
        let advice = desk.advice(&kind.unseen[0]);
        let candidate = advice.candidates.iter().find(|one| one.pattern == kind.pattern);
        let candidate = candidate.expect("it stays among the candidates").clone();
        (candidate.parts.adjustment, candidate.withheld, candidate.experience.unwrap_or_default())
    };
    use RunStatus::{Cancelled, Failed, Succeeded};
    let (bad, withheld, why) = shift(&[Failed; 10]);
    assert!(withheld && (-0.5..-0.2).contains(&bad), "{bad}");
    assert!(why.contains(" runs for requests like this one went wrong: A"), "{why}");
    let (good, withheld, why) = shift(&[Succeeded; 10]);
    assert!(!withheld && (good + bad).abs() < 1e-9, "{good} and {bad}");
    assert!(why.contains("went well"), "{why}");
    let (one, withheld, _) = shift(&[Failed]);
    assert!(!withheld && (-0.2..=0.0).contains(&one), "{one}");
    let (mixed, withheld, _) =
        shift(&[Failed, Succeeded, Failed, Succeeded, Failed, Succeeded, Failed, Succeeded]);
    assert!(!withheld && mixed.abs() < 0.3, "{mixed}");
    let (broken_off, ..) = shift(&[Cancelled; 10]);
    assert!(broken_off.abs() < 1e-9, "what somebody broke off says nothing: {broken_off}");
}

#[test]
fn what_was_withheld_comes_back_with_time() {
    let all = kinds("kinds.yaml");
    let kind = all.iter().find(|kind| kind.kind == "games").expect("games");
    let mut desk = Desk::new();
    let now = desk.now;
    for request in &kind.seen {
        desk.comes_to(request, &kind.pattern, RunStatus::Failed);
    }
    // What came of the runs is entered when somebody looks, and counts from then on.
    assert!(!desk.recommends(&kind.unseen[0], &kind.pattern));
    desk.now = now + Duration::from_secs(300 * 24 * 60 * 60);
    assert!(desk.recommends(&kind.unseen[0], &kind.pattern));
}

const STUDY: &str = "\
pattern: { name: study, summary: Two readers look at a question about tea and its makers. }
team: { name: desk, agents: [{ role: Reader, purpose: Reads }] }
inputs: { question: { type: string, default: What is tea? } }
tasks:
  read: { agent: reader, prompt: \"{{ inputs.question }}\" }
outputs: { text: \"{{ tasks.read.output }}\" }
";

const SERVERS: &str = "\
simulation:
  seed: 3
  time_scale: 0.1
  servers: [{ name: one, slots: 1 }]
  models: [{ name: 'm:latest', size_gigabytes: 0.1 }]
";

const REQUEST: &str = "Two readers shall look at a question about the makers of tea";

#[test]
fn advice_is_kept_and_runs_follow_it() {
    let place = Place::new();
    place.write("patterns/study.yaml", STUDY);
    let advised = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["advise", REQUEST].iter().chain(arguments).copied().collect();
        place.run(&arguments).expect(0)
    };
    assert_eq!(advised(&["--json", "--no-record"]).json()["id"], Value::Null);
    let first = advised(&["--json"]).json();
    assert_eq!(first["id"], "A1");
    assert_eq!(first["candidates"][0]["pattern"], "study", "{first:#}");
    let text = advised(&[]).out;
    assert!(text.contains("kept as A2"), "{text}");
    let servers = Servers::start(&place, SERVERS);
    let run = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["run", "study"].iter().chain(arguments).copied().collect();
        place.run(&arguments)
    };
    let mut on_servers = servers.options();
    assert!(run(&on_servers).expect(0).out.contains("\nfollows advice A2\n"));
    assert!(run(&on_servers).expect(0).out.contains("\nfollows advice A1\n"), "the next newest");
    assert!(!run(&on_servers).expect(0).out.contains("follows advice"), "all are followed");
    on_servers.extend(["--advice", "a1"]);
    assert!(run(&on_servers).expect(0).out.contains("\nfollows advice A1\n"));
    let refused = run(&["--simulate", "--advice", "A1"]).expect(2);
    assert!(refused.err.contains("a rehearsal does not follow A1"), "{}", refused.err);
    for (named, said) in [("A9", "there is no advice `A9`"), ("7", "`7` is no advice")] {
        assert!(run(&["--advice", named]).expect(2).err.contains(said));
    }
    let known = place.run(&["learnings", "--json"]).expect(0).json();
    assert_eq!(known["advice"].as_array().map(Vec::len), Some(2));
    let runs = known["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 3);
    // Servers that say themselves that they invent make no experience.
    assert!(runs.iter().all(|run| run["outcome"]["simulated"] == true), "{known:#}");
    assert!(runs.iter().all(|run| run["worth"].is_null()));
    let id = runs[0]["run"].as_str().expect("an id");
    let refused = place.run(&["outcome", id, "bad"]).expect(2);
    assert!(refused.err.contains("is a rehearsal"), "{}", refused.err);
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
    // A journal that cannot be used does not keep anybody from advice.
    place.write("blocked", "no folder");
    let advised = place.run(&["advise", REQUEST, "--journal", "blocked"]).expect(0);
    assert!(advised.err.contains("warning: the advice cannot be kept"), "{}", advised.err);
}

/// A place with a journal in which a run on real servers has ended, following advice A1.
fn place_with_run(status: RunStatus) -> (Place, String) {
    let place = Place::new();
    place.write("patterns/study.yaml", STUDY);
    place.run(&["advise", REQUEST]).expect(0);
    let now = Clock::start().now();
    let run = ended_run(&place.path("journal"), Some(("A1", "study")), status, now);
    (place, run)
}

#[test]
fn a_persons_word_counts_more_than_the_end_of_a_run() {
    let (place, run) = place_with_run(RunStatus::Succeeded);
    let worth = || {
        let known = place.run(&["learnings", "show", &run, "--json"]).expect(0).json();
        known["runs"][0]["worth"].clone()
    };
    assert_eq!(worth(), 1.0);
    let said = place.run(&["outcome", &run, "bad", "--because", "nobody read it"]).expect(0).out;
    assert!(said.contains("tester says bad, because nobody read it"), "{said}");
    assert_eq!(worth(), 0.0);
    place.run(&["outcome", &run, "good"]).expect(0);
    assert_eq!(worth(), 1.0);
    let shown = place.run(&["learnings", "show", "a1"]).expect(0).out;
    assert!(shown.contains("before: tester says bad, because nobody read it"), "{shown}");
    // The run goes, what was learned stays, and more may be said about it.
    let removed = place.run(&["gc", "--keep", "0", "--json"]).expect(0).json();
    assert_eq!(removed["runs"][0]["run"], run);
    assert_eq!(worth(), 1.0);
    place.run(&["outcome", &run[..4], "bad", "--because", "on second thoughts"]).expect(0);
    assert_eq!(worth(), 0.0);
    let known = experiences(&place.path("journal"), Clock::start().now()).expect("experiences");
    assert_eq!(
        recent(&known, &["study"], 3, Clock::start().now()),
        [
            "study: its only run went wrong in the last month; a person found the last bad because on second thoughts."
        ]
    );
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
    for (arguments, said) in [
        (vec!["outcome", "zzzz", "bad"], "there is no run `zzzz`"),
        (vec!["outcome", &run, "bad", "--because", " "], "the reason is empty"),
        (vec!["learnings", "show", "A7"], "nothing is known of `A7`"),
        (vec!["learnings", "reset"], "a person has to agree"),
        (vec!["learnings", "reset", "--pattern", "stdy", "--yes"], "did you mean `study`?"),
    ] {
        let refused = place.run(&arguments).expect(2);
        assert!(refused.err.contains(said), "{}", refused.err);
    }
}

#[test]
fn what_was_learned_lately_is_told_to_those_who_lead() {
    let place = Place::new();
    place.run(&["advise", "We launch our horror game in autumn. Is every team ready?"]).expect(0);
    let now = Clock::start().now();
    let followed = Some(("A1", "product_launch"));
    let run = ended_run(&place.path("journal"), followed, RunStatus::Succeeded, now);
    let learned = "nobody asked the community team";
    let prompts = || {
        let built = place.run(&["teams", "build", "launch_team"]).expect(0).out;
        (built, place.run(&["render", "product_launch"]).expect(0).out)
    };
    let (built, rendered) = prompts();
    assert!(!built.contains(learned) && !rendered.contains(learned));
    place.run(&["outcome", &run, "bad", "--because", learned]).expect(0);
    let (built, rendered) = prompts();
    for told in [&built, &rendered] {
        let (_, behind) = told.split_once("### Recent Learnings").expect("the part");
        let (part, _) = behind.split_once("Remember: Choose").expect("the end of the framework");
        assert!(part.contains("product_launch") && part.contains(learned), "{part}");
    }
}

#[test]
fn what_was_learned_is_exported_and_can_be_made_to_count_no_more() {
    let (place, run) = place_with_run(RunStatus::Failed);
    let experience = || {
        let advice = place.run(&["advise", REQUEST, "--json", "--no-record"]).expect(0).json();
        advice["candidates"][0]["experience"].clone()
    };
    assert_eq!(experience(), "1 of 1 run for a request like this one went wrong: A1");
    place.run(&["learnings", "export", "out.json"]).expect(0);
    let text = std::fs::read_to_string(place.path("out.json")).expect("a file");
    let exported: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(exported["advice"][0]["request"], REQUEST);
    assert_eq!(exported["runs"][0]["outcome"]["failed"]["reason"], "the answer was of no use");
    assert_eq!(exported, place.run(&["learnings", "--json"]).expect(0).json());
    let refused = place.run(&["learnings", "export", "out.json"]).expect(2);
    assert!(refused.err.contains("is there already"), "{}", refused.err);
    place.run(&["learnings", "export", "out.json", "--force"]).expect(0);
    let reset = ["learnings", "reset", "--pattern", "study", "--yes"];
    assert!(place.run(&reset).expect(0).out.contains("(1 runs)"));
    assert_eq!(experience(), Value::Null);
    let listed = place.run(&["learnings"]).expect(0).out;
    assert!(listed.contains("counts no more"), "nothing is removed: {listed}");
    // What is said afterwards counts again.
    place.run(&["outcome", &run, "good"]).expect(0);
    assert_eq!(experience(), "1 of 1 run for a request like this one went well: A1");
    place.run(&["learnings", "reset", "--advice", "a1", "--yes", "--json"]).expect(0);
    assert_eq!(experience(), Value::Null);
}

#[test]
fn processes_that_say_things_at_once_lose_nothing() {
    let (place, run) = place_with_run(RunStatus::Succeeded);
    let reasons: Vec<String> = (0..12).map(|number| format!("reason {number}")).collect();
    let children: Vec<_> = reasons
        .iter()
        .enumerate()
        .map(|(number, reason)| match number % 2 {
            0 => place.command(&["outcome", &run, "bad", "--because", reason]),
            _ => place.command(&["advise", reason, "--json"]),
        })
        .map(|mut command| command.stdout(std::process::Stdio::piped()).spawn().expect("a process"))
        .collect();
    // Some are killed in the middle of whatever they do: all of it is there, or nothing.
    children.iter().step_by(4).for_each(|child| signal(child, "-KILL"));
    let ended: Vec<_> = children.into_iter().map(wait).collect();
    let known = place.run(&["learnings", "--json"]).expect(0).json();
    let said = known["runs"][0]["verdicts"].as_array().expect("verdicts");
    let ids: Vec<&str> = known["advice"]
        .as_array()
        .expect("advice")
        .iter()
        .map(|given| given["id"].as_str().expect("an id"))
        .collect();
    let expected: Vec<String> = (1..=ids.len()).map(|number| format!("A{number}")).collect();
    assert_eq!(ids, expected);
    for (number, (reason, ran)) in reasons.iter().zip(&ended).enumerate() {
        let is_there = match number % 2 {
            0 => said.iter().any(|said| said["because"] == reason.as_str()),
            _ => known["advice"].as_array().expect("advice").iter().any(|given| {
                given["request"] == reason.as_str() && given["id"] == ran.json()["id"]
            }),
        };
        assert!(is_there || ran.code != Some(0), "{reason} was said to be stored");
    }
    assert!(place.run(&["journal", "check"]).expect(0).out.contains("sound"));
}

fn tea(what: &str, whom: &str) -> String {
    format!(
        "\
pattern: {{ name: tea, summary: A short text about a drink. }}
team:
  name: desk
  agents:
    - {{ role: Reader, purpose: Reads what is known }}
    - {{ role: Writer, purpose: Writes it down }}
inputs:
  length: {{ type: integer, default: 80, description: How many words }}
tasks:
  read:
    agent: reader
    prompt: |
      Say what is known about {what}.
      Be brief.
  write:
    agent: writer
    prompt: |
      Write {{{{ inputs.length }}}} words about {what} for {whom}, from this.
      <facts>{{{{ tasks.read.output }}}}</facts>
outputs: {{ text: \"{{{{ tasks.write.output }}}}\" }}
"
    )
}

/// Enters a run of a document that has ended well.
fn run_of(place: &Place, text: &str) -> String {
    let now = Clock::start().now();
    entered(&place.path("journal"), &plan(&[("tea.yaml", text)]), None, RunStatus::Succeeded, now)
}

#[test]
fn what_was_run_again_and_again_is_proposed_as_a_pattern() {
    let place = Place::new();
    let nothing = place.run(&["patterns", "discover", "--json"]).expect(0).json();
    assert_eq!(nothing["proposals"], Value::Array(Vec::new()));
    let texts =
        [("green tea", "children"), ("strong black coffee", "nurses"), ("water", "children")];
    let runs: Vec<String> =
        texts.iter().map(|(what, whom)| run_of(&place, &tea(what, whom))).collect();
    // Other work in another shape, and too little of it.
    run_of(&place, STUDY);
    place.write("patterns/tea.yaml", &tea("water", "children"));
    let found = place.run(&["patterns", "discover", "--json"]).expect(0).json();
    let proposal = &found["proposals"][0];
    assert_eq!(found["proposals"].as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!(proposal["inputs"]["subject"][&runs[1]], "strong black coffee");
    assert_eq!(proposal["inputs"]["subject_2"][&runs[0]], "children");
    let refused = place.run(&["patterns", "discover", "--write", "patterns/drink.yaml"]).expect(2);
    assert!(refused.err.contains("a person has to agree"), "{}", refused.err);
    assert!(!place.path("patterns/drink.yaml").exists());
    let write = ["patterns", "discover", "--write", "patterns/drink.yaml", "--name", "drink"];
    place.run(&[&write[..], &["--yes"]].concat()).expect(0);
    place.run(&["validate", "patterns/drink.yaml", "--strict"]).expect(0);
    // With the values of a run it asks what that run asked.
    let rendered = |name: &str, inputs: &[&str]| {
        let arguments: Vec<&str> =
            ["render", name, "--json"].iter().chain(inputs).copied().collect();
        let tasks = place.run(&arguments).expect(0).json()["tasks"].clone();
        assert_eq!(tasks.as_array().map(Vec::len), Some(2), "{tasks:#}");
        tasks
    };
    for (what, whom) in texts {
        place.write("patterns/tea.yaml", &tea(what, whom));
        let (subject, reader) = (format!("subject={what}"), format!("subject_2={whom}"));
        let again = rendered("drink", &["-i", &subject, "-i", &reader]);
        assert!(
            again.to_string().contains(&format!("80 words about {what} for {whom}")),
            "{again:#}"
        );
        assert_eq!(again, rendered("tea", &[]), "{what}");
    }
    // What somebody has taken is not proposed again.
    place.write("patterns/tea.yaml", &tea("water", "children"));
    let found = place.run(&["patterns", "discover", "--json"]).expect(0).json();
    assert_eq!(found["proposals"], Value::Array(Vec::new()), "{found:#}");
    let known = place.run(&["learnings", "--json"]).expect(0).json();
    assert_eq!(known["accepted"][0]["pattern"], "drink");
}

#[test]
fn what_makes_no_pattern_is_said() {
    let place = Place::new();
    for (what, whom) in [("tea", "you"), ("coffee", "you"), ("water", "you")] {
        run_of(&place, &tea(what, whom));
    }
    let left_out = || {
        let found = place.run(&["patterns", "discover", "--json"]).expect(0).json();
        assert_eq!(found["proposals"], Value::Array(Vec::new()));
        found["left_out"][0]["reason"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(left_out(), "none of their documents is as it was when they were run");
    place.write("patterns/tea.yaml", &tea("water", "you"));
    run_of(
        &place,
        &tea("water", "you").replace("Say what is known about water.", "{{ inputs.length }}"),
    );
    assert!(left_out().contains("`read`"), "{}", left_out());
}
