#!/usr/bin/env python3
"""Makes the three dashboards beside it. Each panel is a title, a unit and expressions; run it after a change here, and commit what it writes."""
import json
import pathlib

DASHBOARDS = {
    "philotes-pipeline": ("Philotes: pipeline", [
        ("Changes into the buffer", "ops", ["sum(rate(philotes_capture_events_total[1m]))"]),
        ("Changes into the lake", "ops", ["sum(rate(philotes_events_committed_total[1m]))"]),
        ("Age of the newest sign of life", "s", ["max by (stage) (philotes_heartbeat_age_seconds)"]),
        ("Changes that the lake lacks", "short", ["sum(philotes_table_pending_events)"]),
        ("Stalest table", "s", ["max(philotes_table_freshness_seconds)"]),
        ("Buffer", "bytes", ["philotes_buffer_bytes", "philotes_buffer_limit_bytes"]),
        ("Time until the buffer is full", "s", ["philotes_buffer_seconds_to_full"]),
        ("Age of the oldest change in the buffer", "s", ["philotes_buffer_oldest_seconds"]),
        ("Commit at the source to commit in the buffer, 99 %", "s", ["histogram_quantile(0.99, sum by (le) (rate(philotes_capture_commit_to_durable_seconds_bucket[5m])))"]),
        ("Seconds of a batch, by phase, 90 %", "s", ["histogram_quantile(0.9, sum by (le, phase) (rate(philotes_batch_seconds_bucket[5m])))"]),
        ("Batches in flight", "short", ["sum(philotes_batches_in_flight)"]),
        ("Failures", "ops", ["sum by (code) (rate(philotes_batch_failures_total[5m]))"]),
        ("Requests to the catalog", "ops", ["sum by (op, status) (rate(philotes_catalog_requests_total[5m]))"]),
        ("Seconds of a request to the catalog, 99 %", "s", ["histogram_quantile(0.99, sum by (le, op) (rate(philotes_catalog_requests_seconds_bucket[5m])))"]),
        ("Requests to the store", "ops", ["sum by (op, status) (rate(philotes_store_requests_total[5m]))"]),
        ("Checks that fail", "short", ['philotes_doctor_checks{result="fail"} > 0']),
    ]),
    "philotes-tables": ("Philotes: tables", [
        ("Freshness", "s", ["philotes_table_freshness_seconds"]),
        ("Pending changes", "short", ["philotes_table_pending_events"]),
        ("Behind in the source's log", "bytes", ["philotes_table_pending_bytes"]),
        ("Not active", "short", ['philotes_table_state{state=~"blocked|paused"} == 1']),
        ("Open dead letters", "short", ["philotes_dead_letters_open > 0"]),
        ("Parked", "ops", ["sum by (code) (rate(philotes_events_parked_total[5m]))"]),
        ("Files written", "ops", ["sum(rate(philotes_files_written_total[5m]))"]),
        ("Changes a batch, median", "short", ["histogram_quantile(0.5, sum by (le) (rate(philotes_batch_rows_bucket[15m])))"]),
        ("Commits without a trustworthy answer", "short", ["philotes_commit_unknown_open"]),
        ("Conflicts", "ops", ["sum(rate(philotes_catalog_conflicts_total[5m]))"]),
    ]),
    "philotes-source": ("Philotes: source and slot", [
        ("State of capture", "short", ["philotes_capture_state"]),
        ("Log kept for us", "bytes", ["philotes_slot_retained_bytes"]),
        ("Log behind what we acknowledged", "bytes", ["philotes_slot_confirmed_lag_bytes"]),
        ("Time until the slot is lost", "s", ["philotes_slot_seconds_to_loss"]),
        ("Status of the slot", "short", ["philotes_slot_wal_status"]),
        ("Log written", "Bps", ["philotes_source_wal_bytes_per_second"]),
        ("Spilled while decoding", "Bps", ["rate(philotes_slot_spill_bytes_total[5m])"]),
        ("Received, durable, acknowledged", "short", ["philotes_capture_received_lsn", "philotes_capture_durable_lsn", "philotes_capture_acked_lsn"]),
        ("Flushes", "ops", ["sum(rate(philotes_capture_flush_seconds_count[1m]))"]),
        ("Seconds of a flush, 99 %", "s", ["histogram_quantile(0.99, sum by (le) (rate(philotes_capture_flush_seconds_bucket[5m])))"]),
        ("Waiting for the buffer", "short", ["philotes_capture_backpressure", "philotes_capture_buffer_full"]),
        ("Reconnects", "ops", ["sum by (reason) (rate(philotes_reconnects_total[15m]))"]),
    ]),
}


def panel(index, title, unit, expressions):
    return {
        "id": index + 1,
        "type": "timeseries",
        "title": title,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"h": 8, "w": 12, "x": 12 * (index % 2), "y": 8 * (index // 2)},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": chr(65 + i), "expr": expression} for i, expression in enumerate(expressions)],
    }


def dashboard(uid, title, panels):
    return {
        "uid": uid,
        "title": title,
        "tags": ["philotes"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": [panel(i, *one) for i, one in enumerate(panels)],
    }


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    for uid, (title, panels) in DASHBOARDS.items():
        (here / f"{uid}.json").write_text(json.dumps(dashboard(uid, title, panels), indent=2) + "\n", encoding="utf-8")
