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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--questions", nargs="+", required=True, metavar="FILE:FIELD")
    options = parser.parse_args()
    try:
        rows = [row for path in options.rows for row in json.load(open(path, encoding="utf-8"))]
        # A blank on both sides keeps "is it red" out of "this it redder".
        seen = "\n".join(f" {words(row['instruction'] + ' ' + row.get('input', ''))} " for row in rows)
        for question in options.questions:
            path, _, name = question.rpartition(":")
            texts = [words(field(json.loads(line), name)) for line in open(path, encoding="utf-8") if line.strip()]
            found = [text for text in texts if f" {text} " in seen]
            print(f"{path}: {len(found)} of {len(texts)} questions stand in {len(rows)} rows ({len(found) / len(texts):.2%})" + (f", the first: {found[0]}" if found else ""))
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"overlap.py: expected JSON as --help says, found {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
