"""Archive: keeps the emulator's state across restarts, as plain files in one directory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
import json
from pathlib import Path

from .device import Device, DeviceKey, Kind, Sample
from .thing_model import Tsl
from .tsl_file import DEFAULT

_KEPT = (
    "product_key",
    "device_name",
    "secret",
    "token_client_id",
    "token",
    "iot_id",
    "iot_token",
    "iot_token_issued",
    "registration",
    "activated",
    "disabled",
    "deleted",
)


class Archive:
    """`devices.json`, rewritten at every change, and `history.jsonl`, appended to."""

    def __init__(self, directory: Path) -> None:
        self._devices = directory / "devices.json"
        self._history = directory / "history.jsonl"

    def load(self) -> tuple[list[Device], dict[str, dict[str, Tsl]]]:
        """Return the devices and, by product, the imported modules by their ids."""
        if not self._devices.exists():
            return [], {}
        kept = json.loads(self._devices.read_text("utf-8"))
        # Written before the emulator had modules.
        defaults = {product_key: {DEFAULT: tsl} for product_key, tsl in kept.get("thing_models", {}).items()}
        return [Device(**device) for device in kept["devices"]], kept.get("modules", defaults)

    def load_history(self) -> Iterator[tuple[DeviceKey, Sample]]:
        if not self._history.exists():
            return
        with self._history.open(encoding="utf-8") as lines:
            for line in lines:
                kept = json.loads(line)
                key = kept.pop("product_key"), kept.pop("device_name")
                yield key, Sample(**kept | {"kind": Kind(kept["kind"])})

    def save(self, devices: Iterable[Device], modules: Mapping[str, Mapping[str, Tsl]]) -> None:
        kept = {
            "devices": [{name: getattr(device, name) for name in _KEPT} for device in devices],
            "modules": modules,
        }
        # Replaced in one step: a crash leaves the old file whole.
        draft = self._devices.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
        draft.replace(self._devices)

    def append(self, device: Device, samples: Iterable[Sample]) -> None:
        with self._history.open("a", encoding="utf-8") as lines:
            for sample in samples:
                kept = {"product_key": device.product_key, "device_name": device.device_name, **asdict(sample)}
                lines.write(json.dumps(kept, ensure_ascii=False) + "\n")
