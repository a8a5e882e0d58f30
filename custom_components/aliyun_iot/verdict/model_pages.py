"""Model pages: hand the file for the console out, and check after its import that the platform stores the values.

They are behind three doors: the end of the set-up, the options and the repair.
"""

from abc import abstractmethod
import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.data_entry_flow import AbortFlow, FlowHandler, FlowResult

from ..access.settings import Settings
from ..alink import console_url
from ..selection.criteria import Criteria
from ..selection.published import published
from ..thing_model.download import async_signed_path
from ..thing_model.import_files import filename
from ..thing_model.store import async_model
from .check import Check, Outcome, Seen
from .check_texts import not_stored_text, seen_text, silent_text
from .proof import Proof

type FindProof = Callable[[], Proof | None]  # returns None while the entry is not loaded

_STORED: Final = {Outcome.STORED, Outcome.NOTHING}


class ModelPages[ResultT: FlowResult[Any, Any]](FlowHandler[Any, ResultT, Any]):
    """Leads from the page with the file over a check to its end, and back as long as something is missing."""

    find_proof: FindProof
    more_ways: tuple[str, ...] = ()  # that lead on from the page with the file
    ways_after: tuple[str, ...] = ()  # that lead on from the end, beside the way out

    _check: Check | None = None
    _round: asyncio.Task[Seen] | None = None
    _seen: Seen | None = None
    _said: Mapping[str, str] = MappingProxyType({})  # at the end

    @property
    @abstractmethod
    def entry_id(self) -> str:
        """The id of the entry whose model is handed out."""

    async def async_step_file(self, _user_input: dict[str, Any] | None = None) -> ResultT:
        """Explain the import of the thing model, with a link to the file and one to the console."""
        self._seen = None
        return self.async_show_menu(
            step_id="file",
            menu_options=["check", *self.more_ways],
            description_placeholders=await self._async_file_placeholders(),
        )

    async def async_step_check(self, _user_input: dict[str, Any] | None = None) -> ResultT:
        """Check that the platform stores the values, round by round, while the dialog tells what each has seen."""
        if self._round is not None and self._round.done():
            done, self._round = self._round, None
            self._seen = done.result()
            if not self._is_current:
                self._seen = self._check = None
            if self._seen is None or self._seen.is_last:
                return self.async_show_progress_done(next_step_id="checked")
        if self._round is None:
            if self._check is None:
                self._check, self._seen = Check(self.hass, self._proof(), self.async_update_progress), None
            self._round = self.hass.async_create_task(self._check.async_round())
        return self.async_show_progress(
            step_id="check",
            progress_action="check",
            description_placeholders={"seen": "" if self._seen is None else seen_text(self.hass, self._seen)},
            progress_task=self._round,
        )

    async def async_step_checked(self, _user_input: dict[str, Any] | None = None) -> ResultT:
        """Say that all is stored, or what is missing."""
        self._check = None
        if (seen := self._seen) is None:
            return await self.async_step_check()
        said = {
            "seen": seen_text(self.hass, seen),
            "silent": silent_text(self.hass, seen),
            "problems": not_stored_text(self.hass, seen.problems),
        }
        if seen.outcome in _STORED:
            self._said = said
            return await (self.async_step_stored() if self.ways_after else self.async_step_done())
        return self.async_show_menu(step_id="checked", menu_options=["check", "file"], description_placeholders=said)

    async def async_step_stored(self, _user_input: dict[str, Any] | None = None) -> ResultT:
        """Say that all is stored, and lead on."""
        ways = [*self.ways_after, "done"]
        return self.async_show_menu(step_id="stored", menu_options=ways, description_placeholders=self._said)

    async def async_step_done(self, _user_input: dict[str, Any] | None = None) -> ResultT:
        """End."""
        return self.async_abort(reason="stored", description_placeholders=self._said)

    @property
    def _is_current(self) -> bool:
        """False if the entry was unloaded during the check, also if it is loaded again by now."""
        return self._check is not None and self._check.proof is self.find_proof()

    def _proof(self) -> Proof:
        self._entry()
        if (proof := self.find_proof()) is None:
            raise AbortFlow("entry_not_loaded")
        return proof

    def _entry(self) -> ConfigEntry:
        if (entry := self.hass.config_entries.async_get_entry(self.entry_id)) is None:
            raise AbortFlow("entry_removed")
        return entry

    async def _async_file_placeholders(self) -> dict[str, str]:
        entry = self._entry()
        try:
            model = await async_model(self.hass, entry.entry_id)
        except OSError as err:
            raise AbortFlow("model_not_read") from err
        definitions = published(self.hass, Criteria.read(entry.options), model)
        file = filename(definition.module for _, definition in definitions)
        settings = Settings.read(entry.data)
        path = async_signed_path(self.hass, entry.entry_id)
        proof = self.find_proof()
        return {
            # Without a target, the frontend opens the link as one of its own pages.
            "link": f'<a href="{path}" target="_blank">{file}</a>',
            "console": console_url(settings.region, settings.instance_id),
            "problems": "" if proof is None else not_stored_text(self.hass, proof.problems),
        }
