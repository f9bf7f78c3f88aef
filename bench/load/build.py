"""Builds the measured servers, tools and models."""

import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from paths import APP, AZURITE, BUILT, LOAD, MODELS, MODELS_AS_SENT, NODE_PEER, ROOT

DEBIAN_PYTHON = "/usr/bin/python3"


def build_all() -> None:
    publish_app(ROOT, APP)
    run("dotnet", "publish", "bench/peers/noop", *native(), "-o", str(BUILT / "noop"))
    run("dotnet", "publish", "bench/peers/aspnet", *native(), "--no-self-contained", "-o", str(BUILT / "aspnet"))
    for tool in ("raw", "openloop", "queues"):
        publish_tool(tool)
    for folder in (NODE_PEER, AZURITE):
        run("npm", "ci", "--silent", "--prefix", str(folder))
    make_models()


def publish_app(source: Path, folder: Path) -> None:
    run("dotnet", "publish", "src/Functions", *native(), "-o", str(folder), cwd=source)


def publish_revision(commit: str, folder: Path) -> None:
    """Publishes the app of another commit from a temporary worktree, so that the files of this one stay as they are."""
    with tempfile.TemporaryDirectory() as source:
        run("git", "worktree", "add", "--quiet", "--detach", source, commit)
        try:
            publish_app(Path(source), folder)
        finally:
            run("git", "worktree", "remove", "--force", source)


def publish_tool(name: str) -> None:
    run("dotnet", "publish", f"bench/load/{name}", "-c", "Release", "-o", str(BUILT / name), "--nologo", "-v", "quiet")


def make_models() -> None:
    run(DEBIAN_PYTHON, str(LOAD / "make_models.py"), str(MODELS))
    shutil.copytree(ROOT / "models" / "digits", MODELS / "digits", dirs_exist_ok=True)
    shutil.copytree(MODELS, MODELS_AS_SENT, ignore=shutil.ignore_patterns("model.json"), dirs_exist_ok=True)


def native() -> list[str]:
    arch = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    return ["-c", "Release", "-r", f"linux-{arch}", "--nologo", "-v", "quiet"]


def run(*command: str, cwd: Path = ROOT) -> None:
    # The output of a build goes to stderr, because stdout has the report.
    subprocess.run(command, cwd=cwd, check=True, stdout=sys.stderr)
