"""The Celery app of the benchmarks, and its task. Counted in memory that the children of a prefork pool share."""
import multiprocessing
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from celery import Celery  # noqa: E402
from program import BROKER_URL, DATABASE_URL, TASKS, VARIANT  # noqa: E402

WITH_RESULTS = VARIANT == "results"
PROCESSES = 2
PREFETCH = 128

app = Celery("bench", broker=BROKER_URL, backend=DATABASE_URL.replace("postgres://", "db+postgresql://") if WITH_RESULTS else None)
app.conf.update(
    task_ignore_result=not WITH_RESULTS,
    worker_prefetch_multiplier=PREFETCH,
    worker_hijack_root_logger=False,
    task_default_queue="bench",
    broker_pool_limit=10,
)

ran = multiprocessing.Value("l", 0)
first_at = multiprocessing.Value("d", 0)
last_at = multiprocessing.Value("d", 0)


@app.task(name="bench.noop")
def noop(text):
    with ran.get_lock():
        if ran.value == 0:
            first_at.value = time.monotonic()
        ran.value += 1
        if ran.value == TASKS:
            last_at.value = time.monotonic()
    return {"ok": True}


def settings():
    backend = "results in Postgres" if WITH_RESULTS else "no results"
    return f"prefork, {PROCESSES} processes, prefetch {PREFETCH} each, {backend}"
