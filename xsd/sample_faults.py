"""What is wrong with the samples of a module version, which nothing else reads before somebody asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.limits import PAYLOAD_LIMITS
from gateway.named_file import FileRefused
from xsd.catalogue import Module
from xsd.checking.layers import message_violations
from xsd.document import DocumentFault, parse_document
from xsd.message_type import MessageType
from xsd.module_files import read_module_file
from xsd.samples import SAMPLES, sample_files


def sample_faults(module: Module) -> Iterator[str]:
    """A message without a sample, a file of no message, and whatever does not conform to its schema and rules: each
    with its file, and its line where there is one.
    """
    known: set[Path] = set()
    for kind in module.messages:
        for path in sample_files(module.folder, kind.name):
            known.add(path)
            yield from _faults(path, module, kind)
    for path in sorted((module.folder / SAMPLES).glob("*.xml")):
        if path not in known:
            yield f"{path}: no message of this module version has that name"


def _faults(path: Path, module: Module, kind: MessageType) -> Iterator[str]:
    if not os.path.lexists(path):
        yield f"{path}: {kind.name} has no sample; write a complete one"
        return
    try:
        document = parse_document(read_module_file(path, module.folder), limits=PAYLOAD_LIMITS)
    except FileRefused as fault:
        yield f"{path}: {fault.told}"
        return
    except DocumentFault as fault:
        yield f"{path}: this is no XML document that can be read: {fault.reason}"
        return
    if document.tag != kind.element:
        yield f"{path}: its root element is not {kind.name} in the namespace of the module version"
        return
    for each in message_violations(kind, document):
        yield f"{path}:{each.line}: {each.path}: {each.en}"
