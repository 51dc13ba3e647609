//! `schemas/` is what the types say.

use partita::language::document::{DocumentKind, schema_of_types};

use crate::support::current;

#[test]
fn the_schemas_are_current() {
    for kind in DocumentKind::ALL {
        let text = serde_json::to_string_pretty(&schema_of_types(kind)).expect("JSON") + "\n";
        current(&format!("schemas/{}.json", kind.as_str()), &text);
    }
}
