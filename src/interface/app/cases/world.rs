//! The servers and people of a case, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::engine::simulation::Script;
use crate::engine::{People, Server, Settings, full_name};
use crate::language::document::simulation::{Profile, SimulatedModel, SimulatedServer};
use crate::language::document::{Case, ClusterSettings, TestsDocument};
use crate::language::plan::{Compiled, Plan};

/// The settings and the script of a case. Servers that nobody describes have room for every prompt
/// and can do whatever agents require.
pub(super) fn world(
    tests: &TestsDocument,
    case: &Case,
    compiled: &Compiled,
    model: Option<&str>,
) -> (Settings, Script) {
    let plan = &compiled.plan;
    let mut profile = compiled.simulation.clone().unwrap_or_default();
    // A second of a case is a second of its deadlines.
    profile.time_scale = 1.0;
    // A case that is or was answered by models takes none of a rehearsal's answers.
    if model.is_some() {
        profile.answers.clear();
    }
    profile.faults.splice(0..0, case.faults.iter().cloned());
    let model = model.map_or_else(|| default_model(&profile), full_name);
    if case.servers.is_empty() {
        make_room(&mut profile, plan);
    } else {
        profile.servers.clone_from(&case.servers);
    }
    add_models(&mut profile, plan, &model);
    let mut settings =
        Settings::of_cluster(&ClusterSettings::of_urls(["simulated".to_owned()]), model);
    settings.people = People::Present;
    settings.servers = profile.servers.iter().map(server).collect();
    let script = Script { decisions: decisions(tests, case), profile, ..Script::default() };
    (settings, script)
}

fn default_model(profile: &Profile) -> String {
    let first = profile.models.first().map(|model| model.name.clone());
    full_name(&first.unwrap_or_else(|| SimulatedModel::default().name))
}

fn make_room(profile: &mut Profile, plan: &Plan) {
    let tags: BTreeSet<&String> = plan.agents.iter().flat_map(|agent| &agent.requires).collect();
    for server in &mut profile.servers {
        server.context_length = u32::MAX;
        server.tags.extend(tags.iter().map(|tag| (*tag).clone()));
    }
    for model in &mut profile.models {
        model.context_length = u32::MAX;
    }
}

/// Every model that is asked is there.
fn add_models(profile: &mut Profile, plan: &Plan, default: &str) {
    let asked = plan
        .asks()
        .flat_map(|(_, ask)| ask.models())
        .map(|model| model.map_or_else(|| default.to_owned(), full_name));
    for name in asked.collect::<BTreeSet<String>>() {
        if !profile.models.iter().any(|known| full_name(&known.name) == name) {
            let context_length = u32::MAX;
            profile.models.push(SimulatedModel {
                name,
                context_length,
                ..SimulatedModel::default()
            });
        }
    }
    for model in &mut profile.models {
        model.name = full_name(&model.name);
    }
}

fn server(simulated: &SimulatedServer) -> Server {
    Server {
        name: simulated.name.clone(),
        url: String::new(),
        slots: simulated.slots,
        max_models: simulated.max_loaded_models,
        tags: simulated.tags.clone(),
        weight: simulated.speed,
        simulated: true,
    }
}

/// People decide at once.
fn decisions(tests: &TestsDocument, case: &Case) -> BTreeMap<String, (Duration, String)> {
    let made = tests.decisions.iter().chain(&case.decisions);
    made.map(|(task, choice)| (task.clone(), (Duration::ZERO, choice.clone()))).collect()
}
