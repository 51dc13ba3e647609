//! `partita plan --placement`: where and when a plan's tasks would be done, without asking anybody.

use serde_json::Value;

use crate::binary::Sandbox;

const CLUSTER: &str = "cluster:\n  servers:\n    - { name: fast, url: 'http://127.0.0.1:1', \
    weight: 2.0 }\n    - { name: slow, url: 'http://127.0.0.1:2' }\n  limits: { resources: { search: 1 } }\n";

const PATTERN: &str = "pattern: { name: p, summary: Two models. }\nteam: { name: t, agents: [{ role: \
    A, model: 'a:8b' }, { role: B, model: 'b:8b' }] }\ntasks:\n  a1: { agent: a, prompt: x, \
    estimate: 60s }\n  a2: { agent: a, prompt: x, estimate: 60s }\n  b1: { agent: b, prompt: x, \
    estimate: 60s, takes: [search] }\n  b2: { agent: b, prompt: x, estimate: 60s, takes: [search] }\n";
