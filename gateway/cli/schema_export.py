"""knooppunt schema export and diff: the message definitions as files, and what differs between two versions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.output import USAGE, Failure, code_of, print_json, speaks
from gateway.cli.schema_options import catalogue_of, modules_option
from gateway.storage import placed
from xsd.catalogue import Catalogue, Module
from xsd.generating.differences import module_differences
from xsd.generating.export import exported

UNFINISHED: Final = ".knooppunt-export-unfinished"
BEGIN_WITH: Final = "README.md"  # comes last into a folder that was there: what has it is whole


@click.command("export")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=NamedPath, file_okay=False))
@modules_option
@speaks
def export(folder: Path, folders: tuple[Path, ...], as_json: bool) -> None:
    """Write schemas, samples, rules in words and changes into FOLDER, which is new or empty.

    For stacks without Python: its README.md says what is where.
    """
    catalogue = catalogue_of(folders)
    if folder.exists() and any(each.name != UNFINISHED for each in folder.iterdir()):
        raise Failure(f"{folder} is not empty", next_step="Name a folder that is new or empty.", code=USAGE)
    count = 0
    with _whole(folder) as work:
        for path, octets in exported(catalogue):
            with placed(folder / path):
                (work / path).parent.mkdir(parents=True, exist_ok=True)
                (work / path).write_bytes(octets)
            count += 1
    modules = [f"{module.name} {module.version}" for module in catalogue.modules]
    if as_json:
        print_json({"folder": str(folder), "files": count, "modules": modules})
    else:
        click.echo(f"{count} files of {len(modules)} module versions are in {folder}; begin with its {BEGIN_WITH}")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Where to write what the folder is to hold, which is there once all of it could be written: half an export would
    be taken for a whole one. What an export left that was killed is taken away.
    """
    there = folder.exists()  # then it stays what it is: somebody may stand in it
    work = folder / UNFINISHED if there else folder.parent / f".{folder.name}{UNFINISHED}"
    made: list[Path] = []
    try:
        with _naming(folder):
            if work.exists():
                shutil.rmtree(work)
            _make(work, made)
        yield work
        with _naming(folder):
            if there:
                for each in sorted(work.iterdir(), key=lambda found: found.name == BEGIN_WITH):
                    each.rename(folder / each.name)
                work.rmdir()
            else:
                work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for each in reversed(made):
            with suppress(OSError):
                each.rmdir()
        raise


@contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """What the system says of a name of ours becomes what it says of the folder that was named."""
    try:
        yield
    except OSError as fault:
        if code_of(fault) != USAGE:
            raise OSError(fault.errno, fault.strerror, str(folder)) from None
        raise Failure(
            f"{folder}: nothing can be written there: {fault.strerror}",
            next_step="name a folder that is new or empty, in a place where you may write",
            code=USAGE,
        ) from None


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it that are missing."""
    if not folder.is_dir():
        _make(folder.parent, made)
        folder.mkdir()
        made.append(folder)


@click.command("diff")
@click.argument("module")
@click.argument("old")
@click.argument("new")
@modules_option
@speaks
def diff(module: str, old: str, new: str, folders: tuple[Path, ...], as_json: bool) -> None:
    """Tell what differs between two versions of MODULE: messages, fields, lists, rules, who sends what to whom."""
    catalogue = catalogue_of(folders)
    before, after = _version(catalogue, module, old), _version(catalogue, module, new)
    found = module_differences(catalogue, before, after)
    if as_json:
        print_json({"module": module, "old": old, "new": new, "messages": [asdict(each) for each in found]})
        return
    for each in found:
        click.echo(f"{each.name}: {each.fate}")
        for note in each.notes:
            click.echo(f"  {note}")
        for difference in each.differences:
            click.echo(f"  {difference.subject} {difference.where} {difference.sentence}")
    told = sum(1 for each in found if each.fate != "same")
    click.echo(f"{told} of {len(found)} messages differ between {module} {old} and {new}")


def _version(catalogue: Catalogue, name: str, version: str) -> Module:
    found = catalogue.module(name, version)
    if found is None:
        versions = [module.version for module in catalogue.modules if module.name == name]
        said = f"Versions of it: {', '.join(versions)}" if versions else "See the names with: knooppunt schema list"
        raise Failure(f"there is no module {name} {version}", next_step=said, code=USAGE)
    return found
