"""The repair dialog for values that are not stored: it leads to a thing model that takes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from homeassistant.components.repairs import RepairsFlow

from ..markdown import plain
from ..schema import vol
from ..thing_model.download import async_signed_path
from ..thing_model.import_files import filename
from .adapting import GRAVE, LOCAL, Adaptation, Way, adaptations, async_adapt
from .problem_texts import line, lines, problem_list, way_text
from .problems import Problems, Reason, type_words
from .proof import Proof

if TYPE_CHECKING:  # Home Assistant 2026.5 has no name for it
    from homeassistant.components.repairs import RepairsFlowResult


class ThingModelRepairFlow(RepairsFlow):
    """Offers to change the model, hands its file out, and checks that the platform takes the values."""

    def __init__(self, entry_id: str, find_proof: Callable[[], Proof | None]) -> None:
        """Serve one entry; `find_proof` returns its proof while it is loaded."""
        self._entry_id = entry_id
        self._find_proof = find_proof
        self._adaptations: list[Adaptation] = []
        self._has_adapted = False

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin with changes of the model, if there are any that help."""
        if (proof := self._find_proof()) is None:
            return self.async_abort(reason="entry_not_loaded")
        proof.async_look()
        self._adaptations = adaptations(self.hass, proof.bridge)
        return await (self.async_step_adapt() if self._adaptations else self.async_step_confirm())

    async def async_step_adapt(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Offer to change the model so that it takes the states which do not fit."""
        if user_input is not None:
            if (proof := self._find_proof()) is None:
                return self.async_abort(reason="entry_not_loaded")
            chosen = [adaptation for adaptation in self._adaptations if user_input.get(adaptation.way)]
            declined = [adaptation for adaptation in self._adaptations if adaptation not in chosen]
            self._has_adapted = await async_adapt(proof.bridge, chosen, declined)
            proof.async_look()
            if not proof.problems and all(adaptation.way in LOCAL for adaptation in chosen):
                return self.async_create_entry(data={})  # there is nothing to import
            if self._has_adapted:
                await proof.async_ask()  # the next page goes by its model of now
            return await self.async_step_confirm()
        offered = {adaptation.way for adaptation in self._adaptations}
        fields = {vol.Required(way.value, default=way not in GRAVE): bool for way in Way if way in offered}
        return self.async_show_form(
            step_id="adapt",
            data_schema=vol.Schema(fields),
            description_placeholders={
                "name": self._title,
                "changes": lines(self.hass, map(self._change, self._adaptations), len(self._adaptations)),
            },
        )

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Hand the file out, and check that the platform takes the values after the import."""
        if (proof := self._find_proof()) is None:
            return self.async_abort(reason="entry_not_loaded")
        errors = {}
        if user_input is not None:
            if await proof.async_prove():
                return self.async_create_entry(data={})
            if self._find_proof() is None:  # the entry was removed or unloaded meanwhile
                return self.async_abort(reason="entry_not_loaded")
            errors["base"] = "still_there"
        elif proof.problems and not self._has_adapted and not proof.is_open:
            # An import of the unchanged model would not help.
            words = self._placeholders(proof.problems)
            if all(problem.reason is Reason.NO_ROOM for problem in proof.problems.values()):
                return self.async_abort(reason="no_room", description_placeholders=words)
            return self.async_abort(reason="unfit", description_placeholders=words)
        properties = proof.bridge.selection.properties
        file = filename(one.definition.module for several in properties.values() for one in several)
        path = async_signed_path(self.hass, self._entry_id)
        # Without a target the frontend would open the link as one of its own pages.
        link = f'<a href="{path}" target="_blank">{file}</a>'
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={**self._placeholders(proof.problems), "link": link},
        )

    @property
    def _title(self) -> str:
        return self.hass.config_entries.async_get_known_entry(self._entry_id).title

    def _placeholders(self, problems: Problems) -> dict[str, str]:
        return {"name": self._title, "problems": problem_list(self.hass, problems)}

    def _change(self, adaptation: Adaptation) -> str:
        return line(self.hass, adaptation.entity_id, adaptation.identifier, self._becomes(adaptation))

    def _becomes(self, adaptation: Adaptation) -> str:
        if adaptation.way is Way.SAME_UNIT:
            same = adaptation.changes["same_units"]
            return ", ".join(f"{plain(loose)} = {plain(found)}" for loose, found in same.items())
        if adaptation.data_type is None:
            return f"{plain(adaptation.shown)} → {way_text(self.hass, adaptation.way)}"
        words = " ".join(filter(None, (type_words(adaptation.data_type), adaptation.unit)))
        return f"{plain(adaptation.shown)} → {plain(words)}"
