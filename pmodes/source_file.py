"""One file of the configuration while it is read: its values, its lines, and what there is to complain of."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from crypto.certificates import Certificate, CertificateUsage, certificate_objection
from crypto.faults import UnusableCredential
from gateway.named_file import FileRefused
from gateway.written.complaints import Complaint
from gateway.written.yaml_text import Path, Plain, YamlFault, YamlText, read_yaml
from pmodes.identifiers import default_type, fault_of
from pmodes.model import Leg, Override, PartyId, Place
from pmodes.parameters import BY_NAME
from pmodes.shapes import PartyShape, violations

LoadCertificates = Callable[[str], Sequence[Certificate]]
_Shape = TypeVar("_Shape", bound=BaseModel)

_LEGS: Mapping[str, Leg] = {"sending": Leg.SENDING, "receiving": Leg.RECEIVING}


class SourceFile:
    """Reads values out of one text; whatever is wrong becomes a complaint with its line."""

    def __init__(self, name: str, text: str, complaints: list[Complaint]) -> None:
        self.name = name
        self._complaints = complaints
        self._yaml: YamlText | None = None
        try:
            self._yaml = read_yaml(text)
        except YamlFault as fault:
            complaints.append(Complaint(file=name, line=fault.line, path="", sentence=fault.sentence))

    def complain(self, path: Path, sentence: str) -> None:
        """Add a complaint about the value at a path."""
        self._complaints.append(Complaint(file=self.name, line=self._line(path), path=dotted(path), sentence=sentence))

    def complained_of(self, path: Path) -> bool:
        """Whether there is a complaint about exactly that key."""
        return any(each.file == self.name and each.path == dotted(path) for each in self._complaints)

    def lines(self) -> Mapping[str, int]:
        """The line of every key, by its dotted path."""
        return {} if self._yaml is None else {dotted(path): line for path, line in self._yaml.lines.items()}

    def shape(self, model: type[_Shape]) -> _Shape | None:
        """The file's value as that model, or None after complaining.

        What is wrong in form is left out after the complaint, so that the rest of the file can be looked at as well.
        """
        if self._yaml is None:
            return None
        if self._yaml.value is None:
            self.complain((), "the file is empty")
            return None
        try:
            return model.model_validate(self._yaml.value)
        except ValidationError as fault:
            found = list(violations(fault))
        for path, sentence in found:
            self.complain(path, sentence)
        try:
            return model.model_validate(_without(self._yaml.value, {path for path, _ in found}))
        except ValidationError:
            return None

    def parties(self, key: str, shapes: Sequence[PartyShape]) -> tuple[PartyId, ...]:
        """Party ids with their types, complaining of every one that cannot be."""
        found: list[PartyId] = []
        for index, shape in enumerate(shapes):
            type_ = shape.type or default_type(shape.value)
            fault = fault_of(shape.value, type_)
            if fault is not None:
                self.complain((key, index), f"{shape.value} {fault}")
            found.append(PartyId(value=shape.value, type=type_))
        return tuple(found)

    def certificates(
        self, usage: CertificateUsage, paths: Sequence[str], load: LoadCertificates
    ) -> tuple[Certificate, ...]:
        """The certificates at those paths, each seen from this file's folder, one certificate a path."""
        found: list[Certificate] = []
        for index, path in enumerate(paths):
            at: Path = ("certificates", usage, index)
            try:
                loaded = load(posixpath.join(posixpath.dirname(self.name), path))
            except (FileRefused, OSError, ValueError) as fault:
                told = isinstance(fault, UnusableCredential | FileRefused)
                reason = str(fault) if told else "the file cannot be read"
                self.complain(at, f"{path}: {reason}")
                continue
            if len(loaded) != 1:
                self.complain(at, f"{path}: holds {len(loaded)} certificates and should hold one")
                continue
            objection = certificate_objection(loaded[0], _when_new(loaded[0]), usage=usage)
            if objection is not None:
                self.complain(at, f"{path}: {objection}")
            found.append(loaded[0])
        return tuple(found)

    def overrides(self, values: Mapping[str, object]) -> Mapping[Leg, Mapping[str, Override]]:
        """Overrides by leg: names at the top are for both legs, those under `sending` or `receiving` for one."""
        found: dict[Leg, dict[str, Override]] = {leg: {} for leg in Leg}
        for name, value in values.items():
            if name not in _LEGS:
                parameter = BY_NAME.get(name)
                for leg in Leg if parameter is None else sorted(parameter.override_legs):
                    self._override(found[leg], ("overrides", name), leg, value)
        for key, leg in _LEGS.items():
            of_leg = values.get(key, {})
            if not isinstance(of_leg, Mapping):
                self.complain(("overrides", key), "must be keys with values")
                continue
            for name, value in of_leg.items():
                self._override(found[leg], ("overrides", key, name), leg, value)
        return found

    def _override(self, into: dict[str, Override], path: Path, leg: Leg, value: object) -> None:
        name = str(path[-1])
        if name not in BY_NAME:
            self.complain(path, "there is no P-Mode parameter of this name that can be overridden")
            return
        if not isinstance(value, str | int | bool):
            self.complain(path, "must be one value")
            return
        objection = BY_NAME[name].objection(value, leg)
        if objection is not None:
            self.complain(path, objection)
            return
        into[name] = Override(value=value, place=Place(file=self.name, line=self._line(path)))

    def _line(self, path: Path) -> int:
        return 1 if self._yaml is None else self._yaml.line(path)


def dotted(path: Path) -> str:
    """A path as people write it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _without(value: Plain, paths: set[Path], at: Path = ()) -> Plain:
    if isinstance(value, dict):
        return {key: _without(each, paths, (*at, key)) for key, each in value.items() if (*at, key) not in paths}
    if isinstance(value, list):
        return [_without(each, paths, (*at, index)) for index, each in enumerate(value) if (*at, index) not in paths]
    return value


def _when_new(certificate: Certificate) -> datetime:
    # Reading a file depends on no clock: at the start of its validity only lasting objections remain.
    return certificate.not_valid_before_utc
