//! Local names of a template and what conditions say of them.

use std::collections::BTreeMap;

use crate::language::template::value_type::Type;

/// What templates set, and what is known of it inside loops and conditions.
#[derive(Debug)]
pub(super) struct Names {
    scopes: Vec<BTreeMap<String, Type>>,
    narrowed: Vec<Narrowing>,
}

/// What a condition says of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Narrowing {
    /// The path, as its names: `["tasks", "draft", "output"]`.
    pub(super) path: Vec<String>,
    /// What it is where the condition holds; `None` ends what was known, since a name of the
    /// path means something else here.
    pub(super) value: Option<Type>,
}

impl Names {
    pub(super) fn new() -> Names {
        Names { scopes: vec![BTreeMap::new()], narrowed: Vec::new() }
    }

    pub(super) fn local(&self, name: &str) -> Option<&Type> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Sets a name where it stands.
    pub(super) fn set(&mut self, name: &str, value: Type) {
        for known in &mut self.narrowed {
            if known.path.first().is_some_and(|first| first == name) {
                known.value = None;
            }
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), value);
        }
    }

    /// What a name of the innermost scope was set to.
    pub(super) fn own(&self, name: &str) -> Option<&Type> {
        self.scopes.last()?.get(name)
    }

    /// Opens a scope with these names; what it returns closes it.
    pub(super) fn enter(&mut self, names: BTreeMap<String, Type>) -> Entered {
        let entered = Entered { narrowed: self.narrowed.len() };
        let hidden = names.keys().map(|name| Narrowing { path: vec![name.clone()], value: None });
        self.narrowed.extend(hidden);
        self.scopes.push(names);
        entered
    }

    pub(super) fn leave(&mut self, entered: &Entered) {
        self.scopes.pop();
        self.narrowed.truncate(entered.narrowed);
    }

    /// Takes in what a condition says, until [`Names::forget`].
    pub(super) fn learn(&mut self, facts: &[Narrowing]) -> Entered {
        let entered = Entered { narrowed: self.narrowed.len() };
        self.narrowed.extend_from_slice(facts);
        entered
    }

    pub(super) fn forget(&mut self, entered: &Entered) {
        self.narrowed.truncate(entered.narrowed);
    }

    /// Whether any condition has said anything.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.narrowed.is_empty()
    }

    /// What the conditions around say of a path.
    pub(super) fn narrowing(&self, path: &[String]) -> Option<&Type> {
        let about = self.narrowed.iter().rev().find(|known| match &known.value {
            Some(_) => known.path == path,
            None => known.path.first() == path.first(),
        });
        about?.value.as_ref()
    }
}

/// How much was known before.
#[derive(Debug)]
pub(super) struct Entered {
    narrowed: usize,
}
