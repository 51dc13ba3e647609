//! The library's `debate`, played with debaters who are right by chance: it never ends below its first vote.

use std::collections::BTreeMap;
use std::sync::Arc;

use partita::engine::content::{Contents, MemoryContents, Request};
use partita::engine::simulation::{Answers, Rehearsal, Script};
use partita::engine::{Fact, RunStatus};
use partita::language::document::Library;
use partita::language::document::simulation::{Profile, SimulatedModel};
use partita::language::plan::{Plan, compile};
use serde_json::{Map, Value, json};

use crate::support::{Dice, settings_of};

const DEBATERS: [&str; 4] = ["advocate", "sceptic", "empiricist", "outsider"];

/// So many debates for each chance to be right.
const DEBATES: u64 = 600;

/// What each says first, and in its reply: that of one of them, by chance.
struct Debaters(BTreeMap<String, &'static str>);

impl Debaters {
    /// Right (`yes`) so many times in a hundred.
    fn of(seed: u64, right: u64) -> Debaters {
        let mut dice = Dice::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ right);
        let _ = (dice.next(), dice.next(), dice.next());
        let opened = DEBATERS
            .map(|_| if dice.next() >> 16 & 0xffff < right * 0xffff / 100 { "yes" } else { "no" });
        let mut said = BTreeMap::new();
        for (debater, answer) in DEBATERS.iter().zip(opened) {
            said.insert(format!("{debater}_opens"), answer);
            let other = opened[usize::try_from(dice.next() >> 16 & 3).expect("small")];
            said.insert(format!("{debater}_replies"), other);
        }
        Debaters(said)
    }

    /// The answer that more of them gave first, where there is one.
    fn winner(&self) -> Option<&'static str> {
        let first = self.0.iter().filter(|(task, _)| task.ends_with("_opens"));
        match first.filter(|(_, answer)| **answer == "yes").count() {
            2 => None,
            3.. => Some("yes"),
            _ => Some("no"),
        }
    }
}

impl Answers for Debaters {
    fn answer(&self, task: &str, _: &Request) -> String {
        let answer = self.0.get(task).copied().unwrap_or("no");
        json!({ "reasoning": "So it is.", "answer": answer }).to_string()
    }
}

/// The outputs of a debate, and how many were asked.
fn debate(plan: &Arc<Plan>, debaters: &Debaters) -> (Value, usize) {
    let model = SimulatedModel { name: "llama3.1:8b".to_owned(), ..SimulatedModel::default() };
    let profile = Profile { models: vec![model], ..Profile::default() };
    let settings = settings_of(&profile, "llama3.1:8b");
    let given = Map::from_iter([("question".to_owned(), json!("Is it so?"))]);
    let inputs = plan.root().bind_inputs(&given).expect("inputs");
    let contents = MemoryContents::default();
    let script = Script { profile, ..Script::default() };
    let mut rehearsal =
        Rehearsal::new(Arc::clone(plan), settings, script, &inputs, &contents, debaters);
    assert_eq!(rehearsal.run().expect("no contradiction"), Some(RunStatus::Succeeded));
    let outputs = rehearsal.facts().iter().rev().find_map(|recorded| match &recorded.fact {
        Fact::RunEnded { outputs: Some(outputs), .. } => {
            Some(contents.read(outputs).expect("kept"))
        }
        _ => None,
    });
    ((*outputs.expect("outputs")).clone(), rehearsal.asked().len())
}

#[test]
fn a_debate_never_ends_below_its_first_vote() {
    let library = Library::of_files([]).with_builtins();
    let document = library.pattern("debate").expect("the pattern");
    let plan = Arc::new(compile(&library, document).expect("a plan").plan);
    for right in [35, 50, 65] {
        let (mut first, mut last, mut turned, mut debated) = (0i32, 0i32, 0i32, 0u32);
        for seed in 0..DEBATES {
            let debaters = Debaters::of(seed, right);
            let (outputs, asked) = debate(&plan, &debaters);
            let (opening, verdict) = (&outputs["opening_answer"], &outputs["answer"]);
            match debaters.winner() {
                // What has a winner stands, and nobody is asked again.
                Some(winner) => {
                    assert_eq!((opening, verdict, asked), (&json!(winner), opening, 4), "{seed}");
                }
                None => {
                    assert_eq!(asked, 8, "{seed}");
                    debated += 1;
                    turned += i32::from(opening != verdict);
                }
            }
            first += i32::from(opening == "yes");
            last += i32::from(verdict == "yes");
        }
        assert!(u64::from(debated) > DEBATES / 10, "{debated} at {right}");
        // Replies that are right no more often than the openings gain and lose alike, by chance.
        let error = f64::from(turned).sqrt();
        assert!(f64::from(last - first) >= -4.0 * error, "{first} and {last} at {right}");
    }
}
