//! The elements of SVG pictures, whatever they show.

use std::fmt::Write as _;

/// A rectangle, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A line of text.
pub(super) struct Line<'a> {
    pub(super) class: &'a str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: &'a str,
}

/// Writes a line of text.
pub(super) fn text(line: &Line<'_>, svg: &mut String) {
    let _ = writeln!(
        svg,
        "<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>",
        line.class,
        number(line.x),
        number(line.y),
        escaped(line.text)
    );
}

/// The place and size of a rectangle as attributes.
pub(super) fn attributes(area: Area) -> String {
    format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        number(area.x),
        number(area.y),
        number(area.width),
        number(area.height)
    )
}

/// A number with at most one decimal.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text as XML has it. Characters that XML does not have are left out.
pub(in crate::interface::report) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if character.is_control() => {}
            _ => escaped.push(character),
        }
    }
    escaped
}
