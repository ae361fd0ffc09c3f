"""Draws how the index grows."""

from collections.abc import Sequence
from pathlib import Path

_CURVES = (
    ("filled in, minutes", lambda row: row["chunks"] / row["stored"] / 60),
    ("memory while serving, MB", lambda row: row["memory"]),
    ("disk, MB", lambda row: row["disk"]),
    ("search p50, ms", lambda row: row["search_p50"]),
)


def draw(rows: Sequence[dict[str, float]], path: Path) -> None:
    """Draw time, memory, disk and latency over the number of chunks, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.2), layout="constrained")
    FigureCanvasAgg(figure)
    sizes = [row["chunks"] for row in rows]
    for axes, (name, value) in zip(figure.subplots(2, 2).flat, _CURVES, strict=True):
        axes.plot(sizes, [value(row) for row in rows], marker="o", color="#17595f")
        axes.set(title=name, xlim=(0, None), ylim=(0, None))
        axes.xaxis.set_major_formatter(lambda size, _: f"{size / 1000:,.0f}k")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("chunks")
    figure.savefig(path, dpi=110)
