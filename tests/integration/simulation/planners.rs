//! Agents that plan at random what holds.

use partita::engine::content::Request;
use partita::engine::simulation::{Answers, Placeholders};
use partita::language::digest::FullHash;
use partita::language::plan::{OfferKind, Planning};
use serde_json::{Value, json};

use crate::support::Dice;

/// Placeholders, and random plans for who is to plan. The same is planned for the same task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planners;

impl Answers for Planners {
    fn answer(&self, task: &str, request: &Request) -> String {
        let Some(planning) = &request.planning else {
            return Placeholders.answer(task, request);
        };
        // What is said of failures depends on servers, and so on time.
        let known = format!("{task} {} {:?}", request.messages.len(), planning.done);
        let seed = FullHash::of(known.as_bytes()).number();
        let tasks = planned(planning, &mut Dice::new(seed));
        json!({ "reasoning": "", "tasks": tasks }).to_string()
    }
}

/// The tasks of a plan that holds.
fn planned(planning: &Planning, dice: &mut Dice) -> Vec<Value> {
    let count = 1 + dice.below(u64::from(planning.max_tasks));
    let mut names: Vec<String> = planning.done.clone();
    let mut tasks = Vec::new();
    for number in 0..count {
        let name = format!("t{number}");
        let place = dice.below(planning.catalogue.len() as u64);
        let offer = &planning.catalogue[usize::try_from(place).expect("few")];
        let needs: Vec<&String> = names.iter().filter(|_| dice.one_in(3)).collect();
        let task = match offer.kind {
            OfferKind::Agent => {
                json!({ "name": name, "agent": offer.name, "prompt": "Do it.", "needs": needs })
            }
            OfferKind::Pattern => match needs.first() {
                Some(from) if dice.one_in(2) => {
                    json!({ "name": name, "uses": offer.name, "from": { "subject": from }, "needs": needs })
                }
                _ => {
                    json!({ "name": name, "uses": offer.name, "with": { "subject": "x" }, "needs": needs })
                }
            },
        };
        tasks.push(task);
        names.push(name);
    }
    tasks
}
