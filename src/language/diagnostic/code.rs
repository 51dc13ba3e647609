//! The stable codes of all findings. `docs/diagnostics.md` has a section for each, and
//! `tests/fixtures/diagnostics/` a document that shows it; a test compares the three.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Severity;

/// What kind of finding, as a stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

/// One row of the table of codes.
#[derive(Debug, Clone, Copy)]
pub struct CodeEntry {
    /// The code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What it means, in a sentence.
    pub summary: &'static str,
}

macro_rules! codes {
    ($($name:ident $text:literal $severity:ident $summary:literal;)*) => {
        impl Code {
            $(
                #[doc = $summary]
                pub const $name: Code = Code($text);
            )*

            /// Every code, in the order of the stages that find them.
            pub const ALL: &[CodeEntry] = &[
                $(CodeEntry {
                    code: Code::$name,
                    severity: Severity::$severity,
                    summary: $summary,
                },)*
            ];
        }
    };
}

codes! {
    UNREADABLE_FILE "unreadable-file" Error "The file cannot be read.";
    FILE_TOO_LARGE "file-too-large" Error "The file is larger than any document may be.";
    NOT_UTF8 "not-utf8" Error "The file is not UTF-8 text.";
    YAML_SYNTAX "yaml-syntax" Error "The text is not YAML.";
    EMPTY_DOCUMENT "empty-document" Error "There is nothing but blanks and comments.";
    SEVERAL_DOCUMENTS "several-documents" Error "There is more than one YAML document in the file.";
    TOO_MANY_NODES "too-many-nodes" Error "The document has more keys and values than any document may have.";
    NESTING_TOO_DEEP "nesting-too-deep" Error "Mappings and lists lie too deep in each other.";
    DUPLICATE_KEY "duplicate-key" Error "A mapping has a key twice.";
    NO_KEY "no-key" Error "There is a colon without a key before it.";
    COMPLEX_KEY "complex-key" Error "A key is a list or a mapping.";
    UNQUOTED_TEMPLATE "unquoted-template" Error "A value that begins with `{{` stands without quotes.";
    KEY_TOO_LONG "key-too-long" Error "A key is longer than any key may be.";
    UNKNOWN_ANCHOR "unknown-anchor" Error "An alias names an anchor that is not defined before it.";
    ALIAS_CYCLE "alias-cycle" Error "An alias stands inside the value that its anchor marks.";
    ALIAS_EXPANSION_TOO_LARGE "alias-expansion-too-large" Error "Aliases and merge keys would make the document too large.";
    MERGE_CYCLE "merge-cycle" Error "A mapping takes itself in through `<<`.";
    MERGE_TOO_DEEP "merge-too-deep" Error "Mappings take each other in through `<<` too many times over.";
    MERGE_NOT_A_MAPPING "merge-not-a-mapping" Error "The value of `<<` is neither a mapping nor a list of them.";
    UNKNOWN_TAG "unknown-tag" Error "A tag is none of YAML's own.";
    WRONG_TAG "wrong-tag" Error "A tag does not fit the value behind it.";
    NOT_A_NUMBER "not-a-number" Error "The value is `.inf` or `.nan`, which JSON cannot hold.";
    NUMBER_TOO_LARGE "number-too-large" Error "A number is too large to be kept exactly.";
    TOO_MANY_ERRORS "too-many-errors" Error "There are more mistakes than are shown.";
    UNKNOWN_KIND "unknown-kind" Error "The top-level keys are those of no kind of document.";
    SEVERAL_KINDS "several-kinds" Error "The top-level keys are those of several kinds of document.";
    UNKNOWN_KEY "unknown-key" Error "The key means nothing here.";
    MISSING_KEY "missing-key" Error "A key that must be there is not.";
    WRONG_TYPE "wrong-type" Error "The value is of the wrong type.";
    INVALID_VALUE "invalid-value" Error "The value is none of those allowed.";
    INVALID_DURATION "invalid-duration" Error "The text is not a duration.";
    INVALID_NAME "invalid-name" Error "The name cannot be used as a name.";
    INVALID_TYPE "invalid-type" Error "The type of an input or output cannot be read.";
    NO_VERB "no-verb" Error "A task does not say what kind of work it is.";
    SEVERAL_VERBS "several-verbs" Error "A task says several kinds of work.";
    WAVES_OR_TASKS "waves-or-tasks" Error "A pattern has neither waves nor tasks, or both.";
    DUPLICATE_NAME "duplicate-name" Error "Two documents of the library have one name.";
    INDEX_ENTRY_MISSING "index-entry-missing" Info "A library index lists a pattern that the library does not have.";
    DUPLICATE_AGENT "duplicate-agent" Error "Two agents of a team have one id.";
    UNKNOWN_MANAGER "unknown-manager" Error "An agent reports to somebody who is not in the team.";
    REPORTING_CYCLE "reporting-cycle" Error "Reporting lines form a circle.";
    NO_DOMAIN "no-domain" Error "A lead or contributor does not say in which domain they work.";
    MANAGER_IMPLEMENTS "manager-implements" Error "An agent that only decides and delegates is given tools that do the work.";
    MANAGER_TOOL "manager-tool" Error "An agent names a tool of those who lead, and is not offered it.";
    NO_LEAD "no-lead" Error "People work in a domain that nobody leads.";
    REPORTS_DOWNWARDS "reports-downwards" Error "An agent reports to one of a lower layer.";
    FOREIGN_LEAD "foreign-lead" Error "A contributor is led by the lead of another domain.";
    NO_WORKING_DAY "no-working-day" Error "An agent of a layer works on no day.";
    INVALID_DATE "invalid-date" Error "The text is not a date.";
    TOOL_SERVER "tool-server" Error "A server of tools does not say in one way how it is reached.";
    UNKNOWN_TOOL "unknown-tool" Error "An agent or a task uses a tool that its document does not offer.";
    NO_WORKSPACE "no-workspace" Error "An agent reads files, and no folder is named for it.";
    TOOL_IN_TWO_LISTS "tool-in-two-lists" Error "An agent may use a tool and may not.";
    TOO_MANY_TOOLS "too-many-tools" Error "An agent names more tools than it is offered.";
    TOOLS_NOT_OFFERED "tools-not-offered" Info "An agent uses tools that no document of the project offers.";
    NO_TEAM "no-team" Error "A task names an agent in a document without a team.";
    UNKNOWN_TEAM "unknown-team" Error "The library has no team of this name.";
    UNKNOWN_AGENT "unknown-agent" Error "The team has no agent of this name.";
    MISSING_SKILL "missing-skill" Warning "A task takes a skill that its agent does not have.";
    NO_CANDIDATE "no-candidate" Error "Nobody in the team can get a post.";
    UNKNOWN_TOPIC "unknown-topic" Error "No task sends a message on this topic.";
    NO_ADDRESSEE "no-addressee" Error "A message is to nobody, or to its own sender.";
    MESSAGE_NOT_PERMITTED "message-not-permitted" Error "A message goes along none of the lines that the layers of its team allow.";
    UNKNOWN_SOURCE "unknown-source" Error "The project imports from no source of this name.";
    UNDECLARED_VERSION "undeclared-version" Error "The source is not declared at the version that is meant.";
    INVALID_IMPORT "invalid-import" Error "An import does not say in one way where documents come from.";
    UNREADABLE_LOCK "unreadable-lock" Error "The lock file cannot be read.";
    IMPORT_NOT_LOCKED "import-not-locked" Error "The lock file does not say what an import exactly is.";
    IMPORT_NOT_FETCHED "import-not-fetched" Error "An import is locked, but not on this machine.";
    IMPORT_CHANGED "import-changed" Error "A document of an import is not what is locked.";
    UNKNOWN_PATTERN "unknown-pattern" Error "The library has no pattern of this name.";
    PATTERN_CYCLE "pattern-cycle" Error "Patterns use each other in a circle.";
    PATTERN_TOO_DEEP "pattern-too-deep" Error "Patterns use each other to too great a depth.";
    PLAN_TOO_LARGE "plan-too-large" Error "With the patterns that it uses, a document has more tasks than any plan may have.";
    DUPLICATE_TASK "duplicate-task" Error "Two tasks of a document have one name.";
    DUPLICATE_WAVE "duplicate-wave" Error "Two waves of a document have one name.";
    UNKNOWN_TASK "unknown-task" Error "The document has no task of this name.";
    TASK_CYCLE "task-cycle" Error "Tasks need each other in a circle.";
    NEED_NOT_EARLIER "need-not-earlier" Error "A task needs one of its own or of a later wave.";
    REPEATED_NEED "repeated-need" Warning "A task is named twice where once is enough.";
    TEMPLATE_SYNTAX "template-syntax" Error "The text is not a template.";
    TEMPLATE_TOO_LARGE "template-too-large" Error "A template, or one of its expressions, is larger than any may be.";
    UNKNOWN_VARIABLE "unknown-variable" Error "Templates do not know this variable.";
    UNKNOWN_INPUT "unknown-input" Error "The document declares no input of this name.";
    UNKNOWN_PROPERTY "unknown-property" Error "A task has no such property.";
    UNKNOWN_FILTER "unknown-filter" Error "Templates do not know this filter, test, function or method.";
    DYNAMIC_REFERENCE "dynamic-reference" Error "Which task is meant can only be known in a run.";
    UNKNOWN_FIELD "unknown-field" Error "The value has no such field.";
    WRONG_OPERAND "wrong-operand" Error "An operation cannot take a value of this type.";
    TEXT_AS_LIST "text-as-list" Warning "A text stands where a list is meant, and would be taken apart into characters.";
    UNLIKE_COMPARISON "unlike-comparison" Warning "Two values are compared that are never of one kind.";
    IMPOSSIBLE_COMPARISON "impossible-comparison" Warning "A value is compared with one that it never has.";
    CONSTANT_CONDITION "constant-condition" Warning "A condition is always true, or never.";
    NEVER_RUNS "never-runs" Warning "A task can never run.";
    VALUE_MAY_BE_ABSENT "value-may-be-absent" Warning "A value is needed that may not be there.";
    UNREAD_OUTPUT "unread-output" Warning "Nobody reads what a task gives.";
    UNUSED_INPUT "unused-input" Warning "Nothing reads an input.";
    UNUSED_AGENT "unused-agent" Info "No task asks an agent of the document's team, or who has a post.";
    MISSING_INPUT "missing-input" Error "A required input is not given.";
    UNKNOWN_ARGUMENT "unknown-argument" Error "The used pattern declares no input of this name.";
    INPUT_TYPE "input-type" Error "The value does not fit the declared type of an input.";
    UNKNOWN_STAND_IN "unknown-stand-in" Error "The used pattern has no agent of this name.";
    SYNTHESIS_INCOMPLETE "synthesis-incomplete" Error "The synthesis strategy lacks what it works with.";
    DEFAULT_NOT_AN_OPTION "default-not-an-option" Error "A gate's default is none of its options.";
    UNKNOWN_RESOURCE "unknown-resource" Error "A task takes a resource that the cluster does not have.";
    TAKES_TOO_MUCH "takes-too-much" Error "A task takes more of a resource than there is, and could never start.";
    BUDGET_TOO_SMALL "budget-too-small" Warning "A budget allows fewer calls than are surely needed.";
    IDLE_LIMIT "idle-limit" Warning "A limit of the cluster is for something that nothing asks.";
    UNKNOWN_RULE "unknown-rule" Warning "Lint settings or a comment name a finding that does not exist.";
    NOT_TO_BE_ALLOWED "not-to-be-allowed" Warning "Errors cannot be switched off or allowed.";
    INVALID_SUPPRESSION "invalid-suppression" Warning "A comment begins with `partita:` and cannot be read.";
    SUPPRESSION_WITHOUT_REASON "suppression-without-reason" Warning "A comment allows something and does not say why.";
    UNUSED_SUPPRESSION "unused-suppression" Warning "A comment allows something that does not occur.";
    SERVER_UNREACHABLE "server-unreachable" Warning "A server of the cluster does not answer (with --online).";
    UNKNOWN_MODEL "unknown-model" Error "No server has this model (with --online).";
    MODEL_STOOD_IN_FOR "model-stood-in-for" Warning "No server has this model, and another one is asked in its stead (with --online).";
    CLOUD_MODEL "cloud-model" Error "The model runs in Ollama's cloud, and nothing may leave the servers (with --online).";
    MODEL_CANNOT_CHAT "model-cannot-chat" Error "The model only makes vectors (with --online).";
    MODEL_WITHOUT_TOOLS "model-without-tools" Warning "An agent has tools, and its model cannot call any (with --online).";
    TOOLS_UNAVAILABLE "tools-unavailable" Error "The tools of an agent cannot be offered (with --online).";
    DIFFERENT_MODELS "different-models" Warning "Servers have different models under one name (with --online).";
    CONTEXT_TOO_LARGE "context-too-large" Error "The window that is asked for is larger than the model's (with --online).";
    PROMPT_TOO_LONG "prompt-too-long" Error "The fixed text of a prompt alone does not fit the window (with --online).";
    ANSWER_TO_NOBODY "answer-to-nobody" Error "A case answers a task that asks no model.";
    ANSWER_TYPE "answer-type" Error "The answer of a case does not fit the type of the task's output.";
    UNKNOWN_CHOICE "unknown-choice" Error "A case decides what is no option of a gate.";
    UNKNOWN_OUTPUT "unknown-output" Error "A case expects an output that there is not.";
    INVALID_EXPECTATION "invalid-expectation" Error "What a case expects cannot be read, or can never be so.";
    EXPECTATION_NOT_MET "expectation-not-met" Error "A case has not come out as expected (by `partita test`).";
    OUTDATED_RECORDING "outdated-recording" Error "A task asks otherwise than when its answer was recorded (by `partita test`).";
    ADVICE_LEFT_OUT "advice-left-out" Info "The document is larger than those that rules give advice on.";
    INTERNAL_ERROR "internal-error" Error "Partita itself is at fault.";
}

impl Code {
    /// The codes of the checks that look at servers.
    pub const OF_A_CLUSTER: [Code; 10] = [
        Code::SERVER_UNREACHABLE,
        Code::UNKNOWN_MODEL,
        Code::MODEL_STOOD_IN_FOR,
        Code::CLOUD_MODEL,
        Code::MODEL_CANNOT_CHAT,
        Code::MODEL_WITHOUT_TOOLS,
        Code::TOOLS_UNAVAILABLE,
        Code::DIFFERENT_MODELS,
        Code::CONTEXT_TOO_LARGE,
        Code::PROMPT_TOO_LONG,
    ];

    /// The code's text.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The code of a syntax error; the parser's home names them
    /// ([`SyntaxErrorKind::CODES`](crate::language::source::SyntaxErrorKind::CODES)).
    pub(crate) fn of_syntax(text: &'static str) -> Code {
        Code(text)
    }

    /// The code of a rule of `lint`, whose own file says the rest.
    pub(in crate::language) const fn of_rule(text: &'static str) -> Code {
        Code(text)
    }

    pub(super) fn severity(self) -> Severity {
        Code::ALL
            .iter()
            .find(|entry| entry.code == self)
            .map_or(Severity::Error, |entry| entry.severity)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}
