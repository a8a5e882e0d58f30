"""The part of the demo home beyond its YAML: rooms, a language and a first page."""

from .client import Client

SENSORS = (
    "sensor.living_room_temperature",
    "sensor.living_room_humidity",
    "sensor.living_room_co2",
    "sensor.bedroom_temperature",
    "sensor.garden_illuminance",
    "sensor.garden_soil_moisture",
    "sensor.garden_air_pressure",
    "sensor.house_power",
    "sensor.house_energy",
    "sensor.kitchen_radio",
    "sensor.washing_machine_phase",
    "sensor.washing_machine_ready_at",
    "binary_sensor.front_door",
    "binary_sensor.hallway_motion",
)
OTHERS = (
    "light.living_room_light",
    "input_number.bedroom_target_temperature",
    "input_select.house_mode",
    "input_text.kitchen_note",
)
# Maps the beginning of an entity's id to its room. Home Assistant makes three of them itself, in the language of the
# first user.
ROOMS = {
    "living_room": {"en": "Living Room", "zh-Hans": "客厅"},
    "bedroom": {"en": "Bedroom", "zh-Hans": "卧室"},
    "kitchen": {"en": "Kitchen", "zh-Hans": "厨房"},
    "hallway": {"en": "Hallway", "zh-Hans": "走廊"},
    "garden": {"en": "Garden", "zh-Hans": "花园"},
}


async def furnish(client: Client, language: str = "en") -> None:
    """Put the entities into rooms, set the language of the user and open on the demo home's own dashboard."""
    await client.command("frontend/set_user_data", key="language", value={"language": language})
    await client.command("frontend/set_user_data", key="core", value={"default_panel": "demo-home"})
    known = {area["name"]: area["area_id"] for area in await client.command("config/area_registry/list")}
    registered = {entry["entity_id"] for entry in await client.command("config/entity_registry/list")}
    for beginning, names in ROOMS.items():
        name = names.get(language, names["en"])
        area_id = known.get(name) or (await client.command("config/area_registry/create", name=name))["area_id"]
        for entity_id in registered.intersection(SENSORS + OTHERS):
            if entity_id.partition(".")[2].startswith(beginning):
                await client.command("config/entity_registry/update", entity_id=entity_id, area_id=area_id)
