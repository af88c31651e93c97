"""The wall around the search engine, and what other rooms plug in."""

from __future__ import annotations

from zope.interface import Attribute, Interface


class ISearchIndex(Interface):
    """A full-text index: it can be thrown away and rebuilt from the database at any time.

    One object serves all threads of a process. Only the worker and the command line write.
    """

    def search(query):
        """Return :class:`Results` for a :class:`Query`; never raise, whatever was typed.

        When the index cannot be read, the answer is empty and ``available`` is false.
        """

    def list_values(listing):
        """Return :class:`Listed` for a :class:`Listing`, by the alphabet; never raise."""

    def update(documents, removed=()):
        """Write documents in one commit, on disk when this returns.

        All documents of each resource named by a document or listed in ``removed`` (resource
        keys such as ``record:12``) are replaced by those given. An update during a rebuild is
        remembered for the new generation.
        """

    def refresh():
        """See what other processes have written; return true if something changed."""

    def rebuild():
        """Return an :class:`IRebuild`: a new generation beside the live one."""

    def health():
        """Return :class:`Health`; costs no more than opening the index."""

    def doc_count():
        """Return the number of documents that can be found."""

    def live_sequence(name):
        """Return the sequence number up to which a live facet is known here; -1: not at all."""

    def load_live(facet, state):
        """Take over all of an :class:`ILiveFacet`, a :class:`LiveState`; forget what was known."""

    def apply_live(facet, changes):
        """Take over :class:`LiveChanges` of a live facet, unless later ones are known already."""


class IRebuild(Interface):
    """A generation of the index under construction; use it as a context manager.

    Leaving the context without :meth:`finish` throws the new generation away and keeps the old.
    """

    def add(documents):
        """Write documents of resources that were not added before."""

    def finish(load):
        """Catch up and swap.

        ``load(resource keys) -> documents`` is called for what was updated meanwhile; then the
        new generation takes the place of the live one at once, for all processes.
        """


class IIndexer(Interface):
    """A callable that makes documents; registered by ``config.add_indexer(name, indexer)``."""

    def __call__(request, ids):
        """Return the documents of the resources with these ids, in a few queries for all.

        A resource without documents is removed from the index.
        """

    def all_ids(request):
        """Return the ids of all resources there are, in a stable order, for a rebuild."""


class ILiveFacet(Interface):
    """A facet that changes too often for the index, such as what can be borrowed today."""

    name = Attribute("name of the facet")
    type_name = Attribute("name of the resources it belongs to, as in a document's ``resource``")
    anywhere = Attribute(
        "value of all resources that have any other one which is not hidden; empty if there is none"
    )

    def everything(db):
        """Return a :class:`LiveState`: all there is now."""

    def changes_since(db, sequence):
        """Return :class:`LiveChanges`: all that changed after this sequence number.

        Each search asks: where nothing changed, one short statement must do. A sequence lower
        than the one asked for means that the table was replaced: everything is asked for then.
        What is committed late under a lower number must not be skipped for good.
        """


class IResultPresenter(Interface):
    """A callable that shows hits; ``config.add_result_presenter(name, presenter)``."""

    def __call__(request, hits):
        """Return ``{hit.key: Row}`` for hits of one name; one query or a few for all.

        A hit that is missing in the answer (deleted since) is left out of the page.
        """
