"""Emulator: the device side of the Alibaba Cloud IoT Platform, for tests and for trying things out."""

from .device import Attempt, Device, Kind, Product, Rejection, Sample, Transport
from .downlink import CallFailedError
from .emulator import Emulator
from .faults import (
    ClockFault,
    ConnackFault,
    DownlinkFault,
    EchoFault,
    Faults,
    FloodFault,
    HttpsFault,
    Only,
    PushFault,
    ReplyFault,
)
from .limits import Limits
from .tsl_problems import ImportRefusedError, Problem

__all__ = [
    "Attempt",
    "CallFailedError",
    "ClockFault",
    "ConnackFault",
    "Device",
    "DownlinkFault",
    "EchoFault",
    "Emulator",
    "Faults",
    "FloodFault",
    "HttpsFault",
    "ImportRefusedError",
    "Kind",
    "Limits",
    "Only",
    "Problem",
    "Product",
    "PushFault",
    "Rejection",
    "ReplyFault",
    "Sample",
    "Transport",
]
