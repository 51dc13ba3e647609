//! The compiled schemas.
//!
//! Most documents conform, and [`FastCheck`] tells. For those that do not, tasks are asked about one
//! by one, each only for the branch of its verb: a validator keeps the errors of all branches of all
//! that it is given, which is much for a file of ten thousand tasks with the same mistake.
//!
//! Before it compiles a schema, jsonschema compiles the schema of schemas and asks whether it is one. Of
//! ours, a test has asked that (`schema`). So what it is given to compile is a reference to ours,
//! in the draft whose schema of schemas is the smallest; ours keep their own draft.

use std::sync::{LazyLock, OnceLock};

use jsonschema::{Draft, PatternOptions, Registry, ValidationError, Validator};
use serde_json::{Value, json};

use super::fast_check::FastCheck;
use super::task::VerbKind;
use super::{DocumentKind, formats, schema};

/// What checks documents of one kind.
pub(super) struct Validators {
    kind: DocumentKind,
    fast: FastCheck,
    whole: OnceLock<Validator>,
    /// As `whole`, but any value is a task.
    outside_tasks: OnceLock<Validator>,
    /// By the branches of the task's schema.
    tasks: [OnceLock<Validator>; VerbKind::ALL.len()],
}

impl Validators {
    /// Those of a kind of document.
    pub(super) fn of(kind: DocumentKind) -> &'static Validators {
        static ALL: [LazyLock<Validators>; DocumentKind::ALL.len()] = [
            LazyLock::new(|| Validators::new(DocumentKind::Pattern)),
            LazyLock::new(|| Validators::new(DocumentKind::Pipeline)),
            LazyLock::new(|| Validators::new(DocumentKind::Cluster)),
            LazyLock::new(|| Validators::new(DocumentKind::Simulation)),
            LazyLock::new(|| Validators::new(DocumentKind::Team)),
            LazyLock::new(|| Validators::new(DocumentKind::LibraryIndex)),
            LazyLock::new(|| Validators::new(DocumentKind::Lint)),
            LazyLock::new(|| Validators::new(DocumentKind::Tests)),
            LazyLock::new(|| Validators::new(DocumentKind::Imports)),
            LazyLock::new(|| Validators::new(DocumentKind::Vocabulary)),
        ];
        &ALL[kind as usize]
    }

    #[expect(clippy::expect_used, reason = "a test makes every check")]
    fn new(kind: DocumentKind) -> Validators {
        Validators {
            kind,
            fast: FastCheck::of(schema::schema_text(kind)).expect("our own schema"),
            whole: OnceLock::new(),
            outside_tasks: OnceLock::new(),
            tasks: Default::default(),
        }
    }

    /// The schema that they are made from.
    pub(super) fn schema(&self) -> &'static Value {
        schema::schema(self.kind)
    }

    /// Whether nothing is wrong with a document.
    pub(super) fn conforms(&self, document: &Value) -> bool {
        self.fast.conforms(document)
    }

    /// What jsonschema has made of the schema.
    pub(super) fn whole(&self) -> &Validator {
        self.whole.get_or_init(|| build(self.schema(), ""))
    }

    /// Whether documents of this kind have tasks.
    pub(super) fn has_tasks(&self) -> bool {
        self.schema()["$defs"].get("Task").is_some()
    }

    /// What is wrong with a document, whatever its tasks are. Paths begin at the document.
    pub(super) fn errors_outside_tasks<'v>(
        &'v self,
        document: &'v Value,
    ) -> impl Iterator<Item = ValidationError<'v>> {
        let validator = if self.has_tasks() {
            self.outside_tasks.get_or_init(|| {
                let mut schema = self.schema().clone();
                schema["$defs"]["Task"] = Value::Bool(true);
                build(&schema, "")
            })
        } else {
            self.whole()
        };
        validator.iter_errors(document)
    }

    /// What is wrong with a task of this verb. Paths begin at the task.
    pub(super) fn errors_of_task<'v>(
        &'v self,
        verb: VerbKind,
        task: &'v Value,
    ) -> impl Iterator<Item = ValidationError<'v>> {
        let validator = self.tasks[verb as usize]
            .get_or_init(|| build(self.schema(), &format!("/$defs/Task/oneOf/{}", verb as usize)));
        let is_valid = validator.is_valid(task);
        (!is_valid).then(|| validator.iter_errors(task)).into_iter().flatten()
    }
}

/// What checks values by the part of one of our schemas that a JSON pointer names.
#[expect(clippy::expect_used, reason = "a test builds every validator")]
fn build(schema: &Value, pointer: &str) -> Validator {
    const NAME: &str = "urn:partita:schema";
    let schema = Draft::Draft202012.create_resource_ref(schema);
    let registry = Registry::new().add(NAME, schema).expect("a name").prepare();
    let registry = registry.expect("our own schema");
    let options = jsonschema::draft4::options()
        .with_registry(&registry)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true);
    formats::ALL
        .iter()
        .fold(options, |options, (name, is_one)| options.with_format(*name, *is_one))
        .build(&json!({ "$ref": format!("{NAME}#{pointer}") }))
        .expect("our own schema")
}
