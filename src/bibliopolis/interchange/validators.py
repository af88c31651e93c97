"""Answers that are the same for everybody: they may be kept, and asked again cheaply."""

from __future__ import annotations

from pyramid.response import Response

MINUTES = 5


def to_be_kept(response: Response) -> Response:
    """Let caches keep an answer for a while, and answer 304 to who has it already.

    Its digest tells that, and no date: what is taken down or goes live late makes no list newer.
    """
    response.md5_etag()
    response.cache_control = f"public, max-age={MINUTES * 60}"
    response.conditional_response = True
    return response
