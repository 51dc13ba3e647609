//! The inputs of a new pattern or pipeline: those that were wished for, and those that the patterns
//! it uses require.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::orchestration::UsedPattern;
use super::sheet::Sheet;
use super::steps::unique;
use super::wish::{InputWish, usage};
use crate::interface::app::failure::Failure;
use crate::language::document::{InputDeclaration, OutputType};

/// The inputs of the new document.
pub(super) struct Inputs<'w> {
    own: &'w [InputWish],
    /// Those that used patterns require, by the name that they have here.
    required: Vec<(String, Value)>,
    taken: BTreeSet<String>,
    passed: BTreeSet<String>,
}

impl<'w> Inputs<'w> {
    pub(super) fn of(own: &'w [InputWish]) -> Inputs<'w> {
        let taken = own.iter().map(|input| input.name.clone()).collect();
        let (required, passed) = (Vec::new(), BTreeSet::new());
        Inputs { own, required, taken, passed }
    }

    /// What a used pattern is given: its inputs, and the inputs here that they come from.
    pub(super) fn pass_to(&mut self, used: &UsedPattern) -> BTreeMap<String, String> {
        let mut given = BTreeMap::new();
        for (name, declaration) in &used.inputs {
            let is_required = declaration.get("default").is_none();
            let own = self.own.iter().find(|own| own.name == *name && fits(own, declaration));
            let same =
                self.required.iter().find(|(taken, other)| taken == name && other == declaration);
            let source = match (own, same) {
                (None, None) if !is_required => continue,
                (None, None) => {
                    let free = !self.taken.contains(name);
                    let wanted = if free { name.clone() } else { format!("{}_{name}", used.name) };
                    let source = unique(&wanted, &mut self.taken);
                    self.required.push((source.clone(), declaration.clone()));
                    source
                }
                _ => name.clone(),
            };
            self.passed.insert(source.clone());
            given.insert(name.clone(), source);
        }
        given
    }

    /// That somebody reads every input, where no agent does.
    pub(super) fn all_are_read(&self, uses: &[UsedPattern]) -> Result<(), Failure> {
        let Some(unread) = self.own.iter().find(|own| !self.passed.contains(&own.name)) else {
            return Ok(());
        };
        let message = format!("nothing would read the input `{}`", unread.name);
        let takes = |used: &UsedPattern| {
            let names: Vec<&str> = used.inputs.keys().map(String::as_str).collect();
            format!("`{}` takes {}", used.name, names.join(", "))
        };
        let failure = usage(message).hint("leave it out, or add an agent who reads it: --agent");
        Err(uses.iter().map(takes).fold(failure, Failure::hint))
    }

    pub(super) fn write(&self, sheet: &mut Sheet) {
        if self.own.is_empty() && self.required.is_empty() {
            return;
        }
        sheet.blank();
        sheet.comment(0, "What a caller gives. An input without a default is required.");
        sheet.key(0, "inputs");
        for input in self.own {
            sheet.key(1, &input.name);
            sheet.value(2, "type", &input.kind);
            sheet.text(2, "description", &format!("The {}", input.name.replace('_', " ")));
            if let Some(default) = &input.default {
                sheet.value(2, "default", default);
            }
        }
        for (name, declaration) in &self.required {
            match declaration {
                Value::Object(fields) if !fields.is_empty() => {
                    sheet.key(1, name);
                    fields.iter().for_each(|(key, value)| sheet.value(2, key, value));
                }
                other => sheet.value(1, name, other),
            }
        }
    }
}

/// Whether an input has the type of a declaration, limits included.
fn fits(input: &InputWish, declaration: &Value) -> bool {
    let declared = serde_json::from_value::<InputDeclaration>(declaration.clone());
    let schema = declared.ok().and_then(|declared| declared.to_schema().ok());
    schema.is_some() && schema == OutputType(input.kind.clone()).to_schema().ok()
}
