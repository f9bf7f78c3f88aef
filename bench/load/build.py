"""Builds what is measured."""

import platform
import shutil
import subprocess
import sys

from paths import APP, AZURITE, BUILT, LOAD, MODELS, MODELS_AS_SENT, NODE_PEER, ROOT

DEBIAN_PYTHON = "/usr/bin/python3"


def build_all() -> None:
    run("dotnet", "publish", "src/Functions", *native(), "-o", str(APP))
    run("dotnet", "publish", "bench/peers/noop", *native(), "-o", str(BUILT / "noop"))
    run("dotnet", "publish", "bench/peers/aspnet", *native(), "--no-self-contained", "-o", str(BUILT / "aspnet"))
    for tool in ("raw", "openloop", "queues"):
        run("dotnet", "publish", f"bench/load/{tool}", "-c", "Release", "-o", str(BUILT / tool), "--nologo", "-v", "quiet")
    for folder in (NODE_PEER, AZURITE):
        run("npm", "ci", "--silent", "--prefix", str(folder))
    run(DEBIAN_PYTHON, str(LOAD / "make_models.py"), str(MODELS))
    shutil.copytree(ROOT / "models" / "digits", MODELS / "digits", dirs_exist_ok=True)
    shutil.copytree(MODELS, MODELS_AS_SENT, ignore=shutil.ignore_patterns("model.json"), dirs_exist_ok=True)


def native() -> list[str]:
    arch = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    return ["-c", "Release", "-r", f"linux-{arch}", "--nologo", "-v", "quiet"]


def run(*command: str) -> None:
    # What a build says does not belong into the report on standard output.
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
