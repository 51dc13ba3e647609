//! Random patterns as YAML, from a seed: waves, needs, conditions, gates, syntheses, patterns
//! inside patterns inside patterns, plans of agents, retries and fallbacks, messages and what starts on them, posts.

mod staff;

use std::collections::BTreeMap;
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
    let mut text = with_messages(&with_tools(&with_priorities(&text, seed), seed), seed);
    text = with_escalations(&with_compensations(&text, seed), seed);
    text = with_wishes(&text, seed);
    text.push_str("outputs:\n  topic: '{{ inputs.topic }}'\n");
    for (name, _) in names.iter().filter(|(_, kind)| *kind != Kind::Raced) {
        let _ = writeln!(text, "  {name}: \"{{{{ tasks.{name}.output | default('none') }}}}\"");
    }
    // Inside of patterns as well, where the outer one has such tasks.
    let undo = compensation("helper");
    let inner = match text.contains("compensate:") {
        true => INNER.replace("one: { agent: helper,", &format!("one: {{ {undo}, agent: helper,")),
        false => INNER.to_owned(),
    };
    let mut texts =
        vec![("outer.yaml", text), ("inner.yaml", inner), ("middle.yaml", MIDDLE.to_owned())];
    staff::with_posts(&mut texts, seed);
    texts
}

/// Skills that the agents of random patterns have.
const SKILLS: &str = "skills: [weighing, writing]";

/// In every other plan some tasks say how hard they are, what their agent must be able to do, and how long they may
/// take; what is asked for a task that is so hard is said for some of the three.
fn with_wishes(text: &str, seed: u64) -> String {
    const MODELS_BY_COMPLEXITY: [&str; 4] = [
        "models: { low: 'qwen3:4b', medium: 'mistral:7b', high: 'llama3.1:8b' }",
        "models: { low: 'mistral:7b', high: 'qwen3:4b' }",
        "models: { medium: 'qwen3:4b' }",
        "models: {}",
    ];
    let mut dice = Dice::new(seed ^ 0x5a11);
    if dice.one_in(2) {
        return text.to_owned();
    }
    let models = MODELS_BY_COMPLEXITY[dice.below(4) as usize];
    let text = text
        .replace("defaults: { ", &format!("defaults: {{ {models}, "))
        .replace("{ role: Lead, ", &format!("{{ role: Lead, {SKILLS}, "))
        .replace("{ role: Hand, ", &format!("{{ role: Hand, {SKILLS}, "));
    let mut lines = String::new();
    for line in text.lines() {
        let Some(task) = line.strip_suffix(" }").filter(|_| task_name(line).is_some()) else {
            let _ = writeln!(lines, "{line}");
            continue;
        };
        let mut task = task.to_owned();
        if asks(line) && dice.one_in(2) {
            let how = ["low", "medium", "high"][dice.below(3) as usize];
            let _ = write!(task, ", complexity: {how}");
        }
        let is_of_agent = line.contains("agent: ") && line.contains("prompt: ");
        let is_other = ["synthesize:", "expand:", "gate:", "uses:", "tool:"];
        let is_other = is_other.iter().any(|key| line.contains(key));
        if is_of_agent && !is_other && dice.one_in(4) {
            task.push_str(", skills: [writing]");
        }
        if dice.one_in(2) {
            let time = ["3s", "20s", "2m", "2h"][dice.below(4) as usize];
            let _ = write!(task, ", sla: {time}");
        }
        let _ = writeln!(lines, "{task} }}");
    }
    lines
}

/// A pattern whose tasks say neither what their agents must be able to do nor how long they may take.
pub(crate) fn without_promises(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        if task_name(&line).is_some() {
            line = line.replace(", skills: [writing]", "");
            if let Some((before, _)) = line.split_once(", sla: ") {
                line = format!("{before} }}");
            }
        }
        let _ = writeln!(lines, "{line}");
    }
    lines
}

