"""Handed: reads a value that an earlier step of a dialog has left for a later one."""


def handed[T](value: T | None) -> T:
    """Return a value that is there by the time it is needed.

    Home Assistant keeps one object for a dialog and calls its steps by name, so a step cannot pass arguments to the
    next. It offers a step only from the one before it.
    """
    assert value is not None
    return value
