"""docs/reference/lists.md: the lists file of a module version, and how files of lists are written and read."""

from __future__ import annotations

from generator.markdown import document
from xsd.forms.list_files import LISTS_FILE

TEXT = """\
A list is a file of comma-separated values: questions that wait, one row for each of their lines, with columns for
what answers them. Which columns it has says `csv.yaml` beside the schema of a module version; a version that is only
a folder may have one, and needs no code for it. A browser makes and reads lists by the table that is made of it.

## The file `csv.yaml`

`lists` has the name of a message that is answered, and for it:

| key | holds |
|---|---|
| `rows` | the path of the repeated element that is a row; left out, each question is one row |
| `question` | its columns, each `column` with a `path` to a field or group; without: who asks, and its party id |
| `control` | the name of the column of the control digest |
| `answer` | the columns that whoever answers fills |
| `answers` | the kinds of answers: the one whose `when` holds, or else the one without; two that hold are a fault |

Every column may say what it means in `nl` and `en`; otherwise the label and the hint of its field say it. Of the
columns of the question one is `key: conversation` and one is `key: reference`, and with `rows` one is `key: line`,
which tells the lines of a question apart. `behind: true` puts a column behind those of the answer.

A column of the answer may have `words`: what may stand in it, and the value or the word that it means, which has to
be one that its field can hold, as has what is `fixed`. With `only: true` nothing else may. Without words a cell is
read as a form reads what is typed, lists by their value or its meaning in either language, and `Ja` and `Nee` where
the field is one of truth.

An entry of `answers` has:

| key | holds |
|---|---|
| `type` | the message that answers |
| `when` | columns, each with the words of which its cell has one; an empty list: anything |
| `like` | the type of another entry, whose `fields` and `lines` it has besides its own |
| `fixed` | paths of the answer with a value |
| `copied` | paths of the answer that repeat what the question says, as its form does |
| `fields` | paths of the answer, each with its column, which is equal on all rows of a question |
| `lines` | repeated elements: `at` a path, `rows` which rows fill one each, `when`, and `fields` below `at` |

`rows` of `lines` is `asked`, the rows of lines that were asked about; `added`, rows without the key of a line;
`filled`, all rows in which one of the fields is filled; or `one`, likewise, but the rows are equal and fill one
element together.

`knooppunt schema list --modules FOLDER` says with its line what does not fit: a path that leads nowhere, a column
that nothing is made of, a message that is no answer.

## How a file is written and read

Written: UTF-8 with a byte order mark, semicolons, CRLF, every cell quoted, `1234,56`, `31-12-2026`. A line of a cell,
or what stands behind a comma, a semicolon or a tab in it, gets an apostrophe before it where a spreadsheet would
compute it: it begins with `=`, `+`, `-`, `@` or their full-width forms, also behind blanks and quotes. So does a cell
that begins with a tab, CR or LF. The apostrophe is taken off when the file is read.

Read: UTF-8, or Windows-1252 with a notice; semicolon, comma or tab; a line `sep=` first; columns by name in any
order. At most 4 MB and 10,000 rows a file. What a spreadsheet shortened (`1,23E+15`) is refused; a number of more
than fifteen digits that ends in noughts is taken, and shown before anything is sent. Of the columns of the question
only the keys are read: those of conversation and reference exactly, that of a line but for zeros before it.
Everything else of a question comes from the question as it lies at the hub. Where that was confirmed and is gone, the
row is taken if its control digest holds.

The control digest is made in the key Worker with a key that only the unit's signing key yields, over module, version,
type, the number of rows of the question and its cells. Behind it stands how long each cell of digits was, so that
zeros which a spreadsheet took off are put back before the digest is judged. Keys of an earlier set hold as long as
the unit keeps them.

A cell that was left blank is filled in where the form would do so: what the question says already, and the contact of
the organisation's settings. A question of which no cell was filled stays open. A cell of a part that the answer does
not have is a fault, and so is one that asks for another kind of answer than a second one does, so that nothing that
was filled is dropped. Rows that name no line add to those that do: a question of which every row names none is a fault.
"""


def page() -> str:
    """The page."""
    return document("Lists of questions", TEXT.replace("csv.yaml", LISTS_FILE))