/// The model that each task of a random pattern names, or that is named for tasks as hard as it.
pub(crate) fn models_named(text: &str) -> BTreeMap<String, Option<String>> {
    let quoted = |text: &str| text.split('\'').nth(1).map(str::to_owned);
    let of_complexity = |how: &str| {
        let defaults = text.lines().find(|line| line.starts_with("defaults:"))?;
        let models = defaults.split_once("models: {")?.1.split('}').next()?;
        quoted(models.split_once(&format!("{how}: "))?.1)
    };
    let named = |line: &str| {
        // What is named for those who take a failed task up is theirs.
        let own = line.split("on_failure:").next().unwrap_or_default();
        let own = own.split_once(", model: ").and_then(|(_, model)| quoted(model));
        own.or_else(|| {
            let how = line.split_once(", complexity: ")?.1;
            of_complexity(how.split([',', ' ']).next()?)
        })
    };
    text.lines().filter_map(|line| Some((task_name(line)?.to_owned(), named(line)))).collect()
}

/// The line of a task.
pub(crate) fn line_of<'t>(text: &'t str, name: &str) -> &'t str {
    text.lines().find(|line| task_name(line) == Some(name)).unwrap_or_default()
}

/// The name of the task that a line is.
fn task_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(": {")?;
    let name = name.trim_start();
    let number = name.strip_prefix('t')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// Whether a model is asked for a task of the outer pattern itself.
fn asks(line: &str) -> bool {
    let is_asked = ["consensus", "best_of", "agent: lead"];
    match line {
        _ if line.contains("synthesize:") => is_asked.iter().any(|key| line.contains(key)),
        _ if line.contains("expand:") || line.contains("gate: review") => true,
        _ if ["uses:", "tool:", "gate:", "send:"].iter().any(|key| line.contains(key)) => false,
        _ => line.contains("agent: ") && line.contains("prompt: "),
    }
}

/// A pattern in which tools are called that may change something, and are not called again.
pub(crate) fn without_repetition(seed: u64) -> Option<Vec<(&'static str, String)>> {
    let mut texts = random_pattern(seed);
    let again = ", retry: { max_attempts: 9, classes: [tool_failed, tool_lost] }";
    if !texts[0].1.contains(again) {
        return None;
    }
    texts[0].1 = texts[0].1.replace(again, "");
    Some(texts)
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

/// In every other plan some tasks call tools instead of agents: one that changes nothing, or one that may be
/// called again all the same.
fn with_tools(text: &str, seed: u64) -> String {
    const ASKS: &str = "{ agent: hand, prompt: 'Say something of {{ inputs.topic }}'";
    const READS: &str = "{ tool: read_file, with: { path: '{{ inputs.topic }}.md' }, estimate: 2s, retry: { \
                         max_attempts: 9 }";
    const ADDS: &str = "{ tool: desk.add, with: { text: '{{ inputs.topic }}' }, estimate: 3s, retry: { \
                        max_attempts: 9, classes: [tool_failed, tool_lost] }";
    let mut dice = Dice::new(seed ^ 0x7001);
    if dice.one_in(2) {
        return text.to_owned();
    }
    let mut lines =
        String::from("tools: { workspace: docs, servers: { desk: { command: desk } } }\n");
    for line in text.lines() {
        let name = line.trim_start().split(':').next().unwrap_or_default();
        // Only an agent does again what reviewers do not pass.
        let is_reviewed = text.contains(&format!("of: tasks.{name}.output"));
        let may = line.contains(ASKS)
            && !line.contains(", takes:")
            && !line.contains(", model:")
            && !is_reviewed;
        let called = if dice.one_in(2) { READS } else { ADDS };
        let line = match may && dice.one_in(2) {
            true => line.replace(ASKS, called),
            false => line.to_owned(),
        };
        let _ = writeln!(lines, "{line}");
    }
    lines
}

/// What undoes a task.
fn compensation(agent: &str) -> String {
    format!("compensate: {{ agent: {agent}, prompt: 'Undo {{{{ output }}}}' }}")
}

/// A pattern in which nothing can be undone.
pub(crate) fn without_compensations(text: &str) -> String {
    let text = text.replace(&format!("{}, ", compensation("lead")), "");
    text.replace(&format!("{}, ", compensation("helper")), "")
}

/// A pattern in which some tasks must not be done twice.
pub(crate) fn with_tasks_done_once(text: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x0e1f);
    let mut lines = String::new();
    for line in text.lines() {
        let asks = line.split_once(": { agent:");
        // What is done once is taken up by people only.
        let asks = asks.filter(|(name, rest)| {
            !name.contains('{') && !rest.contains("samples:") && !rest.contains("escalate:")
        });
        let line = match asks.filter(|_| dice.one_in(2)) {
            Some((name, rest)) => format!("{name}: {{ effect: once, agent:{rest}"),
            None => line.to_owned(),
        };
        let _ = writeln!(lines, "{line}");
    }
    lines
}

