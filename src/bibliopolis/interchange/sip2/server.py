"""Listen for terminals: many connections, none of which can hold up or harm the others."""

from __future__ import annotations

import asyncio
import logging
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .conversation import Conversation
from .messages import LONGEST
from .terminals import Sip2Policy

log = logging.getLogger(__name__)

TO_SIGN_IN = 30.0
"""Seconds for the whole of a message until a terminal has signed in."""
TO_SHAKE_HANDS = 10.0
"""Seconds until a terminal speaks TLS."""
TO_TAKE = 20.0
"""Seconds for taking an answer."""
AT_ONCE = 4
"""So many messages are worked on at once; the others wait for their turn."""


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return by what terminals are spoken to; None where there is no certificate.

    At least TLS 1.2. OSError where the files cannot be read or do not belong together, of which
    ``ssl.SSLError`` is one; ValueError for a key without a certificate.
    """
    if certificate is None:
        if key is not None:
            raise ValueError("there is a key without a certificate")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


class Sip2Server:
    """Answer terminals until told to stop; what is begun is finished."""

    def __init__(
        self, registry: Any, policy: Sip2Policy, tls: ssl.SSLContext | None = None
    ) -> None:
        self.registry = registry
        self.policy = policy
        self.tls = tls
        self.connections: set[asyncio.Task[None]] = set()
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sip2")
        self.to_sign_in = TO_SIGN_IN
        self.to_shake_hands = TO_SHAKE_HANDS
        self.port = 0

    async def run(self, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Listen, and end with all connections closed."""
        server = await asyncio.start_server(
            self._come,
            self.policy.host,
            self.policy.port,
            limit=LONGEST,
        )
        self.port = server.sockets[0].getsockname()[1]
        if ready is not None:
            ready.set()
        how = "TLS" if self.tls else "without encryption"
        log.info("listening at %s:%s, %s", self.policy.host, self.port, how)
        await stop.wait()
        server.close()
        for task in list(self.connections):
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)
        await server.wait_closed()
        self.pool.shutdown()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self.connections) >= self.policy.most_connections:
            writer.close()
            return
        self.connections.add(task)
        try:
            if self.tls is not None:
                # Here, not by the listening server: who never ends a handshake is counted, too.
                await writer.start_tls(self.tls, ssl_handshake_timeout=self.to_shake_hands)
            await self._talk(reader, writer)
        except (
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            TimeoutError,
            ConnectionError,
            ssl.SSLError,
        ) as error:
            # Gone, silent for too long, or a line without end: nothing was begun.
            log.info("a terminal is let go: %s", type(error).__name__)
        finally:
            self.connections.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername") or ("",)
        conversation = Conversation(self.registry, self.policy, str(peer[0]))
        loop = asyncio.get_running_loop()
        while not conversation.over:
            patience = self.policy.idle_seconds if conversation.terminal else self.to_sign_in
            line = await asyncio.wait_for(reader.readuntil(b"\r"), patience)
            work = loop.run_in_executor(self.pool, conversation.answer, line.strip(b"\r\n\0 "))
            # Shielded: a message that is begun is finished, whoever waits for the answer.
            said = await asyncio.shield(work)
            if said:
                writer.write(said)
                await asyncio.wait_for(writer.drain(), TO_TAKE)
