"""The worker: works off the outbox, beside the web process or on many machines.

Rows are claimed in a short transaction of their own and worked in another; a batch that fails is
halved until what cannot be done is alone, which then waits longer each time. A worker may be
killed at any moment: its claims are given back when the next one starts, or run out.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any

from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.scripting import prepare

from bibliopolis import outbox
from bibliopolis.clock import Clock
from bibliopolis.outbox import Job

log = logging.getLogger(__name__)

LOOK = 0.5
"""Seconds between looks into an empty outbox."""
BEAT = 5.0
"""Seconds between signs of life."""


class Worker:
    """Work off the outbox until told to stop."""

    def __init__(self, registry: Registry, stop: Event | None = None) -> None:
        self.registry = registry
        self.jobs: Mapping[str, Job] = registry["bibliopolis.jobs"]
        self.clock: Clock = registry["bibliopolis.clock"]
        self.stop = stop or Event()
        self.host = socket.gethostname()
        self.name = f"{self.host}:{os.getpid()}"
        self.next_beat = 0.0
        self.next_upkeep: dict[str, float] = {}

    def run(self) -> None:
        """Work until told to stop; what is begun is finished."""
        self.take_over()
        while not self.stop.is_set():
            self.show_life()
            self.look_after()
            if not self.work_once():
                self.stop.wait(LOOK)
        with self._transaction() as request:
            outbox.forget_workers(request.db, [self.name])

    def drain(self) -> int:
        """Work until nothing is due; return how many batches that were."""
        batches = 0
        while not self.stop.is_set() and self.work_once():
            batches += 1
        return batches

    def take_over(self) -> None:
        """Give back what dead workers had claimed, unless another one is at work."""
        with self._transaction() as request:
            now = self.clock.now()
            seen = outbox.heartbeats(request.db, now)
            others = {name for name, _seen, lives in seen if lives and not self._is_dead(name)}
            outbox.forget_workers(request.db, {name for name, *_rest in seen} - others)
            if not others:
                outbox.release(request.db, self.jobs, now)

    def show_life(self) -> None:
        """Note that this worker lives, every few seconds."""
        if time.monotonic() < self.next_beat:
            return
        with self._transaction() as request:
            outbox.beat(request.db, self.name, self.clock.now())
        self.next_beat = time.monotonic() + BEAT

    def look_after(self) -> None:
        """Do what the rooms want looked after, now and then."""
        for name, upkeep in self.registry["bibliopolis.upkeep"].items():
            if time.monotonic() < self.next_upkeep.get(name, 0.0):
                continue
            try:
                with self._transaction(writes=upkeep.writes) as request:
                    upkeep.look(request)
            # The worker goes on, whatever is wrong with one part of the site.
            except Exception:
                log.exception("upkeep of %s failed", name)
            self.next_upkeep[name] = time.monotonic() + upkeep.every

    def work_once(self) -> bool:
        """Claim one batch and work it; return false if nothing is due."""
        with self._transaction(writes=False) as request:
            topic = outbox.due_topic(request.db, self.jobs, self.clock.now())
        if topic is None:
            return False
        job = self.jobs[topic]
        with self._transaction() as request:
            row_ids, _keys = outbox.claim(request.db, topic, self.clock.now(), job.batch)
            keys = outbox.keys_of(request.db, row_ids)
        if keys:
            self._work(job, keys)
        return True

    def _work(self, job: Job, keys: Mapping[int, str]) -> None:
        try:
            with self._transaction(writes=job.writes) as request:
                job.handler(request, list(dict.fromkeys(keys.values())))
                if job.writes:
                    outbox.finish(request.db, list(keys))
        # Whatever goes wrong in a job is noted with its row; the worker itself goes on.
        except Exception as error:
            if len(keys) > 1:
                for half in halves(keys):
                    self._work(job, half)
                return
            log.exception("%s %s could not be done", job.topic, *keys.values())
            self._postpone(keys, error)
            return
        if not job.writes:
            with self._transaction() as request:
                outbox.finish(request.db, list(keys))

    def _postpone(self, keys: Mapping[int, str], error: Exception) -> None:
        with self._transaction() as request:
            said = f"{type(error).__name__}: {error}"
            outbox.postpone(request.db, list(keys), self.clock.now(), said)

    def _is_dead(self, name: str) -> bool:
        """Say whether a worker of this machine has no process any more.

        A worker of this very name is one too: after a restart of the machine or container the
        same number may be given again.
        """
        host, _colon, number = name.rpartition(":")
        if host != self.host:
            return False
        return name == self.name or not process_lives(int(number))

    @contextmanager
    def _transaction(self, writes: bool = True) -> Iterator[Any]:
        settings = self.registry["bibliopolis.settings"]
        method = "POST" if writes else "GET"
        blank = Request.blank("/", base_url=settings.url or None, method=method)
        with prepare(blank, registry=self.registry) as environment:
            request = environment["request"]
            with request.tm:
                yield request


def halves(keys: Mapping[int, str]) -> tuple[dict[int, str], dict[int, str]]:
    """Return a batch in two parts, in its order."""
    rows = list(keys.items())
    middle = len(rows) // 2
    return dict(rows[:middle]), dict(rows[middle:])


def process_lives(number: int) -> bool:
    """Say whether a process of this machine exists, whoever it belongs to."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