/// In every other plan agents send each other messages, each with its name as the subject, and some tasks start on
/// them.
fn with_messages(text: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x3e55);
    if dice.one_in(2) {
        return text.to_owned();
    }
    let has_waves = text.contains("\nwaves:\n");
    // Of earlier waves, or without waves of all tasks above: what can be read, and what can be awaited.
    let (mut readable, mut topics): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut read_later, mut told_later): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut lines, mut count) = (String::new(), 0);
    let pick = |dice: &mut Dice, from: &[String]| -> Option<String> {
        let place = usize::try_from(dice.below(from.len() as u64)).expect("small");
        from.get(place).cloned()
    };
    for line in text.lines() {
        if line.trim_start().starts_with("- name:") {
            readable.append(&mut read_later);
            topics.append(&mut told_later);
        }
        let task = line.split_once(": { ").filter(|(name, _)| name.trim_start().starts_with('t'));
        let Some((name, rest)) = task.filter(|(name, _)| name.starts_with("  ")) else {
            let _ = writeln!(lines, "{line}");
            continue;
        };
        match pick(&mut dice, &topics).filter(|_| dice.one_in(3)) {
            Some(topic) => {
                // What somebody waits for gets no further sender, who might need the one that waits.
                told_later.retain(|other| has_waves || *other != topic);
                let _ = writeln!(lines, "{name}: {{ on_message: {topic}, {rest}");
            }
            None => {
                let _ = writeln!(lines, "{line}");
            }
        }
        let is_raced = rest.contains("when_decided");
        let own = Some(name.trim().to_owned()).filter(|_| !is_raced);
        if has_waves {
            read_later.extend(own);
        } else {
            readable.extend(own);
        }
        if !dice.one_in(2) {
            continue;
        }
        let topic = match pick(&mut dice, &told_later).filter(|_| dice.one_in(3)) {
            Some(topic) => topic,
            None => format!("topic_{count}"),
        };
        let read = pick(&mut dice, &readable);
        let body = read.as_ref().filter(|_| dice.one_in(2)).map_or_else(
            || "{{ inputs.topic }}".to_owned(),
            |read| format!("{{{{ tasks.{read}.output | default('-') }}}}"),
        );
        let when = read.filter(|_| dice.one_in(3)).map_or_else(String::new, |read| {
            format!("when: \"tasks.{read}.status == 'succeeded'\", ")
        });
        let to = [
            "send: broadcast",
            "send: handoff, from: hand, to: lead",
            "send: delegation, to: [hand]",
        ];
        let to = to[dice.below(3) as usize];
        let indent = &name[..name.len() - name.trim_start().len()];
        let _ = writeln!(
            lines,
            "{indent}s{count}: {{ {when}{to}, topic: {topic}, subject: '[s{count}]', body: \"{body}\" }}"
        );
        count += 1;
        if !told_later.contains(&topic) {
            told_later.push(topic.clone());
        }
        if !has_waves && !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    lines
}

/// Some tasks of every third plan can be undone, where they are done by an agent or use a pattern.
fn with_compensations(text: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x0c0f);
    let may_undo = dice.one_in(3);
    let mut lines = String::new();
    for line in text.lines() {
        let written = line.split_once(": { ").filter(|(name, rest)| {
            let is_done = ["agent:", "uses:", "for_each:", "repeat:", "priority:"];
            let is_done = is_done.iter().any(|key| rest.starts_with(key));
            let name = name.trim();
            let is_revised =
                text.lines().any(|other| other.contains(&format!("of: tasks.{name}.output")));
            let is_asked = rest.contains("agent:") || rest.contains("uses:");
            is_done
                && is_asked
                && !is_revised
                && !rest.contains("samples:")
                && !rest.contains("gate:")
                && !rest.contains("synthesize:")
                && !rest.contains("expand:")
        });
        let undo = compensation("lead");
        let line = match written.filter(|_| may_undo && dice.one_in(2)) {
            Some((name, rest)) => format!("{name}: {{ {undo}, {rest}"),
            None => line.to_owned(),
        };
        let _ = writeln!(lines, "{line}");
    }
    lines
}

/// So much time everybody has who takes a task up: more than any run takes that nothing befalls.
const IN_TIME: &str = ", after: 90h";

