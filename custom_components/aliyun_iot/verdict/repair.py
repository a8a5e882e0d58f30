"""The repair dialog for values that are not stored: it leads to a thing model that takes them."""

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.repairs import RepairsFlow

from ..markdown import plain
from ..schema import vol
from .adapting import GRAVE, LOCAL, Adaptation, Way, adaptations, async_adapt
from .model_pages import FindProof, ModelPages
from .problem_texts import line, lines, problem_list, way_text
from .problems import Reason, type_words

if TYPE_CHECKING:  # Home Assistant 2026.5 has no name for it
    from homeassistant.components.repairs import RepairsFlowResult


class ThingModelRepairFlow(ModelPages["RepairsFlowResult"], RepairsFlow):
    """Offers to change the model before it hands its file out."""

    def __init__(self, entry_id: str, find_proof: FindProof) -> None:
        """Serve one entry."""
        self._entry_id = entry_id
        self.find_proof = find_proof
        self._adaptations: list[Adaptation] = []
        self._has_adapted = False

    @property
    @override
    def entry_id(self) -> str:
        return self._entry_id

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin with changes of the model, if there are any that help."""
        proof = self._proof()
        proof.async_look()
        self._adaptations = adaptations(self.hass, proof.bridge)
        return await (self.async_step_adapt() if self._adaptations else self.async_step_file())

    async def async_step_adapt(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Offer to change the model so that it takes the states which do not fit."""
        if user_input is not None:
            proof = self._proof()
            chosen = [adaptation for adaptation in self._adaptations if user_input.get(adaptation.way)]
            declined = [adaptation for adaptation in self._adaptations if adaptation not in chosen]
            self._has_adapted = await async_adapt(proof.bridge, chosen, declined)
            proof.async_look()
            if not proof.problems and all(adaptation.way in LOCAL for adaptation in chosen):
                return self.async_create_entry(data={})  # there is nothing to import
            if self._has_adapted:
                await proof.async_ask()  # the next page goes by its model of now
            return await self.async_step_file()
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

    @override
    async def async_step_file(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Hand the file out, unless an import of the unchanged model would not help."""
        proof = self._proof()
        if proof.problems and not self._has_adapted and not proof.is_open:
            words = {"name": self._title, "problems": problem_list(self.hass, proof.problems)}
            if all(problem.reason is Reason.NO_ROOM for problem in proof.problems.values()):
                return self.async_abort(reason="no_room", description_placeholders=words)
            return self.async_abort(reason="unfit", description_placeholders=words)
        return await super().async_step_file(user_input)

    @property
    def _title(self) -> str:
        return self.hass.config_entries.async_get_known_entry(self.entry_id).title

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
