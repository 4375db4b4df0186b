"""Sheets of paper for the demo: real PDF files that say what they stand for."""

import json

import typst

SHEET = """#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set page(paper: "us-letter", margin: 1in)
#set text(size: 14pt)
= #data.title
#data.reference

#rect(width: 100%, height: 60%, stroke: 0.5pt)[#align(center + horizon)[Drawing for the demo]]
"""


def paper(reference: str, title: str) -> bytes:
    """A one-page PDF titled ``title`` for a permit."""
    data = json.dumps({"title": title, "reference": reference})
    made = typst.compile(SHEET.encode(), sys_inputs={"data": data})
    return bytes(made)
