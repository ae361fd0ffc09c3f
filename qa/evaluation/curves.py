"""Draws how well confidence is calibrated, and what is wrong at every share of questions answered."""

import importlib.util
import io
from typing import TYPE_CHECKING

from index.errors import ArticleQAError
from qa.evaluation.calibration import risk_coverage
from qa.evaluation.figures import Figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE, _ORANGE, _GREY, _PALE = "#2563a8", "#c8641e", "#8a8a8a", "#d3dfec"


def require_matplotlib() -> None:
    """Raise ArticleQAError where matplotlib, which is optional, is not installed."""
    if importlib.util.find_spec("matplotlib") is None:
        raise ArticleQAError("a plot needs matplotlib, which is not installed. pip install 'article-qa[eval]'")


def draw_curves(figures: Figures, pairs: list[tuple[float, bool]]) -> bytes:
    """Both curves side by side, as a PNG. `pairs` are the guesses' confidence, and whether each is right."""
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 5), layout="constrained", dpi=150)
    left, right = figure.subplots(1, 2)
    _calibration(left, figures)
    _risk(right, figures, pairs)
    for axes in (left, right):
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.grid(color="#e4e4e4", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set(xlim=(0, 1), ylim=(0, 1), axisbelow=True)
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()


def _calibration(axes: "Axes", figures: Figures) -> None:
    """The share right over the confidence, and, as bars, how the guesses are spread over it."""
    full = [bin for bin in figures.calibration if bin.count]
    total = sum(bin.count for bin in full)
    middles = [(bin.low + bin.high) / 2 for bin in full]
    axes.bar(middles, [bin.count / total for bin in full], 0.09, color=_PALE, label="share of guesses")
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="as promised")
    means, shares = [bin.confidence for bin in full], [bin.right for bin in full]
    axes.plot(means, shares, "o-", color=_BLUE, linewidth=1.5, clip_on=False, zorder=3, label="share right")
    axes.legend(loc="upper left", frameon=False)
    error = "" if figures.ece is None else f" (ECE {figures.ece:.1%})"
    axes.set(title=f"Calibration of {total:,} guesses{error}", xlabel="confidence", ylabel="share")


def _risk(axes: "Axes", figures: Figures, pairs: list[tuple[float, bool]]) -> None:
    """The share wrong of those given over the share given, the most confident first, the threshold in use marked."""
    curve = risk_coverage(pairs)
    area = "" if figures.risk_coverage_area is None else f" (area {figures.risk_coverage_area:.1%})"
    axes.plot([x for x, _ in curve], [y for _, y in curve], color=_BLUE, linewidth=1.5)
    if figures.answered:
        coverage, risk = curve[figures.answered - 1]
        told = f"from a confidence of {figures.min_confidence:.0%} on:\n{coverage:.0%} given, {risk:.0%} of them wrong"
        axes.plot(coverage, risk, "o", color=_ORANGE, clip_on=False, zorder=3, label=told)
        axes.legend(loc="best", frameon=False)
    axes.set(title=f"Risk and coverage{area}", xlabel="share of guesses given", ylabel="share of these wrong")
