"""The compose file: loopback ports, health checks, secrets only from the environment."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).resolve().parent.parent / "docker"
SERVICES = ("neo4j", "postgres", "explorer")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))


def test_it_holds_the_three_services(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == set(SERVICES)
    assert compose["services"]["neo4j"]["image"] == "neo4j:5.26-community"


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_bound_to_this_machine_alone(compose: dict[str, Any], name: str) -> None:
    ports = compose["services"][name]["ports"]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check(compose: dict[str, Any], name: str) -> None:
    check = compose["services"][name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert check["interval"]


def test_the_explorer_waits_until_the_others_are_healthy(compose: dict[str, Any]) -> None:
    waits = compose["services"]["explorer"]["depends_on"]
    assert {name: wait["condition"] for name, wait in waits.items()} == {
        "neo4j": "service_healthy",
        "postgres": "service_healthy",
    }


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    secrets = [
        (variable, value)
        for service in compose["services"].values()
        for variable, value in service["environment"].items()
        if re.search("PASSWORD|AUTH|SECRET|KEY", variable) and not variable.endswith("INITDB_ARGS")
    ]
    assert {variable for variable, _ in secrets} == {
        "NEO4J_AUTH",
        "NEO4J_PASSWORD",
        "POSTGRES_PASSWORD",
    }
    for variable, value in secrets:
        assert re.fullmatch(r"(neo4j/)?\$\{[A-Z0-9_]+:\?[^}]+\}", value), variable


def test_the_example_names_every_variable_and_fills_no_secret() -> None:
    example = (DOCKER / ".env.example").read_text("utf-8")
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", (DOCKER / "compose.yaml").read_text("utf-8")))
    # One in double dollars is the container's own.
    used -= {"NEO4J_AUTH"}
    named = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", example, re.MULTILINE))
    assert used == named
    assert re.findall(r"^[A-Z0-9_]+=(.+)$", example, re.MULTILINE) == []


def test_volumes_are_named_or_read_only(compose: dict[str, Any]) -> None:
    named = set(compose["volumes"])
    for service in compose["services"].values():
        for volume in service["volumes"]:
            assert volume.split(":")[0] in named or volume.endswith(":ro")


def test_the_image_is_built_from_the_lock_and_runs_without_root() -> None:
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    assert "--require-hashes --requirement requirements.txt" in text
    assert "\nUSER ringfence\n" in text
    assert "HEALTHCHECK" in text
