"""docs/reference/forms.md, with what the machine fills and the kinds of values from the code's tables."""

from __future__ import annotations

from generator.markdown import code, document, table
from xsd.forms.description import FILLED
from xsd.forms.values import KINDS

BEFORE = """\
A message type as a form: one JSON document, made of schema, catalogue, rules and words when it is asked for.
`knooppunt schema form MODULE VERSION TYPE` prints it. Whoever reads it needs no schema to draw a form, to make a
document of what was typed, to check that, and to show a document that came; a module version that is only a folder has
its forms as well. Its first level stands under [`knooppunt schema form`](json-documents.md#knooppunt-schema-form).

## What stands in `items`

In the order of the schema, each with `least` and `most` (null: any number of times):

| `kind` | holds |
|---|---|
| `field` | `name`, `label`, perhaps `hint`; `value`, below; perhaps `filled`, `from`, `copies` |
| `group` | `name`, `label`, perhaps `hint`; `items`; perhaps `filled`, `from` |
| `choice` | `items`, one of which is there |
| `sequence` | `items`, all there together or not at all |
"""

AFTER = """\
`from` says where a value comes from: `accounts`, it is one of the organisation's signed list of accounts and is not
typed; `contact`, at first the contact of the organisation's settings; `today`, at first the day of today. `copies`
names elements of the question, of which the first that is there gives the first value.

## What may stand in a field

`kind` is what a person sees of the built-in type, and besides: `amount`, a decimal with two decimals; `lines`, text of
several lines; `list`, one of `values`.

KINDS_OF_VALUES

The facets have the names that XML Schema has for them (`length`, `minLength`,
 `maxLength`, `minInclusive`, `maxInclusive`, `minExclusive`, `maxExclusive`, `totalDigits`,
`fractionDigits`). `pattern` is an expression of JavaScript, for its flag `u` and the whole value; it is absent where a
pattern of the schema has no exact counterpart, which leaves that judgement to the schema. `shape` says the pattern in
words. Each of `values` is a `value` with its meaning in `nl` and `en`.

## Rules

Each has its `code`, its sentences `nl` and `en`, and its `kind` with what that kind demands, as
[the export](commands.md#knooppunt-schema-export) explains it: `CheckDigit`, `Sum`, `OneOf`, `DateOrder`, `SameSet`
(which needs the question), `Fixed`. That of an account number has `countries`, the form that each country gives to what
follows the check digits. An `Assertion` is named and not told: the hub judges it. `unique` has the values that must
differ.

## Words

Labels stand in `xsd/modules/common/forms.yaml` by the name of the element, in Dutch and in English, with the English
meanings of listed values; hints and the Dutch meanings stand in the schema. A module version may have a `forms.yaml`
beside its schema, whose entries go first. An element without an entry is labelled by its own name, split into words.
"""


def page() -> str:
    """The whole page."""
    filled = table(("element of the header", "`filled`"), ((code(name), code(what)) for name, what in FILLED.items()))
    kinds = table(("built-in type", "`kind`"), ((code(f"xs:{name}"), code(kind)) for name, kind in KINDS.items()))
    return document(
        "Form descriptions",
        BEFORE.rstrip(),
        "`filled` is for the machine: nobody types it. The header itself says `header`; in it:",
        filled,
        *AFTER.rstrip().replace("KINDS_OF_VALUES", kinds).split("\n\n"),
    )
