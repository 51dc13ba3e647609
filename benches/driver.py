"""Writes a workload as a pattern and a cluster of ours: WORKLOAD URLS DIR (see driver.sh)."""

import json
import sys
from pathlib import Path


# So many answers are named one by one.
WIDE = 100

EACH_RESULT = "{% for result in results | items %}\n{{ result[1] }}{% endfor %}"


def name(identifier):
    """An id as a name of the language."""
    return "t_" + identifier.replace("-", "_")


def definition(task):
    """A task: its text, and below it the answers of those that it needs."""
    needed = [name(needed) for needed in task["deps"]]
    if len(needed) > WIDE:
        # A join of thousands is a synthesis, not a prompt with thousands of references.
        text = "%s\n\nResults so far:%s" % (task["prompt"], EACH_RESULT)
        join = {"from": needed, "strategy": "custom", "agent": "worker", "prompt": text}
        return {"synthesize": join, "model": task["model"]}
    lines = [task["prompt"]]
    if needed:
        lines += ["", "Results so far:"]
        lines += ["{{ tasks.%s.output }}" % task for task in needed]
    return {"agent": "worker", "model": task["model"], "prompt": "\n".join(lines)}


def main(workload, urls, folder):
    workload = json.loads(Path(workload).read_text())
    stub = workload["stub"]
    most = workload["max_concurrency"]
    tasks = {name(task["id"]): definition(task) for task in workload["tasks"]}
    flow = {
        "pattern": {"name": "flow"},
        "team": {"name": "crew", "agents": [{"role": "worker"}]},
        "tasks": tasks,
    }
    cluster = {
        "cluster": {
            "servers": [
                {
                    "url": url,
                    "slots": stub.get("num_parallel") or most,
                    "max_models": stub.get("max_loaded") or 1,
                }
                for url in urls.split(",")
            ],
            "max_parallel": most,
        }
    }
    # JSON is YAML.
    Path(folder, "flow.yaml").write_text(json.dumps(flow, indent=1))
    Path(folder, "cluster.yaml").write_text(json.dumps(cluster, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
