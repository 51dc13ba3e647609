//! What documents become: who does what, and in which order.

use crate::support::plan;

#[test]
fn a_stand_in_takes_the_place_of_an_unnamed_lead() {
    let plan = plan(&[
        (
            "caller.yaml",
            "pattern: { name: caller }\nteam: { name: t, agents: [{ role: Boss }] }\ntasks:\n  x: { \
             uses: callee, agents: { chief: boss } }\n",
        ),
        (
            "callee.yaml",
            "pattern: { name: callee }\nteam: { name: u, agents: [{ role: Chief }, { role: W, \
             reports_to: Chief }] }\ntasks:\n  a: { agent: w, prompt: x }\n  c: { synthesize: { from: \
             [a], strategy: consensus } }\n",
        ),
    ]);
    let agent = |path: &str| {
        let task = plan.task(plan.find(path).expect("a task"));
        plan.agent_of(task).expect("an agent").agent.id.to_string()
    };
    assert_eq!((agent("x/a").as_str(), agent("x/c").as_str()), ("w", "boss"));
}
