"""What GitHub reads of this repository, as far as it can be said without GitHub."""

from collections.abc import Iterator
from importlib.metadata import requires
import json
import os
from pathlib import Path
import re
import subprocess
from typing import Any
from zipfile import ZipFile

from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [GITHUB / "ISSUE_TEMPLATE" / name for name in ("bug.yml", "feature.yml")]
ON = True  # what `on:` is in YAML 1.1

# What a job may do beyond reading.
MAY_WRITE = {("release.yml", "draft"): {"contents"}}


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from load_yaml_dict(path)["jobs"].items()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for _, job in jobs(path):
        yield from job["steps"]


def step(name: str) -> dict[str, Any]:
    """Find a step of the release by its name."""
    return next(one for one in steps(GITHUB / "workflows" / "release.yml") if one.get("name") == name)


def in_bash(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub does."""
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    pinned = r"\s+(- )?uses: [\w-]+(/[\w-]+)+@[0-9a-f]{40} # (v\d+\.\d+\.\d+|main|master)"
    assert lines
    assert [line for line in lines if not re.fullmatch(pinned, line)] == []


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    used = {one["uses"] for path in WORKFLOWS for one in steps(path) if "uses" in one}
    assert len({name.partition("@")[0] for name in used}) == len(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_job_may_do_no_more_than_it_must(path: Path) -> None:
    assert load_yaml_dict(path)["permissions"] == {}
    for name, job in jobs(path):
        writes = MAY_WRITE.get((path.name, name), set())
        assert job["permissions"] == {"contents": "write" if "contents" in writes else "read"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_token_stays_in_a_checkout(path: Path) -> None:
    checkouts = [one for one in steps(path) if one.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(one["with"]["persist-credentials"] is False for one in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_script_takes_nothing_from_outside_into_its_text(path: Path) -> None:
    """What others can name (a tag, a branch) comes in by the environment."""
    inserted = {name for one in steps(path) for name in re.findall(r"\${{ *([\w.]+)", one.get("run", ""))}
    assert {name for name in inserted if not name.startswith("matrix.")} == set()


def test_each_script_that_a_workflow_runs_is_there() -> None:
    named = {name for path in WORKFLOWS for one in steps(path) for name in re.findall(r"scripts/\w+", str(one))}
    assert named == {"scripts/package", "scripts/test"}
    assert all(os.access(ROOT / name, os.X_OK) for name in named)


def test_the_suite_runs_with_the_oldest_and_the_newest_home_assistant_too_and_each_week() -> None:
    workflow = load_yaml_dict(GITHUB / "workflows" / "test.yml")
    assert workflow["jobs"]["test"]["strategy"]["matrix"] == {"option": ["", "--minimum", "--newest"]}
    assert workflow["jobs"]["test"]["steps"][-1]["run"] == "scripts/test ${{ matrix.option }}"
    assert {"push", "pull_request", "schedule"} <= workflow[ON].keys()


def test_both_validators_run_each_day_and_leave_nothing_out() -> None:
    workflow = load_yaml_dict(GITHUB / "workflows" / "validate.yml")
    assert {"push", "pull_request", "schedule", "workflow_dispatch"} == workflow[ON].keys()
    last = [job["steps"][-1] for job in workflow["jobs"].values()]
    assert [one["uses"].partition("@")[0] for one in last] == ["home-assistant/actions/hassfest", "hacs/action"]
    assert last[1]["with"] == {"category": "integration"}


def test_a_release_goes_on_if_its_tag_is_the_version_in_the_manifest() -> None:
    version = json.loads((ROOT / "custom_components" / "aliyun_iot" / "manifest.json").read_text())["version"]
    done = in_bash(step("Compare the tag with the manifest")["run"], ROOT, TAG=version)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_release_stops_if_its_tag_is_another_version() -> None:
    done = in_bash(step("Compare the tag with the manifest")["run"], ROOT, TAG="0.0.0")
    assert done.returncode == 1
    assert done.stdout.startswith("::error::The tag is 0.0.0, and ")


@pytest.fixture
def packed(tmp_path: Path) -> Iterator[ZipFile]:
    """Pack the integration as the release does."""
    done = in_bash(step("Pack the integration")["run"], ROOT, RUNNER_TEMP=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with ZipFile(tmp_path / "aliyun_iot.zip") as opened:
        yield opened


def test_the_zip_has_the_integration_at_its_root_where_hacs_wants_it(packed: ZipFile) -> None:
    files = [name for name in packed.namelist() if not name.endswith("/")]
    committed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "-z", "HEAD:custom_components/aliyun_iot"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(files) == sorted(committed.stdout.split("\0")[:-1])
    assert [name for name in packed.namelist() if name.startswith("aliyun_iot/")] == []
    assert json.loads(packed.read("manifest.json"))["domain"] == "aliyun_iot"
    assert {
        "__init__.py", "alink/transport/roots.pem", "brand/icon.png", "brand/dark_logo@2x.png", "icons.json",
        "py.typed", "services.yaml", "translations/en.json", "translations/zh-Hans.json",
    } <= set(files)  # fmt: skip


def test_the_zip_has_nothing_that_only_developers_need(packed: ZipFile) -> None:
    needless = re.compile(r"__pycache__|\.pyc$|(^|/)(tests?|docs|scripts|\.\w+)(/|_|$)|(^|/)README")
    assert [name for name in packed.namelist() if needless.search(name)] == []
    assert packed.testzip() is None


def test_the_zip_is_small_enough_for_a_slow_line(packed: ZipFile) -> None:
    """At most a third of the whole repository, which HACS would download instead."""
    whole = subprocess.run(["git", "archive", "--format=zip", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    assert Path(str(packed.filename)).stat().st_size * 3 < len(whole)


def test_hacs_downloads_the_file_that_the_release_attaches() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["zip_release"] is True
    assert hacs["hide_default_branch"] is True  # a branch has no ZIP
    assert step("Pack the integration")["run"].strip('"').endswith(f"/{hacs['filename']}")


# A `gh` that knows the releases of $RELEASES and writes down the command that changes one.
GH = """#!/bin/bash
if [[ "$1 $2" == "release view" ]]; then
    [[ " $RELEASES " == *" $3 "* ]]
else
    echo "$@"
fi
"""


def attached(folder: Path, releases: str) -> str:
    """Attach the ZIP as the release does, beside these releases, and return the command that did it."""
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    script = step("Attach it to a draft")["run"]
    done = in_bash(script, ROOT, PATH=path, RUNNER_TEMP="<temp>", RELEASES=releases, TAG="0.2.0")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_a_release_is_a_draft_until_a_person_publishes_it_with_its_zip(tmp_path: Path) -> None:
    workflow = load_yaml_dict(GITHUB / "workflows" / "release.yml")
    assert workflow[ON] == {"push": {"tags": ["**"]}}
    command = "release create 0.2.0 <temp>/aliyun_iot.zip --draft --verify-tag --title 0.2.0 --notes"
    assert attached(tmp_path, releases="0.1.0") == command


def test_a_draft_that_was_begun_by_hand_gets_the_zip(tmp_path: Path) -> None:
    assert attached(tmp_path, releases="0.1.0 0.2.0") == "release upload 0.2.0 <temp>/aliyun_iot.zip"


def test_dependabot_leaves_what_home_assistant_pins_alone() -> None:
    updates = load_yaml_dict(GITHUB / "dependabot.yml")["updates"]
    assert [one["package-ecosystem"] for one in updates] == ["github-actions", "pip"]
    allowed = {one["dependency-name"] for one in updates[1]["allow"]}
    required = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements_test.txt").read_text(), re.MULTILINE))
    assert allowed < required
    pinned = {re.split(r"[^\w-]", one)[0] for one in requires("pytest-homeassistant-custom-component") or ()}
    assert allowed.isdisjoint({"homeassistant", "pytest-homeassistant-custom-component", *pinned})


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_has_what_github_asks_for(path: Path) -> None:
    form = load_yaml_dict(path)
    assert {"name", "description", "body"} <= form.keys()
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"input", "textarea", "checkboxes"}
    names = [field["id"] for field in fields]
    assert len(names) == len(set(names))
    labels = [field["attributes"]["label"] for field in fields]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_speaks_both_languages(path: Path) -> None:
    form = load_yaml_dict(path)
    shown = [form["name"], form["description"]]
    for field in form["body"]:
        attributes = field["attributes"]
        shown += [attributes[key] for key in ("label", "description", "value") if key in attributes]
        shown += [option["label"] for option in attributes.get("options", ())]
    assert [text for text in shown if not re.search(r"[A-Za-z].* / .*[\u4e00-\u9fff]", text, re.DOTALL)] == []


def test_a_bug_comes_with_versions_and_what_the_console_shows() -> None:
    fields = {field["id"]: field for field in load_yaml_dict(FORMS[0])["body"] if "id" in field}
    required = {name for name, field in fields.items() if field.get("validations", {}).get("required")}
    assert required == {"home-assistant", "integration", "happened", "console"}
    assert {"diagnostics", "log"} <= fields.keys()


def test_every_issue_begins_with_a_form() -> None:
    assert load_yaml_dict(GITHUB / "ISSUE_TEMPLATE" / "config.yml")["blank_issues_enabled"] is False
