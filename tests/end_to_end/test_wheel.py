"""Build the wheel, install it in an empty virtual environment and run the commands away from the project folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest

from alerts.demo import DATABASE, DIGESTS
from tests.support.fake_site import PROJECT, LiveSite

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "config.toml", "jobspider", "alerts")


@dataclass(frozen=True)
class Installation:
    """An environment that contains the wheel and an empty folder to run commands in."""

    wheel: Path
    environment: Path
    folder: Path

    def run(self, command: str, *arguments: str) -> str:
        """Run an installed script until it succeeds; return its standard output."""
        variables = {
            name: value for name, value in os.environ.items() if name != "PYTHONPATH" and name[:10] != "JOBSPIDER_"
        }
        completed = subprocess.run(
            [self.environment / "bin" / command, *arguments],
            cwd=self.folder, env=variables, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert completed.returncode == 0, completed.stderr
        assert "Traceback" not in completed.stderr
        return completed.stdout


def build_wheel(folder: Path) -> Path:
    """Build the wheel from a copy of the sources, because setuptools writes beside them."""
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for name in SOURCES:
        path = PROJECT / name
        if path.is_dir():
            shutil.copytree(path, sources / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, sources)
    build = f"import setuptools.build_meta as backend; backend.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=sources, capture_output=True, check=True)
    shutil.rmtree(sources)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> None:
    """Install the wheel without a network.

    A .pth file makes the dependencies of the running environment importable. Python does not process the .pth files
    of a folder that it reaches in this way. So the editable installation of the project stays inactive.
    """
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    (packages,) = environment.glob("lib/python*/site-packages")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, capture_output=True, check=True)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    script = environment / "bin" / "scrapy"
    script.write_text(f"#!{python}\nfrom scrapy.cmdline import execute\nexecute()\n", encoding="utf-8")
    script.chmod(0o755)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build_wheel(folder / "build")
    install(wheel, folder / "environment")
    (folder / "work").mkdir()
    yield Installation(wheel, folder / "environment", folder / "work")
    shutil.rmtree(folder)


@pytest.fixture
def run(installation: Installation) -> Callable[..., str]:
    return installation.run


def test_wheel_contains_both_licences(installation: Installation) -> None:
    with zipfile.ZipFile(installation.wheel) as wheel:
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        assert message_from_bytes(wheel.read(metadata))["License-Expression"] == "MIT"
        licence = wheel.read(metadata.replace("METADATA", "licenses/LICENSE"))
        assert licence == (PROJECT / "LICENSE").read_bytes()
        assert b"CC BY-NC-SA 4.0" in wheel.read("alerts/demo_site/LICENSE.md")
        assert wheel.read("alerts/config/config.toml") == (PROJECT / "config.toml").read_bytes()


def test_installed_packages_are_those_of_the_wheel(installation: Installation, run: Callable[..., str]) -> None:
    paths = run("python", "-c", "import alerts, jobspider; print(alerts.__file__); print(jobspider.__file__)")
    for path in paths.splitlines():
        assert Path(path).is_relative_to(installation.environment)


def test_demo_and_report_run_from_any_folder(installation: Installation, run: Callable[..., str]) -> None:
    printed = run("jobspider", "demo")
    demo = installation.folder / "demo"
    assert (demo / "digest.txt").read_text(encoding="utf-8") in printed
    assert all((demo / name).stat().st_size > 0 for name in (*DIGESTS, DATABASE))
    run("jobspider", "report", "--config", "demo/config.toml")
    assert "Backend Developer" in (installation.folder / "report.html").read_text(encoding="utf-8")


def test_init_and_scrapy_crawl_run_in_an_empty_folder(installation: Installation, run: Callable[..., str]) -> None:
    run("jobspider", "init", "--contact", "me@example.com", "--region", "uk", "--job-type", "permanent")
    config = installation.folder / "config.toml"
    with LiveSite() as site:
        text = config.read_text(encoding="utf-8").replace("https://www.itjobswatch.co.uk", site.base_url)
        config.write_text(text, encoding="utf-8")
        run("scrapy", "crawl", "roles", "-a", "term=backend developer", "-a", "region=uk", "-O", "pages.json")
    assert '"Backend Developer"' in (installation.folder / "pages.json").read_text(encoding="utf-8")
    assert "Backend Developer, UK" in run("jobspider", "history", "uk/backend developer")
