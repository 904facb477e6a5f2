"""How gunicorn serves Passerelle: `gunicorn --config docs/operator/gunicorn.conf.py wsgi:app`. See install.md."""

import logging
import os

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from prometheus_client import multiprocess

bind = os.environ.get("PASSERELLE_BIND", "unix:/run/passerelle/http.sock")
worker_class = "gthread"
workers = int(os.environ.get("PASSERELLE_WORKERS", "2"))  # as many as cores: a login is CPU time
threads = 4
preload_app = True  # keys are read once, and a configuration that is not valid ends the program at once
timeout = 30
graceful_timeout = 15
control_socket_disable = True  # the unit restarts the program, `passerelle reload` its configuration
limit_request_line = 8190  # the state of a service may be long, and so may a request that a country sends by redirect


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """A core for each worker, where there are as many as cores: its threads, of which one runs at a time, do not wander
    from core to core then, and find their data where they left it. That is a fifth of what a login costs.
    """
    cores = sorted(os.sched_getaffinity(0))
    taken = [core for other in server.WORKERS.values() for core in getattr(other, "cores", ())]
    worker.cores = {min(cores, key=taken.count)} if server.num_workers >= len(cores) else set(cores)


def post_fork(server: Arbiter, worker: Worker) -> None:
    """The worker keeps to its core, and composes of the journal's lines no more than is in them."""
    try:
        os.sched_setaffinity(0, worker.cores)
    except OSError as refused:
        server.log.warning("the workers keep to no core, which costs a fifth more: %s", refused)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """A worker that has ended is counted no longer."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)


def _journal() -> dict[str, object]:
    """The journal has a file of its own under systemd's LogsDirectory, for your rotation; else it goes to the output."""
    folder = os.environ.get("LOGS_DIRECTORY")
    if not folder:
        return {"class": "logging.StreamHandler", "formatter": "bare", "stream": "ext://sys.stdout"}
    return {"class": "logging.handlers.WatchedFileHandler", "formatter": "bare", "filename": f"{folder}/journal.log"}


class Bare(logging.Formatter):
    """The journal's lines are complete as they come."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return record.getMessage()


class NoAccessLog(Logger):
    """Addresses with codes in them, and when whom, do not belong into a file; nor is a line composed that nobody writes."""

    access_log_enabled = False


logger_class = NoAccessLog
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"bare": {"()": Bare}, "plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "errors": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"},
        "journal": _journal(),
    },
    "root": {"level": "WARNING", "handlers": ["errors"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["errors"], "propagate": False},
        "passerelle": {"level": "INFO", "handlers": ["errors"], "propagate": False},
        "passerelle.journal": {"level": "INFO", "handlers": ["journal"], "propagate": False},
    },
}
