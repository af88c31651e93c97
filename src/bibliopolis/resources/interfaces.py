"""Where other rooms plug into the kernel."""

from __future__ import annotations

from zope.interface import Attribute, Interface


class IMediaStore(Interface):
    """Keep uploaded files and give them back; the content room has one."""

    def keep(stream, filename, kind):
        """Keep a binary stream and return what a field stores of it.

        ``kind`` is ``image`` or ``file``. The answer is a plain mapping: ``uid``, ``filename``,
        ``media_type``, ``size`` and, for pictures, ``width`` and ``height``. The type is found by
        looking at the bytes, whatever the sender said. Raises `InvalidInput` with a translatable
        reason when the bytes are not what they should be, or too many. The same bytes kept twice
        may get one uid.
        """

    def knows(uid):
        """Say whether a file of this uid is kept."""

    def describe(uid):
        """Return what `keep` returned; raise `NotFoundHere` when there is no such file."""

    def url(uid, scale=None):
        """Return the path of the file, or of one of its scales (``thumb``, ``card``, ``wide``)."""


class IReferenceSource(Interface):
    """What can be referred to: registered once for each resource type, with its name as name."""

    def options(language):
        """Return (id, title) pairs to choose from, or None where they are too many for a list."""

    def titles(ids, language):
        """Return a mapping from id to title for those of the ids that exist; one query for all."""

    def url(id, language):
        """Return the path of the resource in that language."""

    def facet_values(ids):
        """Return a mapping from id to what the facet of the search calls it."""


class IFieldType(Interface):
    """What a kind of field can do; one object serves all fields of that kind.

    A stored value is plain JSON and never None: a field without a value is absent.
    """

    name = Attribute("the name by which declarations call it")
    options = Attribute("keys a field's declaration may have beyond the common ones")
    facets = Attribute("what `search: {facet: …}` may be beside true and false")
    can_be_many = Attribute("whether a declaration may say `many: true`")
    can_be_facet = Attribute("whether a declaration may ask for a facet")

    def check(one, keys, where, types):
        """Return the field's own options, read from declaration nodes.

        ``keys`` holds the nodes of those of ``options`` that are written, ``where`` is the node of
        the whole field. What is wrong is raised with ``node.error(message)``.
        """

    def companions(one):
        """Return further fields that a field brings along, such as a picture's description."""

    def problem(one, value, types):
        """Say what is wrong with a declared default, or return None."""

    def node(one, context):
        """Return the colander node, with its deform widget, that makes stored values.

        The same node reads what a form sends and what a REST client sends.
        """

    def json_schema(one, context):
        """Return the JSON Schema of a stored value, without title and description."""

    def represented(one, context):
        """Return the JSON Schema of what `represent` returns."""

    def represent(one, value, context):
        """Return what REST clients read of a stored value."""

    def display(one, value, context):
        """Return what a page shows: text, markup, a date, or a mapping its template knows."""

    def contribution(one, value):
        """Return the `Contribution` of a stored value to the search document."""


class IPrincipals(Interface):
    """Knows the people behind the ids that the kernel stores; accounts registers it."""

    def names(person_ids):
        """Return ``{id: name}`` of those people who exist, in one query for all."""


class IHistoryWitness(Interface):
    """Is told of each single thing that is written into a history.

    ``config.add_history_witness(factory)`` adds one; accounts keeps some of it longer, and
    circulation tells readers.
    """

    def saw(resource, action, data):
        """Take note of an action on ``(type, id)``, in the same transaction; ``data`` is JSON."""
