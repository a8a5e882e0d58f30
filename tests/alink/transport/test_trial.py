"""The trial of a SUBSCRIBE."""

from custom_components.aliyun_iot.alink.transport.trial import Trial


def ended(*links: tuple[float, bool]) -> Trial:
    trial = Trial()
    for lasted, by_platform in links:
        trial.ended(lasted, by_platform=by_platform)
    return trial


def test_two_links_in_a_row_that_the_platform_closes_at_once_end_it() -> None:
    assert not ended((0.1, True)).is_over
    assert ended((0.1, True), (9.9, True)).is_over


def test_a_link_that_lasts_clears_the_suspicion() -> None:
    assert not ended((0.1, True), (10.0, True), (0.1, True)).is_over


def test_a_network_that_is_lost_proves_nothing() -> None:
    assert not ended((0.1, True), (0.1, False)).is_over
    assert ended((0.1, True), (0.1, False), (0.1, True)).is_over


def test_a_platform_that_closes_links_without_it_too_has_another_reason() -> None:
    assert not ended((0.1, True), (0.1, True), (0.1, True)).is_over


def test_a_link_that_lasts_without_it_is_the_proof() -> None:
    assert ended((0.1, True), (0.1, True), (3600.0, True)).is_over
