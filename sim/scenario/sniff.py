"""Guess how a table of text is written: the separator of its columns, and whether its first row names them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

HEADER_WORDS = re.compile(
    r"(source|target|src|dst|dest|from|to|nodes?|n[dw]|ids?|users?|friends?|followers?|followees?|truster|trustee|"
    r"chooser|chosen|ego|alter|head|tail|vertex|person|people|member|customer|consumer|start|end|weight|strength)"
    r"([ _.-]?(id|node|user|[0-9]{1,2}|[abij]))*|[a-z]*(node|user|id)_?(id|[0-9]|[abij])|[abijuvxy]",
    re.IGNORECASE,
)
_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.eE+-]*")


def split(line: str, separator: str) -> list[str]:
    """Cells of a line, stripped, quotes undone. A space stands for any run of blanks."""
    if '"' in line:
        spaced = " ".join(line.split()) if separator == " " else line
        return [cell.strip() for cell in next(csv.reader([spaced], delimiter=separator, skipinitialspace=True))]
    if separator == " ":
        return line.split()
    return [cell.strip() for cell in line.split(separator)]


def find_separator(lines: Sequence[str]) -> str:
    """A tab if it parts most lines, else the one of ``, ; |`` that makes most columns, else blanks."""
    best, most = " ", 1
    for candidate in ("\t", ",", ";", "|"):
        counts = [count for line in lines if (count := len(split(line, candidate))) > 1]
        usual = max(set(counts), key=counts.count, default=1)
        if usual > most and len(counts) >= 0.5 * len(lines):
            best, most = candidate, usual
            if candidate == "\t":
                break
    return best


def names_columns(rows: Sequence[Sequence[str]], ends: Sequence[int]) -> bool:
    """Whether the first of ``rows`` is a header, judged by the columns ``ends``: it has a word where all others have
    numbers, or no digit where all others have some, or only words that people call the ends of a tie."""
    ends = [place for place in ends if 0 <= place < len(rows[0])]
    top = [rows[0][place] for place in ends]
    below = [[row[place] for row in rows[1:] if place < len(row) and row[place]] for place in ends]
    others = [cell for column in below for cell in column]
    for cell, column in zip(top, below, strict=True):
        if column and not _NUMBER.fullmatch(cell) and all(map(_NUMBER.fullmatch, column)):
            return True
    if len(rows) > 2 and others and not any(map(_DIGIT.search, top)) and all(map(_DIGIT.search, others)):
        return True
    return all(map(HEADER_WORDS.fullmatch, top)) and not any(map(HEADER_WORDS.fullmatch, others))
