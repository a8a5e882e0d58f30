"""The topics of one device ("What is a topic?")."""

from dataclasses import dataclass

from .identity import Identity


def topic_matches(topic_filter: str, topic: str) -> bool:
    """Tell whether a topic is one of those that a filter asks for; `+` stands for any one level (MQTT 3.1.1, 4.7)."""
    levels, wanted = topic.split("/"), topic_filter.split("/")
    return len(levels) == len(wanted) and all(one in ("+", level) for level, one in zip(levels, wanted, strict=True))


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics that belong to one identity."""

    identity: Identity

    def _system(self, rest: str) -> str:
        return f"/sys/{self.identity.product_key}/{self.identity.device_name}/{rest}"

    @property
    def property_post(self) -> str:
        """Topic of reports that have each property once."""
        return self._system("thing/event/property/post")

    @property
    def property_post_reply(self) -> str:
        """Topic of the replies to these."""
        return self._system("thing/event/property/post_reply")

    @property
    def property_batch_post(self) -> str:
        """Topic of reports that have several values of a property."""
        return self._system("thing/event/property/batch/post")

    @property
    def property_batch_post_reply(self) -> str:
        """Topic of the replies to these; it needs a SUBSCRIBE even with `_ss=1`."""
        return self._system("thing/event/property/batch/post_reply")

    @property
    def property_history_post(self) -> str:
        """Topic of reports with values of the past."""
        return self._system("thing/event/property/history/post")

    @property
    def property_history_post_reply(self) -> str:
        """Topic of the replies to these; it may need a SUBSCRIBE, as that of a batch does."""
        return self._system("thing/event/property/history/post_reply")

    @property
    def thing_model_get(self) -> str:
        """Topic of the question for the thing model of the product."""
        return self._system("thing/dsltemplate/get")

    @property
    def thing_model_get_reply(self) -> str:
        """Topic of the answer to it, if there is one."""
        return self._system("thing/dsltemplate/get_reply")

    @property
    def property_set(self) -> str:
        """Topic of the commands that set properties."""
        return self._system("thing/service/property/set")

    @property
    def property_set_reply(self) -> str:
        """Topic of the replies to these."""
        return self._system("thing/service/property/set_reply")

    @property
    def property_get(self) -> str:
        """Topic of the commands that ask for properties; the platform mostly answers from its store instead."""
        return self._system("thing/service/property/get")

    @property
    def property_get_reply(self) -> str:
        """Topic of the replies to these."""
        return self._system("thing/service/property/get_reply")
