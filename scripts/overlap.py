#!/usr/bin/env python3
"""How many evaluated questions stand in the rows that a model was fine-tuned on?

usage: scripts/overlap.py --rows FILE... --questions FILE:FIELD...

--rows       JSON arrays of {instruction, input, output}
--questions  JSON lines; FIELD names the question's text, with dots into objects (question.stem)

A question counts as seen when its words, in lower case and without punctuation, stand one after another in a row's instruction or input.
"""
import argparse
import json
import re
import sys


def words(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def field(row, path):
    for name in path.split("."):
        row = row[name]
    return row


def read(path, parse):
    """What parse makes of an open file; one line and exit code 2 where it is not as --help says."""
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file)
    except (OSError, KeyError, TypeError, ValueError) as error:
        print(f"{path}: expected a file as --help says, found {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--questions", nargs="+", required=True, metavar="FILE:FIELD")
    options = parser.parse_args()
    # A blank on both sides keeps "is it red" out of "this it redder".
    rows = [row for path in options.rows for row in read(path, lambda file: [f" {words(row['instruction'] + ' ' + row.get('input', ''))} " for row in json.load(file)])]
    seen = "\n".join(rows)
    for question in options.questions:
        path, _, name = question.rpartition(":")
        texts = read(path, lambda file: [words(field(json.loads(line), name)) for line in file if line.strip()])
        found = [text for text in texts if f" {text} " in seen]
        share = len(found) / max(1, len(texts))
        print(f"{path}: {len(found)} of {len(texts)} questions stand in {len(rows)} rows ({share:.2%})" + (f", the first: {found[0]}" if found else ""))


if __name__ == "__main__":
    main()
