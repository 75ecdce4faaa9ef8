"""Celery: tasks that wait in a durable queue, one worker with a prefork pool, from the first to the last that runs."""
import logging
import threading
import time

from bench_tasks import PROCESSES, app, first_at, last_at, noop, settings
from program import INPUT, TASKS, report

for _ in range(TASKS):
    noop.apply_async(kwargs=INPUT)


def watch():
    while last_at.value == 0:
        time.sleep(0.01)
    report({"tasksPerSecond": TASKS / (last_at.value - first_at.value)}, settings())


logging.disable(logging.INFO)
threading.Thread(target=watch, daemon=True).start()
app.Worker(concurrency=PROCESSES, pool="prefork", loglevel="WARNING", without_mingle=True, without_gossip=True, without_heartbeat=True, optimization="fair").start()
