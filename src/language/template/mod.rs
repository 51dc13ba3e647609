//! minijinja's only home: what a template may say, what it refers to, and rendering it.
//!
//! Templates come from documents only. What a model answers is data and never parsed here.

mod comparisons;
mod data;
mod environment;
mod fixed;
pub mod glossary;
mod inference;
#[cfg(test)]
mod inference_tests;
mod limits;
mod references;
#[cfg(test)]
mod references_tests;
mod render;
mod salvage;
mod syntax;
mod unclosed;
mod value_type;

pub use comparisons::{Comparison, comparisons};
pub use data::Data;
pub use fixed::fixed_text;
pub use inference::{Inference, Remark, RemarkKind, Variables, infer, infer_at};
pub use limits::is_within_limits;
pub use references::{Reference, Step, StepKind, UnknownName, UnknownNameKind};
pub use render::{
    RenderError, evaluate, evaluate_value, render_plain, render_text, render_tree, render_value,
};
pub use salvage::Salvage;
pub use syntax::{Form, ProblemKind, SyntaxProblem, Template};
pub use value_type::{
    Declaration, Field, Lack, ListType, Missing, ObjectType, Openness, Presence, Type, TypeMisfit,
    listed, shown,
};
