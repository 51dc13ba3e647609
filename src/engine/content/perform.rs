//! What both drivers do alike: commands that need no server, and the contents of calls.

use std::sync::Arc;

use serde_json::Value;

use super::answer::{Answer, Verdict};
use super::conclude::conclude;
use super::iterate::gather;
use super::look_up::look_up;
use super::prepare::{fall_back, prepare, refused};
use super::request::{Request, changed, repaired};
use super::staff::wanted;
use super::store::{ContentError, Contents, of_bytes};
use crate::engine::conduct::Engine;
use crate::engine::fold_error::FoldError;
use crate::engine::state::State;
use crate::engine::step::Step;
use crate::engine::time::Time;
use crate::engine::vocabulary::{Call, Changes, Command, Input, Outcome, Usage};
use crate::language::digest::Digest;

/// Carries out the commands of a step that need nothing but contents, and takes in what comes of
/// them, until only those are left that wait for the facts to be stored: so that an answer and the
/// question that follows from it are one transaction.
///
/// # Errors
/// Only when the engine itself is at fault; the run must stop.
pub fn settle(
    engine: &mut Engine,
    now: Time,
    step: &mut Step,
    contents: &dyn Contents,
) -> Result<(), FoldError> {
    loop {
        let commands = step.take_local_commands();
        if commands.is_empty() {
            return Ok(());
        }
        for command in commands {
            if let Some(input) = perform(&command, engine.state(), contents) {
                step.append(engine.handle(now, input)?);
            }
        }
    }
}

/// Carries out a command that needs nothing but contents; `None` for any other.
fn perform(command: &Command, state: &State, contents: &dyn Contents) -> Option<Input> {
    match command {
        Command::Prepare(task) => {
            let preparation = prepare(state, *task, contents);
            Some(Input::Prepared { task: *task, preparation })
        }
        Command::Want(scope) => {
            Some(Input::Wanted { scope: *scope, demands: wanted(state, *scope, contents) })
        }
        Command::Gather(task) => {
            let preparation = gather(state, *task, contents).unwrap_or_else(refused);
            Some(Input::Prepared { task: *task, preparation })
        }
        Command::FallBack(task) => {
            let preparation = fall_back(state, *task, contents);
            Some(Input::Prepared { task: *task, preparation })
        }
        Command::LookUp { task, keys } => {
            let found = look_up(state.plan(), *task, keys, contents);
            Some(Input::LookedUp { task: *task, found })
        }
        Command::Conclude(scope) => {
            let outputs = conclude(state, *scope, contents);
            Some(Input::Concluded { scope: *scope, outputs })
        }
        _ => None,
    }
}

/// What a call asks, with what it does otherwise than the attempts before it; read, and not yet put
/// together: that can be done elsewhere.
#[derive(Debug, Clone)]
pub struct Asked {
    address: Digest,
    bytes: Arc<[u8]>,
    variation: u32,
    doublings: u32,
    /// The answer that was rejected, and what was wrong with it.
    repair: Option<(Arc<Value>, String)>,
    window: Option<u32>,
}

impl Asked {
    /// Reads what a call asks.
    ///
    /// # Errors
    /// When it is not there.
    pub fn of(call: &Call, contents: &dyn Contents) -> Result<Asked, ContentError> {
        let Changes { repair, variation, doublings, .. } = &call.changes;
        let repair = match repair {
            Some((rejected, complaint)) => Some((contents.read(rejected)?, complaint.clone())),
            None => None,
        };
        Ok(Asked {
            address: call.request.clone(),
            bytes: contents.read_bytes(&call.request)?,
            variation: *variation,
            doublings: *doublings,
            repair,
            window: call.window,
        })
    }

    /// Puts the request together.
    ///
    /// # Errors
    /// When what was read is no request.
    pub fn request(&self) -> Result<Request, ContentError> {
        let request: Request = of_bytes(&self.address, &self.bytes)?;
        let request = changed(request, self.variation, self.doublings);
        Ok(match &self.repair {
            Some((rejected, complaint)) => repaired(request, rejected, complaint, self.window),
            None => request,
        })
    }
}

/// What a call asks, with what it does otherwise than the attempts before it.
///
/// # Errors
/// When the request cannot be read.
pub fn request_of(call: &Call, contents: &dyn Contents) -> Result<Request, ContentError> {
    Asked::of(call, contents)?.request()
}

/// What an answer that has been looked at comes to.
pub fn outcome_of(
    answer: &Answer,
    verdict: Verdict,
    usage: Usage,
    contents: &dyn Contents,
) -> Outcome {
    match verdict {
        Verdict::Accepted(value) => Outcome::Answered {
            output: contents.write(value),
            usage: Usage { cut_by_length: answer.cut_by_length, ..usage },
        },
        Verdict::Rejected(failure) => {
            let answer = Some(contents.write(answer.text.as_str().into()));
            Outcome::Failed { failure, answer, usage: Some(usage) }
        }
    }
}
