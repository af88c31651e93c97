"""Read ``workflows/*.yaml``: strictly, and only if somebody can live by it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bibliopolis.declarations import Node, meant, read
from bibliopolis.errors import ConfigurationError
from bibliopolis.i18n import _

from .model import Live, Mark, Roles, State, Transition, Workflow
from .names import Names, Skeleton

KEYS = ("name", "title", "initial", "live", "node", "states", "transitions")
STATE_KEYS = ("title", "permissions", "final", "mark")
TRANSITION_KEYS = (
    "title",
    "from",
    "to",
    "permission",
    "guards",
    "comment",
    "live",
    "verb",
)


def load(file: Path, names: Names) -> Workflow:
    """Return the workflow a file declares, checked against the names that are registered."""
    top = read(file)
    keys = top.mapping(KEYS, ("name", "title", "initial", "states", "transitions"))
    name = file_name(keys["name"], file)
    states = _states(keys["states"], names)
    transitions = _transitions(keys["transitions"], states, names)
    initial = keys["initial"].name(states, "state")
    workflow = Workflow(
        name=name,
        title=_(keys["title"].text("a title")),
        initial=initial,
        states=states,
        transitions=transitions,
        live=roles_map(keys["live"], names) if "live" in keys else {},
        node=roles_map(keys["node"], names) if "node" in keys else {},
        file=file,
    )
    _check_ways(workflow, keys["states"])
    _check_somebody_may(workflow, keys["transitions"])
    return workflow


def file_name(node: Node, file: Path) -> str:
    """Return the declared name, which must be that of the file."""
    name = node.text("a name")
    if name != file.stem:
        raise node.error(f"the name “{name}” must equal the file's, “{file.stem}”")
    return name


def roles_map(node: Node, names: Names) -> Roles:
    """Return a map permission -> roles, all of them known."""
    found: dict[str, frozenset[str]] = {}
    values = node.items()
    for key in node.key_nodes():
        permission = key.name(names.permissions, "permission")
        found[permission] = frozenset(values[permission].names(names.roles, "role"))
    return found


def check_skeleton(workflow: Workflow, required: Iterable[tuple[str, Skeleton]]) -> None:
    """Refuse a workflow that lacks a state or a verb which Python relies on."""
    for who, skeleton in required:
        for state in sorted(skeleton.states - set(workflow.states)):
            raise _wrong(workflow, f"the state “{state}” is missing; {who} relies on it")
        for verb in sorted(skeleton.verbs - workflow.verbs):
            raise _wrong(workflow, f"no step has the verb “{verb}”; {who} relies on it")


def _wrong(workflow: Workflow, message: str) -> ConfigurationError:
    return read(workflow.file).error(message)


def _states(node: Node, names: Names) -> dict[str, State]:
    found: dict[str, State] = {}
    for name, value in node.items().items():
        keys = value.mapping(STATE_KEYS, ("title", "permissions"))
        final = keys["final"].boolean() if "final" in keys else False
        mark = Mark.DONE if final else Mark.DRAFT if not found else Mark.REVIEW
        found[name] = State(
            name=name,
            title=_(keys["title"].text("a title")),
            permissions=roles_map(keys["permissions"], names),
            final=final,
            mark=Mark(keys["mark"].name(list(Mark), "mark")) if "mark" in keys else mark,
            line=node.key(name).line,
        )
    if not found:
        raise node.error("a workflow has at least one state")
    return found


def _transitions(node: Node, states: dict[str, State], names: Names) -> dict[str, Transition]:
    return {
        name: _transition(name, node.key(name).line, value, states, names)
        for name, value in node.items().items()
    }


def _transition(
    name: str, line: int, node: Node, states: dict[str, State], names: Names
) -> Transition:
    keys = node.mapping(TRANSITION_KEYS, ("title", "from", "to", "permission"))
    sources = keys["from"].names(states, "state")
    if not sources:
        raise keys["from"].error("a step begins in at least one state")
    return Transition(
        name=name,
        title=_(keys["title"].text("a title")),
        from_states=sources,
        to=keys["to"].name(states, "state"),
        permission=keys["permission"].name(names.permissions, "permission"),
        guards=keys["guards"].names(names.guards, "guard") if "guards" in keys else (),
        comment_required="comment" in keys and _required(keys["comment"]),
        live=Live(keys["live"].name(list(Live), "way with the live revision"))
        if "live" in keys
        else None,
        verb=keys["verb"].name(names.verbs, "verb") if "verb" in keys else None,
        line=line,
    )


def _required(node: Node) -> bool:
    word = node.text("required or optional")
    if word not in ("required", "optional"):
        raise node.error(
            f"a comment is required or optional, not “{word}”; "
            + meant(word, ("required", "optional"))
        )
    return word == "required"


def _check_ways(workflow: Workflow, node: Node) -> None:
    """Every state can be reached, and left unless it is final."""
    reached = distances(workflow)
    for name, state in workflow.states.items():
        leaving = workflow.from_state(name)
        key = node.key(name)
        if name not in reached:
            raise key.error(f"no step leads from “{workflow.initial}” to the state “{name}”")
        if not leaving and not state.final:
            raise key.error(f"there is no way out of the state “{name}”; if so meant, final: true")
        if leaving and state.final:
            raise key.error(
                f"the state “{name}” is final, and yet the step “{leaving[0].name}” leaves it"
            )


def _check_somebody_may(workflow: Workflow, node: Node) -> None:
    """Every step can be taken by some role from each state it begins in."""
    for transition in workflow.transitions.values():
        for state in transition.from_states:
            if not workflow.allowed_roles(transition.permission, state):
                raise node.key(transition.name).error(
                    f"nobody may take the step “{transition.name}” from “{state}”: "
                    f"no role has the permission “{transition.permission}” there"
                )


def distances(workflow: Workflow) -> dict[str, int]:
    """Return how many steps each state is from the initial one; unreachable ones are absent."""
    found = {workflow.initial: 0}
    waiting = [workflow.initial]
    while waiting:
        state = waiting.pop(0)
        for transition in workflow.from_state(state):
            if transition.to not in found:
                found[transition.to] = found[state] + 1
                waiting.append(transition.to)
    return found
