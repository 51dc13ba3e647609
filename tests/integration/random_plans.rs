//! Random patterns as YAML, from a seed: waves, needs, conditions, gates, syntheses, patterns
//! inside patterns inside patterns, retries and fallbacks.

use std::fmt::Write as _;

use crate::support::Dice;

/// The models that tasks ask, that of most first.
pub(crate) const MODELS: [&str; 3] = ["llama3.1:8b", "mistral:7b", "qwen3:4b"];

const INNER: &str = "
pattern: { name: inner }
team: { name: inner_team, agents: [{ role: Helper }, { role: Other }] }
inputs: { subject: string }
waves:
  - name: look
    tasks:
      one: { agent: helper, prompt: 'One: {{ inputs.subject }}' }
      two: { agent: other, prompt: 'Two: {{ inputs.subject }}' }
  - name: join
    tasks:
      both: { synthesize: { from: [one, two], strategy: merge_all } }
outputs: { both: '{{ tasks.both.output }}' }
";

const MIDDLE: &str = "
pattern: { name: middle }
team: { name: middle_team, agents: [{ role: Mid }] }
inputs: { subject: string }
waves:
  - name: first
    tasks:
      begin: { agent: mid, prompt: 'Begin {{ inputs.subject }}', retry: { max_attempts: 2, backoff: 50ms..1s } }
      deep: { uses: inner, with: { subject: '{{ inputs.subject }}' }, on_failure: continue }
  - name: then
    barrier: false
    tasks:
      after: { agent: mid, prompt: \"{{ tasks.deep.output | default('none') }}\", on_failure: { fallback: '-' } }
outputs: { both: '{{ tasks.begin.output }}', after: '{{ tasks.after.output }}' }
";

/// The texts of a random pattern, the outer one first.
pub(crate) fn random_pattern(seed: u64) -> Vec<(&'static str, String)> {
    let mut dice = Dice::new(seed);
    let mut text = String::from(
        "pattern: { name: outer }\nteam: { name: outer_team, agents: [{ role: Lead, instructions: \
         '{LONG}' }, { role: Hand, reports_to: Lead, instructions: '{LONG} By hand.' }] }\ninputs: { topic: { type: string, default: tea } }\ndefaults: \
         { timeout: { total: 2m, first_token: 20s, silence: 10s, load: 30s }, retry: { \
         max_attempts: 4, backoff: 100ms..2s } }\n",
    );
    // So long that the engine looks where it was read.
    let long = "Weigh every word that you write. ".repeat(50);
    text = text.replace("{LONG}", long.trim());
    let waves = if dice.one_in(4) { 0 } else { 1 + dice.below(4) };
    let mut names: Vec<(String, Kind)> = Vec::new();
    if waves == 0 {
        text.push_str("tasks:\n");
        let count = 2 + dice.below(8);
        for _ in 0..count {
            let earlier = names.clone();
            task(&mut dice, &mut names, &earlier, "  ", &mut text);
        }
    } else {
        text.push_str("waves:\n");
        for wave in 0..waves {
            let barrier = if dice.one_in(4) { "\n    barrier: false" } else { "" };
            let _ = writeln!(text, "  - name: wave_{wave}{barrier}\n    tasks:");
            let earlier = names.clone();
            for _ in 0..1 + dice.below(5) {
                task(&mut dice, &mut names, &earlier, "      ", &mut text);
            }
        }
    }
    let mut text = with_priorities(&text, seed);
    text.push_str("outputs:\n  topic: '{{ inputs.topic }}'\n");
    for (name, _) in names.iter().filter(|(_, kind)| *kind != Kind::Raced) {
        let _ = writeln!(text, "  {name}: \"{{{{ tasks.{name}.output | default('none') }}}}\"");
    }
    vec![("outer.yaml", text), ("inner.yaml", INNER.to_owned()), ("middle.yaml", MIDDLE.to_owned())]
}

/// Some tasks of every other plan are more urgent than others, or less.
fn with_priorities(text: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x0b5e);
    let has_priorities = dice.one_in(2);
    let mut lines = String::new();
    for line in text.lines() {
        let priority = ["low", "high"][dice.below(2) as usize];
        let asks = line.split_once(": { ").filter(|(_, rest)| rest.starts_with("agent:"));
        let line = match asks.filter(|_| has_priorities && dice.one_in(3)) {
            Some((name, rest)) => format!("{name}: {{ priority: {priority}, {rest}"),
            None => line.to_owned(),
        };
        let _ = writeln!(lines, "{line}");
    }
    lines
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Free,
    Scored,
    Other,
    Gate,
    /// A list, of what was done several times.
    Several,
    /// The same, where it depends on time which of it is done: nothing may be made of that.
    Raced,
}

