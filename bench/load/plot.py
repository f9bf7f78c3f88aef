"""Draws the comparison as SVG: a panel for each model, and a group of bars for each number of connections."""

from html import escape

from cases import Case
from servers import Server
from throughput import CONNECTIONS, RAW_BATCHES, Results

# The colors are readable on white and on black.
COLORS = {
    "noop": "#8c8c8c", "ours-json": "#1f8fe0", "ours-sent": "#7fbdec",
    "ours-binary": "#15a37f", "ours-grpc": "#8a6d3b", "aspnet": "#c678dd", "node": "#e0902f",
}
INK = "#7d7d7d"
WIDTH, PANEL, GAP, LEFT, RIGHT, TOP, LEGEND = 540, 190, 46, 64, 8, 30, 30
BAR = 24
TICKS = 4


def svg(results: Results, cases: list[Case], servers: list[Server]) -> str:
    height = LEGEND + len(cases) * (PANEL + GAP)
    shapes = [legend(servers)]
    for index, case in enumerate(cases):
        shapes.append(panel(results, case, servers, LEGEND + index * (PANEL + GAP) + TOP))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" '
        f'font-family="sans-serif" font-size="11" fill="{INK}">',
        "<title>Requests per second of each server, by model and connections</title>", *shapes, "</svg>", ""])


def legend(servers: list[Server]) -> str:
    shapes, x = [], 4
    for server in servers:
        shapes.append(f'<rect x="{x}" y="8" width="10" height="10" fill="{COLORS[server.key]}"/>')
        shapes.append(text(x + 13, 17, server.title, size=9))
        # 5 is about the width of a letter, and 28 is the room for the next box.
        x += 5 * len(server.title) + 28
    return "\n".join(shapes)


def panel(results: Results, case: Case, servers: list[Server], top: float) -> str:
    bottom = top + PANEL - TOP
    rates = {(c, s.key): results.rate(case.name, s.key, c) for c in CONNECTIONS for s in servers}
    best = max(results.raw_rate(case.name, batch) for batch in RAW_BATCHES)
    # The no-op server runs no model. Where its rate is far above the others, its bars are cut and labelled with the rate.
    shown = max(rate for (_, key), rate in rates.items() if key != "noop" or len(servers) == 1)
    limit = nice(1.15 * max(shown, best if best < 2 * shown else 0))
    scale = (bottom - top) / limit
    middle = (top + bottom) / 2
    parts = [text(0, top - 14, case.title, weight="bold"),
             f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">requests/s</text>']
    parts += [axis_line(limit * tick / TICKS, top, bottom, limit) for tick in range(TICKS + 1)]
    group = WIDTH / len(CONNECTIONS)
    for index, connections in enumerate(CONNECTIONS):
        left = LEFT + index * group + (group - BAR * len(servers)) / 2
        for place, server in enumerate(servers):
            rate = rates[connections, server.key]
            label = short(rate) if rate <= limit else f"{short(rate)} \u2191"
            parts.append(bar(left + place * BAR, bottom, min(rate, limit) * scale, COLORS[server.key], label))
        parts.append(text(left + BAR * len(servers) / 2, bottom + 15, f"{connections} connection{'s' * (connections > 1)}", anchor="middle"))
    parts.append(raw_line(best, limit, top, bottom))
    return "\n".join(parts)


def axis_line(value: float, top: float, bottom: float, limit: float) -> str:
    y = bottom - (bottom - top) * value / limit
    return (f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="{INK}" stroke-opacity="0.35"/>'
            + text(LEFT - 8, y + 4, short(value), anchor="end"))


def bar(x: float, bottom: float, height: float, color: str, label: str) -> str:
    return (f'<rect x="{x + 1:.1f}" y="{bottom - height:.1f}" width="{BAR - 2}" height="{height:.1f}" fill="{color}"/>'
            + text(x + BAR / 2, bottom - height - 3, label, anchor="middle", size=7))


def raw_line(rate: float, limit: float, top: float, bottom: float) -> str:
    if rate > limit:
        return text(LEFT + WIDTH, top - 14, f"ONNX Runtime alone: {short(rate)}/s, off the scale", anchor="end", size=9)
    y = bottom - (bottom - top) * rate / limit
    return (f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#d9534f" stroke-dasharray="5 3"/>'
            + text(LEFT + WIDTH, top - 14, f"dashed: ONNX Runtime alone, {short(rate)}/s", anchor="end", size=9))


def text(x: float, y: float, content: str, anchor: str = "start", size: int = 11, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">{escape(content)}</text>'


def nice(value: float) -> float:
    """Rounds up to 1, 2, 4, 6, 8 or 10 times a power of ten."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)


def short(value: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"