/// A pattern in which whoever takes a task up has little time.
pub(crate) fn in_a_hurry(text: &str) -> String {
    text.replace(IN_TIME, ", after: 20s")
}

/// In every other plan others take some tasks up where they fail, in a time that is long or not bounded.
fn with_escalations(text: &str, seed: u64) -> String {
    const LADDERS: [&str; 5] = [
        "[{ model: 'mistral:7b' }, { model: 'qwen3:4b' }]",
        "[{ agent: lead }, { agent: hand, prompt: 'Again: {{ error }} {{ answer }}' }]",
        "[{ peers: [lead, hand] }, { agent: lead }]",
        "[{ model: 'qwen3:4b' }, { peers: [hand, lead] }, { person: { default: said, deadline: 1h } }]",
        "[{ person: { ask: 'What of {{ error }}?', default: '7', deadline: 1h } }, { model: 'mistral:7b' }]",
    ];
    let mut dice = Dice::new(seed ^ 0x1add);
    let may_escalate = dice.one_in(2);
    let mut lines = String::new();
    for line in text.lines() {
        let asks = ["agent: hand,", "agent: lead,"].iter().any(|agent| {
            line.trim_start().starts_with('t') && line.contains(agent) && line.ends_with(" }")
        });
        let is_other = ["synthesize:", "expand:", "gate:", "uses:", "send:", "instructions:"];
        let may = asks && !is_other.iter().any(|key| line.contains(key));
        let ladder = LADDERS[dice.below(5) as usize];
        let after = if dice.one_in(2) { IN_TIME } else { "" };
        let line = if !(may_escalate && may && dice.one_in(2)) {
            line.to_owned()
        } else if line.contains("on_failure: continue") {
            let both = format!("on_failure: {{ escalate: {ladder}{after}, otherwise: continue }}");
            line.replace("on_failure: continue", &both)
        } else if line.contains("{ fallback: ") {
            line.replace("{ fallback: ", &format!("{{ escalate: {ladder}{after}, fallback: "))
        } else {
            let rest = line.strip_suffix(" }").expect("a task in one line");
            format!("{rest}, on_failure: {{ escalate: {ladder}{after} }} }}")
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
        (9, _) if dice.one_in(2) => as_planned(dice, &mut body),
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

/// A plan that nobody is asked for.
const PLAN_THAT_IS_THERE: &str = r#"{ "tasks": [{ "name": "last", "uses": "inner", "from": { "subject": "first" }, "needs": ["first"] }, { "name": "first", "uses": "inner", "with": { "subject": "x" }, "needs": [] }] }"#;

/// A task that an agent plans.
fn as_planned(dice: &mut Dice, body: &mut String) -> Kind {
    let catalogue =
        ["agents: [hand]", "agents: [hand, lead], patterns: [inner]", "patterns: [inner, middle]"]
            [dice.below(3) as usize];
    let more = [
        "",
        ", replan: {}",
        ", replan: { max: 2 }, synthesize: { prompt: 'Of {{ inputs.topic }}' }",
        ", synthesize: { agent: hand, prompt: 'All of it' }",
    ][dice.below(4) as usize];
    let most = 1 + dice.below(4);
    let (how, kind) = match dice.below(6) {
        0 => {
            let (how, kind) = several(dice, 2);
            (format!("for_each: {{ in: [a, b], {how} }}, "), kind)
        }
        1 => ("repeat: { until: round > 1, max: 2 }, ".to_owned(), Kind::Other),
        2 => ("for_each: [a, b], repeat: { max: 2, best: round }, ".to_owned(), Kind::Several),
        _ => (String::new(), Kind::Other),
    };
    // One that is there holds with each catalogue that has the pattern. A prompt is for who plans anew.
    let is_there = dice.one_in(3) && catalogue.contains("inner");
    let there = if is_there { format!(", plan: '{PLAN_THAT_IS_THERE}'") } else { String::new() };
    let most = if is_there { most.max(2) } else { most };
    let prompt = match is_there && !more.contains("replan:") {
        true => "",
        false => ", prompt: 'Plan {{ inputs.topic }}'",
    };
    let _ = write!(
        body,
        "{how}expand: {{ agent: lead{prompt}{there}, catalogue: {{ {catalogue} }}, max_tasks: {most}{more} }}"
    );
    kind
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