fn task(
    dice: &mut Dice,
    names: &mut Vec<(String, Kind)>,
    earlier: &[(String, Kind)],
    indent: &str,
    text: &mut String,
) {
    let name = format!("t{}", names.len());
    let any = |dice: &mut Dice| {
        (!earlier.is_empty()).then(|| {
            let place = usize::try_from(dice.below(earlier.len() as u64)).expect("small");
            earlier[place].clone()
        })
    };
    let pick = |dice: &mut Dice| any(dice).filter(|(_, kind)| *kind != Kind::Raced);
    let mut body = String::new();
    let kind = match (dice.below(10), pick(dice)) {
        (0, Some((source, kind))) => {
            let mut from = vec![source.clone()];
            let mut may_be_empty = kind == Kind::Several;
            if let Some((other, kind)) = pick(dice).filter(|(other, _)| *other != source) {
                from.push(other);
                may_be_empty |= kind == Kind::Several;
            }
            synthesis(&from, may_be_empty, dice, &mut body);
            Kind::Other
        }
        (1, Some((other, Kind::Scored))) => {
            let _ = write!(body, "gate: check, condition: tasks.{other}.output.score >= 0");
            Kind::Other
        }
        (2, _) => {
            body.push_str(
                "gate: approval, ask: 'Go?', options: [go, stop], default: stop, deadline: 1h",
            );
            Kind::Gate
        }
        (3, _) => {
            let used = if dice.one_in(3) { "middle" } else { "inner" };
            let _ = write!(body, "uses: {used}, with: {{ subject: '{{{{ inputs.topic }}}}' }}");
            Kind::Other
        }
        (4 | 5, _) => {
            body.push_str(
                "agent: hand, prompt: 'Score {{ inputs.topic }}', output: { score: integer, why: string }",
            );
            if dice.one_in(3) {
                let stop = ["when_decided", "early", "at_end"][dice.below(3) as usize];
                let count = 2 + dice.below(7);
                let _ = write!(body, ", samples: {{ count: {count}, stop: {stop}, on: score }}");
            }
            Kind::Scored
        }
        (7, _) => in_rounds(dice, &mut body),
        (8, Some((other, Kind::Free | Kind::Scored))) => review_of(&other, dice, &mut body),
        (6, Some((other, Kind::Several))) => for_items_of(&other, dice, &mut body),
        (6, _) => for_items(dice, &mut body),
        (_, Some((other, _))) if dice.one_in(2) => {
            let guard = if dice.one_in(2) { " | default('nothing')" } else { "" };
            let _ = write!(
                body,
                "agent: lead, prompt: \"Go on from {{{{ tasks.{other}.output{guard} }}}}\""
            );
            Kind::Free
        }
        _ => {
            body.push_str("agent: hand, prompt: 'Say something of {{ inputs.topic }}'");
            Kind::Free
        }
    };
    if matches!(kind, Kind::Free | Kind::Scored) && dice.one_in(3) {
        let takes = ["[search]", "{ search: 2 }", "[search, disk]", "{ disk: 3 }"];
        let _ = write!(body, ", takes: {}", takes[dice.below(4) as usize]);
    }
    if matches!(kind, Kind::Free | Kind::Scored) && dice.one_in(2) {
        let _ = write!(body, ", model: '{}'", MODELS[dice.below(3) as usize]);
    }
    if let Some((other, kind)) = pick(dice).filter(|_| dice.one_in(4)) {
        match kind {
            Kind::Gate if dice.one_in(2) => {
                let _ = write!(body, ", when: \"tasks.{other}.choice == 'go'\"");
            }
            _ => {
                let _ = write!(body, ", needs: [{other}]");
            }
        }
    }
    match dice.below(6) {
        0 => body.push_str(", on_failure: continue"),
        1 => body.push_str(", on_failure: { fallback: instead }"),
        _ => {}
    }
    let _ = writeln!(text, "{indent}{name}: {{ {body} }}");
    names.push((name, kind));
}

