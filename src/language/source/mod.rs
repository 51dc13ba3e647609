//! Text, byte spans, and the YAML parser's only home.
