"""Settings: an option wins over the environment, that over the default; what is wrong is named."""

from pathlib import Path

import pytest

from app.settings import read_language, read_settings
from ingest.errors import RingfenceError


def test_defaults_need_no_environment() -> None:
    settings = read_settings({})
    assert settings.workspace.root == Path("workspace")
    assert settings.memory == "2GB"
    assert settings.threads >= 1
    assert settings.language == "en"
    assert settings.neo4j_uri is None
    assert not settings.as_json


def test_the_environment_replaces_the_defaults() -> None:
    settings = read_settings(
        {
            "RINGFENCE_WORKSPACE": "county",
            "RINGFENCE_MEMORY": "512MiB",
            "RINGFENCE_THREADS": "3",
            "RINGFENCE_LANG": "zh",
            "NEO4J_URI": "bolt://127.0.0.1:7687",
        }
    )
    assert settings.workspace.root == Path("county")
    assert (settings.memory, settings.threads, settings.language) == ("512MiB", 3, "zh")
    assert settings.neo4j_uri == "bolt://127.0.0.1:7687"


def test_an_option_wins_over_the_environment() -> None:
    environ = {
        "RINGFENCE_WORKSPACE": "county",
        "RINGFENCE_MEMORY": "1GB",
        "RINGFENCE_THREADS": "3",
        "RINGFENCE_LANG": "zh",
    }
    settings = read_settings(
        environ, workspace=Path("other"), memory="4GB", threads=1, lang="en", as_json=True
    )
    assert settings.workspace.root == Path("other")
    assert (settings.memory, settings.threads, settings.language) == ("4GB", 1, "en")
    assert settings.as_json


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"RINGFENCE_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"RINGFENCE_LANG": "", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_system_unless_asked(
    environ: dict[str, str], expected: str
) -> None:
    assert read_language(environ) == expected


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"RINGFENCE_LANG": "fr"}, "fr"),
        ({"RINGFENCE_MEMORY": "lots"}, "lots"),
        ({"RINGFENCE_MEMORY": "4"}, "4GB"),
        ({"RINGFENCE_THREADS": "0"}, "RINGFENCE_THREADS"),
        ({"RINGFENCE_THREADS": "two"}, "two"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(RingfenceError, match=named):
        read_settings(environ)
