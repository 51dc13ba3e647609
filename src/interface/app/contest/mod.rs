//! A pattern against a baseline: the same inputs, and a judge who does not know whose result is whose.
//! A contest is a pattern like any other, made here: it is run, kept and resumed as all runs are.

mod documents;

use serde_json::{Map, Value};

use self::documents::{Terms, contest_name, declared, files};
use super::failure::{Failure, FailureKind};
use super::given::Given;
use super::load::{Loaded, load};
use super::project::Project;
use crate::insight::{PAIRS, SINGLE};
use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Body, Document, DocumentKind, MOST_ITEMS, ProjectFile};
use crate::language::plan::{Compiled, Outlines, Types, compile};

/// What a pattern is compared with, and how.
#[derive(Debug, Clone)]
pub struct ContestRequest<'a> {
    /// The pattern, by its name or file.
    pub contender: &'a str,
    /// [`SINGLE`], or another pattern.
    pub baseline: &'a str,
    /// Inputs, a set for each pair; those of the pattern's cases if there are none.
    pub inputs: &'a [Given],
    /// How often each set is tried.
    pub trials: u32,
    /// How many pairs are under way at a time.
    pub parallel: u32,
    /// What makes a result better; what the pattern is for if absent.
    pub criteria: Option<&'a str>,
    /// The model of a plain call.
    pub single_model: Option<&'a str>,
    /// The model of the judge.
    pub judge_model: Option<&'a str>,
}

/// A contest that can be run.
#[derive(Debug)]
pub struct Contest {
    /// Its plan, and where the contender's document lies.
    pub loaded: Loaded,
    /// The values of its inputs.
    pub inputs: Map<String, Value>,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy)]
pub(super) enum Contender<'a> {
    /// One call of one agent.
    Single,
    /// A pattern.
    Pattern(&'a Document),
}

impl Contender<'_> {
    fn name(&self) -> &str {
        match self {
            Contender::Single => SINGLE,
            Contender::Pattern(document) => document.name().unwrap_or_default(),
        }
    }
}

/// Makes a contest of what was asked for.
///
/// # Errors
/// When one side is no pattern, when their inputs differ, or when inputs are missing or do not fit.
pub fn contest(project: &Project, request: &ContestRequest<'_>) -> Result<Contest, Failure> {
    let mut loaded = load(project, request.contender)?;
    let values = sets(&mut loaded, request)?;
    if request.baseline != SINGLE {
        loaded.library.require_orchestration(request.baseline);
    }
    let library = &loaded.library;
    let contender = pattern(loaded.document(), request.contender)?;
    let baseline = match request.baseline {
        SINGLE => Contender::Single,
        name => {
            let other = load(project, name)?;
            pattern(other.document(), name)?;
            let own_name = &other.compiled.plan.name;
            let found = library.pattern(own_name).ok_or_else(|| {
                let message = format!("`{name}` is not in the project");
                Failure::new(FailureKind::Usage, message)
                    .hint("put its file into patterns/, so that another pattern can use it")
            })?;
            same_inputs(contender, &other)?;
            Contender::Pattern(found)
        }
    };
    let outlines = Outlines::of(library);
    let terms = Terms {
        contender,
        summary: &loaded.compiled.plan.summary,
        outputs: Types::of(&outlines).outputs_of(contender),
        baseline,
        criteria: request.criteria,
        single_model: request.single_model,
        judge_model: request.judge_model,
        pairs: values.len(),
        parallel: request.parallel,
    };
    let name = contest_name(contender.name().unwrap_or_default(), &baseline);
    let files = files(&terms);
    let compiled = compiled(&mut loaded, files, &name)?;
    let inputs = Map::from_iter([(PAIRS.to_owned(), Value::Array(values))]);
    loaded.compiled = compiled;
    Ok(Contest { loaded, inputs })
}

fn compiled(loaded: &mut Loaded, files: [ProjectFile; 2], name: &str) -> Result<Compiled, Failure> {
    loaded.library.add(files);
    let library = &loaded.library;
    let faulty = |found: Vec<Diagnostic>| {
        Failure::new(FailureKind::Failed, format!("`{name}` cannot be run as it is"))
            .with_diagnostics(library.sources(), found)
    };
    let document = library.pattern(name).ok_or_else(|| faulty(library.diagnostics().to_vec()))?;
    compile(library, document).map_err(faulty)
}

/// The values of the contender's inputs, a set for each pair.
fn sets(loaded: &mut Loaded, request: &ContestRequest<'_>) -> Result<Vec<Value>, Failure> {
    let given = match request.inputs {
        [] => of_cases(loaded, request.contender),
        given => given.to_vec(),
    };
    let scope = loaded.compiled.plan.root();
    let bound = match given.as_slice() {
        [] => vec![Given::default().bind(scope).map_err(|failure| {
            failure
                .hint("give inputs with -i or --inputs; the pattern has no cases to take them from")
        })?],
        given => given.iter().map(|given| given.bind(scope)).collect::<Result<Vec<_>, _>>()?,
    };
    let pairs = bound.len().saturating_mul(request.trials as usize);
    if pairs > MOST_ITEMS as usize {
        let message = format!("{pairs} pairs are more than {MOST_ITEMS}");
        return Err(Failure::new(FailureKind::Usage, message).hint("ask for fewer --trials"));
    }
    let trials = std::iter::repeat_n(bound, request.trials as usize);
    Ok(trials.flatten().map(Value::Object).collect())
}

/// The different inputs of the cases of a pattern.
fn of_cases(loaded: &mut Loaded, name: &str) -> Vec<Given> {
    let named = loaded.compiled.plan.name.clone();
    loaded.library.require_builtin_tests(name);
    let mut sets: Vec<Map<String, Value>> = Vec::new();
    for document in loaded.library.documents() {
        let Some(Body::Tests(tests)) = document.body() else { continue };
        if tests.tests.pattern != named {
            continue;
        }
        for case in tests.cases.values() {
            let mut values: Map<String, Value> =
                tests.inputs.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            values.extend(case.inputs.iter().map(|(name, value)| (name.clone(), value.clone())));
            if !sets.contains(&values) {
                sets.push(values);
            }
        }
    }
    sets.into_iter().map(|file| Given { file, single: Vec::new() }).collect()
}

fn pattern<'l>(document: Option<&'l Document>, named: &str) -> Result<&'l Document, Failure> {
    match document {
        Some(document) if document.kind() == DocumentKind::Pattern => Ok(document),
        _ => Err(not_a_pattern(named)),
    }
}

fn not_a_pattern(named: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("`{named}` is no pattern")).hint(
        "patterns are compared, since one can use another; a pipeline binds them to a cluster",
    )
}

/// Both sides must do the same work: what the baseline must be given, the contender must have.
fn same_inputs(contender: &Document, baseline: &Loaded) -> Result<(), Failure> {
    let given = declared(contender);
    let plan = &baseline.compiled.plan;
    let inputs = plan.root().inputs.iter();
    let lacking: Vec<String> = inputs
        .filter(|(name, input)| input.default.is_none() && !given.contains_key(*name))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let one = contender.name().unwrap_or_default();
    let message =
        format!("`{}` needs inputs that `{one}` has not: {}", plan.name, lacking.join(", "));
    let names: Vec<&str> = given.keys().map(String::as_str).collect();
    Err(Failure::new(FailureKind::Usage, message)
        .hint(format!("both sides are given the inputs of `{one}`: {}", names.join(", "))))
}
