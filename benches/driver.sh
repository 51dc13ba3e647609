#!/bin/sh
# driver.sh prepare|run|cleanup WORKLOAD URLS DIR: runs a graph of tasks from a JSON file on servers
# that are there, for comparisons with other engines.
#
# WORKLOAD  {"stub": {"num_parallel", "max_loaded"}, "max_concurrency",
#           "tasks": [{"id", "model", "deps": [ids], "prompt"}]}
# URLS      base URLs of servers, with commas between
# DIR       a folder of this run's own; `run` leaves result.json there: {"makespan_ms"}
#
# PARTITA names the binary (default: that of the release build).
set -eu
# Without a command, as `run` is timed.
case $0 in
  /*) here=${0%/*} ;;
  */*) here=$PWD/${0%/*} ;;
  *) here=$PWD ;;
esac
partita=${PARTITA:-$here/../target/release/partita}
action=$1 workload=$2 urls=$3 folder=$4

case $action in
  prepare)
    python3 "$here/driver.py" "$workload" "$urls" "$folder"
    ;;
  run)
    cd "$folder"
    PARTITA_JOURNAL="$folder/journal" "$partita" run flow.yaml --cluster cluster.yaml \
      --json --quiet > report.json
    sed -n 's/^ *"makespan_ms": *\([0-9.]*\).*/{"makespan_ms": \1}/p' report.json | head -n 1 \
      > result.json
    ;;
  cleanup) ;;
  *)
    echo "unknown action: $action" >&2
    exit 2
    ;;
esac
