"""The features behind an application: kept word for word beside its answers, in the transaction that files it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from permits.models import Conflict, RoadPermit, UpstreamFeature
from permits.wzdx.feed import Event, Json

ONE_WORK = "The feed relates the two: they are parts of one work."


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """What an application stands for: features of a feed, and the features they relate to elsewhere in it."""

    feed: str
    features: tuple[Json, ...]  # id, role, properties, geometry
    related: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Json) -> "Upstream":
        return cls(feed=data["feed"], features=tuple(data["features"]), related=tuple(data["related"]))


def upstream_of(feed: str, events: Iterable[Event], *, related: Iterable[str]) -> dict[str, Any]:
    """``Upstream`` as JSON, for the data that starts the workflow."""
    features = [
        {
            "id": event.id,
            "role": event.kind.replace("-", "_"),
            "properties": event.properties,
            "geometry": event.geometry,
        }
        for event in events
    ]
    return {"feed": feed, "features": features, "related": sorted(related)}


def keep_features(permit: Any, upstream: Upstream) -> None:
    """Write one row a feature. Raises IntegrityError when one stands in another application already."""
    UpstreamFeature.objects.bulk_create(
        UpstreamFeature(
            feed=upstream.feed,
            feature_id=one["id"],
            permit=permit,
            role=one["role"],
            properties=one["properties"],
            geometry=one["geometry"],
        )
        for one in upstream.features
    )
    _settle_among_parts(permit, upstream)


def _settle_among_parts(permit: Any, upstream: Upstream) -> None:
    """Parts of one work touch each other and are no conflict: nobody should have to say so for each pair."""
    others: Any = RoadPermit.objects.filter(
        features__feed=upstream.feed,
        features__feature_id__in=upstream.related,
        start_at__lt=permit.end_at,
        end_at__gt=permit.start_at,
    )
    pairs = [pair for other in others.distinct() for pair in ((permit, other), (other, permit))]
    Conflict.objects.bulk_create(
        (
            Conflict(
                permit=one,
                other=other,
                distance_m=0,
                overlap_start=max(one.start_at, other.start_at),
                overlap_end=min(one.end_at, other.end_at),
                blocking=False,
                why=f"“{other.title}” is part of the same work.",
                settled_because=ONE_WORK,
            )
            for one, other in pairs
        ),
        ignore_conflicts=True,  # a conflict that somebody has settled already stays as it is
    )
