"""Codes: the platform's error codes that the emulator uses."""

from enum import IntEnum


class Code(IntEnum):
    SUCCESS = 200
    PARAMETER_ERROR = 460
    DEVICE_NOT_FOUND = 6100
    TOO_MANY_PROPERTIES = 6106
    TOPIC_PARSE_FAILED = 6203
    DEVICE_DISABLED = 6204
    NOT_JSON = 6207
    PRODUCT_NOT_FOUND = 6250
    REGISTRATION_OFF = 6288
    ALREADY_ACTIVE = 6289
    SIGN_METHOD_UNKNOWN = 6292
    VALUE_MISSING = 6302
    NOT_IN_MODEL = 6304
    INT = 6306
    FLOAT = 6307
    BOOL = 6308
    ENUM = 6309
    TEXT = 6310
    DATE = 6311
    STRUCT = 6312
    NO_MODEL = 6313
    DOUBLE = 6322
    ARRAY_SIZE = 6324
    ARRAY_ELEMENT = 6325
    TIME = 6326
    ARRAY = 6328
    TOO_MANY_EVENTS = 6356
    NO_TOPOLOGY = 6401
    WRONG_SIGN = 6600
    NOT_ACTIVATED = 9200
    OFFLINE = 9201


class ConnectRefusedError(Exception):
    """A refused CONNECT, with the code of its CONNACK."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RefusedError(Exception):
    """A refused request, with the platform's code and text."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
