"""What holds for the repository as a whole: who imports whom, what no file may name, every text."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from string import Formatter

import pytest
from packaging.requirements import Requirement

from detectors.rings import KINDS
from ingest.rules import FLAG_REASONS, REJECT_REASONS
from ingest.tables import TABLES
from ingest.texts import catalogue

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("ingest", "graph", "detectors", "casework", "app")


LOCKS = tuple(f"requirements{part}.txt" for part in ("", "-dev", "-spark", "-bench"))


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the top-level name of everything a module imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield (node.module or "").partition(".")[0]


def to_the_right(package: str, source: str) -> set[str]:
    return set(imported(ast.parse(source))) & set(ORDER[ORDER.index(package) + 1 :])


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_only_those_to_its_left(package: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in modules(package)
        if (found := to_the_right(package, path.read_text("utf-8")))
    }
    assert not wrong


def test_the_import_rule_sees_a_hidden_import() -> None:
    assert to_the_right("graph", "def f():\n    from detectors.run import detect\n") == {
        "detectors"
    }
    assert to_the_right("detectors", "import graph.ask, ingest.tables\n") == set()


def refers_to_restricted(source: str) -> bool:
    """Whether a module reaches for the clear values: by attribute, or by the folder's name."""
    return any(
        (isinstance(node, ast.Constant) and node.value in {"restricted", "restricted.key"})
        or (
            isinstance(node, ast.Attribute)
            and node.attr in {"restricted", "key_file"}
            # column.restricted says what a column is; it opens nothing.
            and not (isinstance(node.value, ast.Name) and node.value.id == "column")
        )
        for node in ast.walk(ast.parse(source))
    )


@pytest.mark.parametrize("package", ["graph", "detectors", "app"])
def test_only_casework_opens_clear_values(package: str) -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in modules(package)
        if refers_to_restricted(path.read_text("utf-8"))
    ]
    assert not wrong


def test_the_rule_on_clear_values_sees_a_reference() -> None:
    assert refers_to_restricted("rows = read(workspace.restricted / 'people.parquet')")
    assert not refers_to_restricted("hidden = [column for column in all if column.restricted]")


def test_no_file_of_app_is_named_like_something_that_is_imported() -> None:
    """Streamlit puts its script's folder first on the path, where a file would shadow a package."""
    taken = {*ORDER, *sys.stdlib_module_names, *packages_distributions()}
    names = {
        path.relative_to(folder).parts[0].removesuffix(".py"): path
        for folder in (ROOT / "app", ROOT / "app" / "explorer")
        for path in folder.glob("*")
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    del names["__init__"]
    assert "cli" in names
    assert not {name: path for name, path in names.items() if name in taken}


def tracked() -> list[Path]:
    """Every text file that git has or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def test_locks_pin_every_package_by_hash_and_name_no_host() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text, name
        pinned = re.findall(r"^[a-z0-9].*(?:\n    .*)*", text, re.MULTILINE)
        assert len(pinned) > 40, name
        for entry in pinned:
            assert "==" in entry.splitlines()[0], entry
            assert "--hash=sha256:" in entry, entry


def test_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    asked = {
        "requirements.txt": [*project["project"]["dependencies"], *groups["build"]],
        "requirements-dev.txt": [*project["project"]["dependencies"], *groups["dev"]],
        "requirements-spark.txt": [*project["project"]["dependencies"], *groups["spark"]],
        "requirements-bench.txt": [*project["project"]["dependencies"], *groups["bench"]],
    }
    for name, requirements in asked.items():
        locked = dict(
            re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        )
        for requirement in map(Requirement, requirements):
            version = locked.get(requirement.name)
            assert version in requirement.specifier, f"{name}: {requirement}: run 'make lock'"


def test_every_package_that_is_imported_is_asked_for() -> None:
    """One that only comes along with another may be gone with the other's next version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = {Requirement(each).name for each in project["project"]["dependencies"]}
    tools = {Requirement(each).name for each in project["dependency-groups"]["dev"]}
    spark = {Requirement(each).name for each in project["dependency-groups"]["spark"]}
    allowed = {
        **dict.fromkeys((*ORDER, "ringfence_canvas"), runtime),
        **dict.fromkeys(("tests", "benchmarks"), runtime | tools | spark),
    }
    # Installed by targets of their own only; the names to import are not those of the packages.
    apart = {"pyspark", "bicm", "flasc", "matplotlib", "mlxtend", "sklearn"}
    ours = {*ORDER, "ringfence_canvas", "tests", "benchmarks", *apart}
    providers = packages_distributions()
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for folder, declared in allowed.items()
        for path in modules(folder)
        for name in imported(ast.parse(path.read_text("utf-8")))
        if name not in ours | sys.stdlib_module_names
        and not {each.lower().replace("_", "-") for each in providers.get(name, ())} & declared
    }
    assert wrong == set()


# Written apart, so that this file passes its own test.
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "repo1.maven" + ".org"]
MACHINE = re.compile(r"(?<![\w.~-])/(?:work|root|farm|Users|home/(?!ringfence\b)\w+)/[\w.]")


def test_no_file_names_a_registry_host_or_a_place_on_some_machine() -> None:
    wrong = []
    for path in tracked():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
            if any(host in line for host in HOSTS) or MACHINE.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not wrong


def test_the_machine_path_pattern_matches_paths_and_not_words() -> None:
    assert MACHINE.search("see /ro" + "ot/notes.txt")
    assert not MACHINE.search("https://example.test/work/of/art and a/work/b")


def test_no_tracked_file_holds_a_secret() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.name == ".env"
        or path.suffix in {".key", ".lock"}
        or "PRIVATE" + " KEY-----" in path.read_text("utf-8", "replace")
    ]
    assert not wrong


def test_every_text_has_both_languages_with_the_same_placeholders() -> None:
    wrong = {
        key: entry
        for key, entry in catalogue().items()
        if not entry["zh"].strip()
        or not entry["en"].strip()
        or placeholders(entry["zh"]) != placeholders(entry["en"])
    }
    assert len(catalogue()) > 100
    assert not wrong


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_what_a_missing_table_switches_off_has_a_text() -> None:
    keys = {f"enables.{key}" for table in TABLES.values() for key in table.enables}
    assert sorted(keys - set(catalogue())) == []


def test_every_closed_list_of_reasons_has_its_texts() -> None:
    keys = {
        *(f"kind.{kind}" for kind in KINDS),
        *(f"reject.{reason}" for reason in REJECT_REASONS),
        *(f"flag.{reason}" for reason in FLAG_REASONS),
    }
    assert sorted(keys - set(catalogue())) == []


def stages(source: str) -> Iterator[str]:
    """Yield every stage that a module names when it reports progress."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "progress"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def test_every_stage_of_progress_has_a_text() -> None:
    named = {
        f"stage.{stage}"
        for package in ORDER
        for path in modules(package)
        for stage in stages(path.read_text("utf-8"))
    }
    assert "stage.ask" in named
    assert sorted(named - set(catalogue())) == []
