//! `schemas/` is what the types say.

use partita::language::document::{DocumentKind, schema};

use crate::support::current;

#[test]
fn the_schemas_are_current() {
    for kind in DocumentKind::ALL {
        let text = serde_json::to_string_pretty(schema(kind)).expect("JSON") + "\n";
        current(&format!("schemas/{}.json", kind.as_str()), &text);
    }
}
