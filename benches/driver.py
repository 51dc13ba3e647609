"""Writes a workload as a pattern and a cluster of ours: WORKLOAD URLS DIR (see driver.sh)."""

import json
import sys
from pathlib import Path


def name(identifier):
    """An id as a name of the language."""
    return "t_" + identifier.replace("-", "_")


def prompt(task):
    """What a task is asked: its text, and below it the answers of those that it needs."""
    lines = [task["prompt"]]
    if task["deps"]:
        lines += ["", "Results so far:"]
        lines += ["{{ tasks.%s.output }}" % name(needed) for needed in task["deps"]]
    return "\n".join(lines)


def main(workload, urls, folder):
    workload = json.loads(Path(workload).read_text())
    stub = workload["stub"]
    most = workload["max_concurrency"]
    tasks = {
        name(task["id"]): {"agent": "worker", "model": task["model"], "prompt": prompt(task)}
        for task in workload["tasks"]
    }
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
