"""Carrier: carries out what the cloud sets, and answers what it asks.

Theory of operation
===================

A command names properties, each of one entity, and becomes one errand for each entity. Then, in this order:

    checked     all of it or nothing: this home is ready, the switches are on, each property is published, granted and
                the same in the product's thing model, each entity is available, and each value makes an action
    in lanes    at most one command runs for an entity and one waits, for three seconds at most since it was read
    looked at   once more, right before each action, because the owner may have switched off meanwhile
    run         the errands beside each other, the actions of one in their order, up to the first that fails. Nothing is
                rolled back: the answer names what failed
    confirmed   by the state that the entity has then (confirmation.py)

Running. Home Assistant's own actions are called as a user of ours who is no administrator, with a context of their own,
so that the logbook names the cloud as their source. A call is a task that is waited for and never cancelled: cancelling
it would end the other integration's work half-way. After a minute it is left alone, and its entity takes no command
until it ends. A call is silent for an entity that is unavailable, hence the looks before and after it.

Invariants. Everything runs on the event loop. A command is either refused, and nothing has happened, or executed, and
then the journal tells one event of it. An unload lets the action that runs come to its end, and begins no other.
"""

import asyncio
from collections.abc import Collection
import time
from typing import Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant

from ..alink import Answer, Code, Command, CommandKind, OwnCode, Value
from ..mapping.commands import Action
from ..mapping.values import NotFittingError
from ..selection.turns import in_turns
from .checks import Checks, Errand, names_of
from .confirmation import Confirmation
from .journal import Journal
from .lanes import Lanes
from .refusing import Cause, RefusedError
from .servant import async_servant

# s from reading a command until it is begun, as for the device itself: whoever has waited for longer has pressed the
# button again.
_LATE: Final = 3.0

# s. No working device takes a minute for one action, and the cloud's own patience has been over for long.
_STUCK: Final = 60.0

# Failures in one answer; whoever reads it looks for the first one.
_NAMED: Final = 20


