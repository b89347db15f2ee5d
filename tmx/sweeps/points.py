"""The points of a ``list`` design, each a mapping of the same parameters, as axes to go along together."""

from pathlib import Path
from typing import Any

from tmx.config.loading import Settings, collect
from tmx.config.yaml_reader import ListNode, MapNode
from tmx.sweeps.axis import Axis


def read_points(node: ListNode, directory: Path) -> tuple[Axis, ...]:
    """Make an axis of each parameter, with one value per point.

    Parameters
    ----------
    node : ListNode
        The list under ``points``.
    directory : Path
        Where relative paths among the values start.

    Raises
    ------
    ConfigError
        With the place, if a point is no mapping, sets other parameters than the first, or a value is not acceptable.
    """
    points = [_point(item, index, directory) for index, item in enumerate(node.items)]
    first = points[0]
    for index, (point, item) in enumerate(zip(points, node.items, strict=True)):
        for missing in first.values.keys() - point.values.keys():
            raise item.mark.error(f"points[{index}]: {missing} is missing, which points[0] sets")
        for more in point.values.keys() - first.values.keys():
            raise point.marks[more].error(f"points[{index}]: {more} is set here, but not in points[0]")
    return tuple(Axis(name, name, "list", _column(points, name), str(first.marks[name])) for name in first.values)


def _point(node: Any, index: int, directory: Path) -> Settings:
    if not isinstance(node, MapNode) or not node.entries:
        raise node.mark.error(f"points[{index}]: expected a mapping such as {{k_dust: 0.1, latitude: 30 deg}}")
    point = collect(node, directory)
    if not point.values:
        raise node.mark.error(f"points[{index}]: sets no parameter that tmx has")
    return point


def _column(points: list[Settings], name: str) -> tuple[Any, ...]:
    return tuple(point.values[name] for point in points)
