"""Topics, and the filters that ask for them."""

import pytest

from custom_components.aliyun_iot.alink.protocol.topics import Topics, topic_matches

from . import IDENTITY


def test_the_topics_are_the_documents() -> None:
    topics = Topics(IDENTITY)
    thing = "/sys/a1B2c3D4e5F/ha-gateway-01/thing"
    assert topics.property_post == f"{thing}/event/property/post"
    assert topics.property_post_reply == f"{thing}/event/property/post_reply"
    assert topics.property_batch_post == f"{thing}/event/property/batch/post"
    assert topics.property_batch_post_reply == f"{thing}/event/property/batch/post_reply"
    assert topics.property_history_post == f"{thing}/event/property/history/post"
    assert topics.property_history_post_reply == f"{thing}/event/property/history/post_reply"
    assert topics.thing_model_get == f"{thing}/dsltemplate/get"
    assert topics.thing_model_get_reply == f"{thing}/dsltemplate/get_reply"
    assert topics.property_set == f"{thing}/service/property/set"
    assert topics.property_set_reply == f"{thing}/service/property/set_reply"
    assert topics.property_get == f"{thing}/service/property/get"
    assert topics.property_get_reply == f"{thing}/service/property/get_reply"


@pytest.mark.parametrize(
    ("topic_filter", "topic", "matches"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a/", True),
        ("a/+/c", "a/b/c", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("+", "a", True),
        ("a/b+", "a/bc", False),
    ],
)
def test_a_plus_stands_for_one_level_and_everything_else_for_itself(
    topic_filter: str, topic: str, matches: bool
) -> None:
    assert topic_matches(topic_filter, topic) is matches
