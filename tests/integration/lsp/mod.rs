//! The language server as editors see it: the real binary over its streams.

mod asking;
mod editor;
mod findings;
mod prefixes;
mod protocol;
mod renaming;

/// A team with ids and without.
const TEAM: &str = "\
team: { name: crew, purpose: Writes what others read }
agents:
  - { role: Market Analyst, purpose: Knows the market }
  - { role: Lead Editor, id: boss, purpose: Decides }
";

/// A pattern that others use.
const REVIEW: &str = "\
pattern: { name: review, summary: Reads a text and gives it a mark. }
team: crew
inputs:
  text: { type: string, description: The text }
tasks:
  read:
    agent: boss
    prompt: \"Give a mark to: {{ inputs.text }}\"
    output: { mark: integer, reasons: [string] }
outputs:
  mark: \"{{ tasks.read.output.mark }}\"
";

/// A pattern that uses it, with names in scalars of every style.
const LAUNCH: &str = "\
pattern: { name: launch, summary: Writes about a topic and has it read. }
team: crew
inputs:
  topic: { type: string, description: \"About what 😀\" }
tasks:
  market:
    agent: Market Analyst
    prompt: >-
      Say what buyers of {{ inputs.topic }}
      expect of {{ inputs['topic'] }}.
    output: { needs: [string] }
  draft:
    agent: 'market_analyst'
    prompt: \"😀 {{ tasks.market.output.needs | bullets }}\\n{{ tasks[\\\"market\\\"].status }}\"
  check:
    uses: review
    with: { text: '{{ tasks.draft.output }}' }
    when: tasks.draft.status == 'succeeded'
    needs: [market]
  all:
    synthesize:
      from: [market, draft]
      strategy: custom
      template: |
        {{ results.market.needs | bullets }}
        {% for need in tasks.market.output.needs %}{{ need }}{% endfor %}
outputs:
  text: \"{{ tasks.all.output }}\"
  mark: \"{{ tasks.check.output.mark }}\"
";

const PROJECT: &[(&str, &str)] = &[
    ("teams/crew.yaml", TEAM),
    ("patterns/review.yaml", REVIEW),
    ("patterns/launch.yaml", LAUNCH),
];