class Carrier:
    """Carries out the commands of one entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        checks: Checks,
        lanes: Lanes,
        journal: Journal,
        confirmation: Confirmation,
    ) -> None:
        """Take what an entry has for commands."""
        self._hass = hass
        self._checks = checks
        self._lanes = lanes
        self._journal = journal
        self._confirmation = confirmation

    async def async_carry_out(self, command: Command) -> Answer:
        """Carry a command out, or refuse it as a whole."""
        if command.kind is CommandKind.GET:
            return self._told(command)
        try:
            user = await async_servant(self._hass)
            errands = await self._async_entered(command)
        except RefusedError as error:
            return self._refused(error, command.values)
        return await self._run(errands, user.id)

    def _refused(self, error: RefusedError, names: Collection[str]) -> Answer:
        """Note and answer a command that is refused before anything is begun, with the names that the cloud wrote."""
        published = [name for name in names if self._checks.is_published(name)]
        self._journal.async_refused(error, published, len(names) - len(published))
        return error.answer

    async def _async_entered(self, command: Command) -> list[Errand]:
        """Return the errands of a command, each in its lane; raises RefusedError."""
        errands = await self._checks.async_checked(command.values)
        wanted = {errand.reference: errand.name for errand in errands}
        if (loop := self._lanes.find_loop(wanted)) is not None:
            self._journal.async_looped(next(one.entity_id for one in errands if one.reference == loop))
        if not await self._lanes.async_enter(wanted, command.read_at + _LATE):
            return errands
        is_sound = False
        try:
            errands = await self._checks.async_checked(command.values)
            is_sound = {errand.reference for errand in errands} == wanted.keys()
        finally:
            if not is_sound:
                for reference in wanted:
                    self._lanes.leave(reference)
        if not is_sound:
            raise RefusedError(Cause.NOT_GRANTED)  # another entity has got the entity id of one of these
        return errands

    def _told(self, command: Command) -> Answer:
        """Answer with values of published properties; those that have none now are left out."""
        data: dict[str, Value] = {}
        for name in command.names:
            try:
                entity_id, property_ = self._checks.published(name)
            except RefusedError as error:
                return self._refused(error, command.names)
            if not self._checks.is_own(entity_id, property_):
                continue
            state = self._hass.states.get(entity_id)
            try:
                value = None if state is None else property_.value(state)
            except NotFittingError:
                continue
            if value is not None:
                data[name] = value
        return Answer(code=Code.SUCCESS, data=data)

    # Running

    async def _run(self, errands: list[Errand], user_id: str) -> Answer:
        """Run the errands beside each other, and tell what has become of them."""
        running: dict[asyncio.Task[str | RefusedError], Errand] = {}
        async for some in in_turns(errands):
            running |= {self._hass.loop.create_task(self._run_one(errand, user_id)): errand for errand in some}
        await asyncio.wait(running)
        ends = [(errand, task.result()) for task, errand in running.items()]
        refusals = [end for _, end in ends if isinstance(end, RefusedError)]
        if len(refusals) == len(ends):
            self._journal.async_refused(refusals[0], names_of(errands))
            return refusals[0].answer
        failed = [(errand, end) for errand, end in ends if end]
        if not failed:
            self._journal.async_executed(names_of(errands), [errand.entity_id for errand in errands])
            return Answer(code=Code.SUCCESS, is_executed=True)
        culprits = [errand for errand, _ in failed]
        self._journal.async_failed(OwnCode.FAILED, names_of(culprits), [errand.entity_id for errand in culprits])
        texts = [end.text if isinstance(end, RefusedError) else f"{errand.name}: {end}" for errand, end in failed]
        if len(texts) > _NAMED:
            texts[_NAMED:] = [f"and {len(texts) - _NAMED} more"]
        return Answer(code=OwnCode.FAILED, message="; ".join(texts), is_executed=True)

    async def _run_one(self, errand: Errand, user_id: str) -> str | RefusedError:
        """Run the actions for one entity in its lane.

        Returns the refusal where nothing was begun, else the reason of a failure, or nothing.
        """
        context, until = Context(user_id=user_id), time.monotonic() + _STUCK
        has_begun = False
        try:
            self._checks.check_again(errand)
            actions = self._checks.planned(errand)
            called = [f"{action.domain}.{action.service}" for action in actions]
            self._journal.async_begin(errand.entity_id, errand.names.values(), called, context)
            self._confirmation.async_begin(errand.entity_id, errand.names.values())
            for action in actions:
                if has_begun:
                    self._checks.check_again(errand)
                has_begun = True
                if text := await self._act(errand, action, context, until):
                    return text
            self._checks.state(errand)
        except RefusedError as error:
            return error.words if has_begun else error
        except Exception as error:  # noqa: BLE001  # whatever it is, it is answered and logged
            self._journal.async_log_failure(errand.entity_id, "the command", error)
            return "unexpected error"
        finally:
            self._confirmation.async_acted(errand.entity_id)
            self._lanes.leave(errand.reference)
        return ""

    async def _act(self, errand: Errand, action: Action, context: Context, until: float) -> str:
        """Call one action and wait for it; returns the reason of a failure, or nothing."""
        name = f"{action.domain}.{action.service}"
        data = {**action.data, ATTR_ENTITY_ID: errand.entity_id}
        call = self._hass.async_create_task(
            self._hass.services.async_call(action.domain, action.service, data, blocking=True, context=context), name
        )
        await asyncio.wait((call,), timeout=max(0.0, until - time.monotonic()))
        if not call.done():
            self._lanes.block(errand.reference, call)
            call.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody else takes it
            return f"{name} has not ended"
        if call.cancelled():
            return f"{name} was cancelled"
        if (error := call.exception()) is not None:
            self._journal.async_log_failure(errand.entity_id, name, error)
            return f"{name} failed"
        return ""
