"""A small work-zone feed of our own, whole and in pieces. It begins in a winter of the past."""

import json
from pathlib import Path

PRAIRIE = Path(__file__).parent / "data" / "wzdx_prairie.geojson"


def feed_of(*features, **info):
    document = json.loads(PRAIRIE.read_text())
    document["features"] = list(features)
    document["feed_info"] |= info
    return document


def written(tmp_path, document, name="feed.geojson"):
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def source(identifier):
    """A fresh copy of a feature of our feed."""
    return next(one for one in json.loads(PRAIRIE.read_text())["features"] if one["id"] == identifier)


def changed(identifier, *path, to):
    """A feature of ours with one value replaced, or taken away."""
    feature = source(identifier)
    *way, last = path
    place = feature
    for step in way:
        place = place[step]
    if to is None:
        del place[last]
    else:
        place[last] = to
    return feature