/// One result of several.
///
/// Of nothing nobody can choose: lists that may be empty are only put together.
fn synthesis(from: &[String], may_be_empty: bool, dice: &mut Dice, body: &mut String) {
    let strategies = [
        "merge_all",
        "use_first_result",
        "consensus",
        "vote",
        "vote, tie: agent, agent: lead",
        "best_of, criteria: 'Which is better?'",
    ];
    let strategy = strategies[dice.below(if may_be_empty { 3 } else { 6 }) as usize];
    let _ = write!(body, "synthesize: {{ from: [{}], strategy: {strategy} }}", from.join(", "));
}

/// A task that is done until it is good enough.
fn in_rounds(dice: &mut Dice, body: &mut String) -> Kind {
    let how = [
        "until: output.score > 0, max: 2",
        "until: output.score > 90, max: 3, best: output.score, patience: 1",
        "until: round > 1, max: 2, unmet: fail",
        "max: 3, best: 'output.score + round'",
    ][dice.below(4) as usize];
    let _ = write!(
        body,
        "repeat: {{ {how} }}, agent: hand, output: {{ score: integer }}, \
         prompt: \"Score {{{{ inputs.topic }}}}, {{{{ round }}}}: {{{{ previous or 'first' }}}}\""
    );
    Kind::Other
}

/// A gate at which agents decide on what another task gave.
fn review_of(other: &str, dice: &mut Dice, body: &mut String) -> Kind {
    let who = ["reviewers: [hand]", "reviewers: [lead, hand], require: majority"];
    let again = ["", ", revise: {}", ", revise: { agent: lead, max: 2 }"];
    let _ = write!(
        body,
        "gate: review, of: tasks.{other}.output, criteria: {{ true: 'It is true.', short: 'It is short.' }}, \
         {}{}",
        who[dice.below(2) as usize],
        again[dice.below(3) as usize]
    );
    Kind::Other
}

/// A task for each item of a list that is written out.
fn for_items(dice: &mut Dice, body: &mut String) -> Kind {
    let lists = [("[]", 0), ("[a]", 1), ("[a, b, c]", 3), ("{ x: first, y: second }", 2)];
    let (items, count) = lists[dice.below(4) as usize];
    let work = [
        "agent: hand, prompt: 'Say something of {{ item }}, number {{ index }}'",
        "agent: lead, prompt: 'Score {{ key }} for {{ inputs.topic }}', output: { score: integer }",
        "uses: inner, with: { subject: '{{ item }}' }",
        "uses: middle, with: { subject: '{{ inputs.topic }}' }",
    ][dice.below(4) as usize];
    let (how, kind) = several(dice, count);
    let _ = write!(body, "for_each: {{ in: {items}, {how} }}, {work}");
    kind
}

/// A task for each of what another did several times.
fn for_items_of(other: &str, dice: &mut Dice, body: &mut String) -> Kind {
    let (how, kind) = several(dice, 0);
    let _ = write!(
        body,
        "for_each: {{ in: '{{{{ tasks.{other}.items }}}}', as: earlier, {how} }}, agent: hand, \
         prompt: 'Go on from {{{{ earlier.key }}}}'"
    );
    kind
}

/// How something is done several times, for so many items at least, so that it can succeed.
fn several(dice: &mut Dice, items: u64) -> (String, Kind) {
    let require = ["all", "none", "any", "2"][dice.below((items + 2).min(4)) as usize];
    let stop = ["on_failure", "at_end", "when_decided"][dice.below(3) as usize];
    let parallel = match dice.below(4) {
        0 => String::new(),
        most => format!(", parallel: {most}"),
    };
    let kind = if stop == "when_decided" { Kind::Raced } else { Kind::Several };
    (format!("require: {require}, stop: {stop}{parallel}"), kind)
}
