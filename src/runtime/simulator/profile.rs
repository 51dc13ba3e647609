//! Whether a profile can be run at all. What a file may say is checked with its document; this
//! keeps profiles that were made otherwise from doing harm.

use std::collections::BTreeSet;

use crate::language::document::simulation::{
    AnswerRule, Fault, Profile, SimulatedModel, SimulatedServer,
};

use super::names::ModelName;

/// What is wrong with a profile. The author's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// There is no server.
    #[error("it has no servers")]
    NoServers,
    /// Two servers have one name.
    #[error("two servers are named `{0}`")]
    SameServer(String),
    /// A server has no model.
    #[error("the server `{0}` has no models")]
    NoModels(String),
    /// Two models of a server have one name.
    #[error("the server `{server}` has two models named `{model}`")]
    SameModel {
        /// The server's name.
        server: String,
        /// The model's name.
        model: String,
    },
    /// A model's name is none.
    #[error("`{0}` is not the name of a model")]
    ModelName(String),
    /// A number is out of its range.
    #[error("{what} is {value}, and must be {range}")]
    Number {
        /// What the number is.
        what: String,
        /// The number.
        value: String,
        /// What it may be.
        range: &'static str,
    },
    /// A tool is to be called with something that is no object.
    #[error("the arguments for the tool `{0}` are not an object")]
    Arguments(String),
}

/// The models of each server, if the profile can be run.
pub(super) fn check(
    profile: &Profile,
) -> Result<Vec<Vec<(ModelName, SimulatedModel)>>, ProfileError> {
    number("`time_scale`", profile.time_scale, |scale| scale >= 0.0, "0 or more")?;
    if profile.servers.is_empty() {
        return Err(ProfileError::NoServers);
    }
    for rule in &profile.faults {
        check_fault(&rule.fault)?;
    }
    for rule in &profile.answers {
        check_answer(rule)?;
    }
    let mut names = BTreeSet::new();
    profile
        .servers
        .iter()
        .map(|server| {
            if !names.insert(server.name.as_str()) {
                return Err(ProfileError::SameServer(server.name.clone()));
            }
            check_server(server)?;
            let models = server.models.as_ref().unwrap_or(&profile.models);
            check_models(&server.name, models)
        })
        .collect()
}

fn check_server(server: &SimulatedServer) -> Result<(), ProfileError> {
    let name = &server.name;
    above_zero(&format!("`speed` of `{name}`"), server.speed)?;
    above_zero(
        &format!("`load_gigabytes_per_second` of `{name}`"),
        server.load_gigabytes_per_second,
    )?;
    above_zero(&format!("`slots` of `{name}`"), f64::from(server.slots))?;
    above_zero(&format!("`max_loaded_models` of `{name}`"), f64::from(server.max_loaded_models))
}

fn check_models(
    server: &str,
    models: &[SimulatedModel],
) -> Result<Vec<(ModelName, SimulatedModel)>, ProfileError> {
    if models.is_empty() {
        return Err(ProfileError::NoModels(server.to_owned()));
    }
    let mut keys = BTreeSet::new();
    models
        .iter()
        .map(|model| {
            let name = ModelName::parse(&model.name)
                .map_err(|_| ProfileError::ModelName(model.name.clone()))?;
            if !keys.insert(name.key()) {
                return Err(ProfileError::SameModel {
                    server: server.to_owned(),
                    model: model.name.clone(),
                });
            }
            check_model(model)?;
            Ok((name, model.clone()))
        })
        .collect()
}

fn check_model(model: &SimulatedModel) -> Result<(), ProfileError> {
    let of = |what: &str| format!("`{what}` of the model `{}`", model.name);
    let size = model.size_gigabytes;
    number(&of("size_gigabytes"), size, |size| size >= 0.0, "0 or more")?;
    above_zero(&of("prefill_tokens_per_second"), model.prefill_tokens_per_second)?;
    above_zero(&of("tokens_per_second"), model.tokens_per_second)?;
    let within = |share: f64| (0.0..=1.0).contains(&share);
    number(&of("contention"), model.contention, within, "from 0 to 1")
}

fn check_fault(fault: &Fault) -> Result<(), ProfileError> {
    match fault {
        Fault::Status { status, .. } => number(
            "`status` of a fault",
            f64::from(*status),
            |status| (400.0..=599.0).contains(&status),
            "from 400 to 599",
        ),
        Fault::Slow { factor } => {
            number("`factor` of a slow fault", *factor, |factor| factor >= 1.0, "1 or more")
        }
        _ => Ok(()),
    }
}

fn check_answer(rule: &AnswerRule) -> Result<(), ProfileError> {
    let wrong = rule.tool_calls.iter().find(|(_, value)| !value.is_object());
    match wrong {
        Some((name, _)) => Err(ProfileError::Arguments(name.clone())),
        None => Ok(()),
    }
}

fn above_zero(what: &str, value: f64) -> Result<(), ProfileError> {
    number(what, value, |value| value > 0.0, "above 0")
}

fn number(
    what: &str,
    value: f64,
    fits: impl Fn(f64) -> bool,
    range: &'static str,
) -> Result<(), ProfileError> {
    if value.is_finite() && fits(value) {
        return Ok(());
    }
    Err(ProfileError::Number { what: what.to_owned(), value: value.to_string(), range })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(change: impl FnOnce(&mut Profile), expected: &str) {
        let mut profile = Profile::default();
        change(&mut profile);
        assert_eq!(check(&profile).unwrap_err().to_string(), expected);
    }

    #[test]
    fn the_default_can_be_run() {
        assert_eq!(check(&Profile::default()).unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_run_is_named() {
        check_text(|profile| profile.servers.clear(), "it has no servers");
        check_text(
            |profile| profile.servers[1].name = "ollama01".into(),
            "two servers are named `ollama01`",
        );
        check_text(|profile| profile.models.clear(), "the server `ollama01` has no models");
        check_text(
            |profile| profile.models[0].name = "a b".into(),
            "`a b` is not the name of a model",
        );
        check_text(
            |profile| profile.time_scale = f64::NAN,
            "`time_scale` is NaN, and must be 0 or more",
        );
        check_text(
            |profile| profile.servers[0].speed = 0.0,
            "`speed` of `ollama01` is 0, and must be above 0",
        );
        check_text(
            |profile| profile.models.push(profile.models[0].clone()),
            "the server `ollama01` has two models named `llama3.1:8b`",
        );
    }
}
