"""The goals of the comparison: medians of the ratios of the rounds. A goal without a measurement of its model and server is left out."""

from dataclasses import dataclass
from typing import Callable

from servers import PEERS
from throughput import Results

JSON, BINARY = "ours-json", "ours-binary"


@dataclass(frozen=True)
class Goal:
    text: str
    goal: float
    measure: Callable[[Results], float]
    at_most: bool = False
    unit: str = ""

    def row(self, results: Results) -> str | None:
        try:
            value = self.measure(results)
        except KeyError:
            return None
        met = value <= self.goal if self.at_most else value >= self.goal
        sign = "<=" if self.at_most else ">="
        return f"| {self.text} | {sign} {self.goal:g}{self.unit} | {value:.2f}{self.unit} | {'yes' if met else 'no'} |"


def of_best_peer(results: Results, model: str, server: str, connections: int) -> float:
    return min(results.ratio(model, server, peer, connections) for peer in PEERS)


GOALS = [
    Goal("ResNet-like, JSON, 16 connections / raw ORT's best", 0.88,
         lambda r: r.of_raw("resnet", JSON, 16)),
    Goal("ResNet-like, binary, 16 connections / raw ORT's best", 0.95,
         lambda r: r.of_raw("resnet", BINARY, 16)),
    Goal("digits, JSON, 16 connections / no-op Kestrel", 0.70,
         lambda r: r.ratio("digits", JSON, "noop", 16)),
    Goal("digits, JSON, 16 connections / plain ASP.NET Core", 2,
         lambda r: r.ratio("digits", JSON, "aspnet", 16)),
    Goal("digits, JSON, 1 connection: p50 above no-op Kestrel's", 30,
         lambda r: 1000 * (r.p50("digits", JSON, 1) - r.p50("digits", "noop", 1)), at_most=True, unit=" us"),
    Goal("wide MLP, JSON, 64 connections / the best peer", 5,
         lambda r: of_best_peer(r, "wide", JSON, 64)),
    Goal("wide MLP, JSON, 64 connections / raw ORT at batch 32", 0.5,
         lambda r: r.of_raw("wide", JSON, 64, batches=(32,))),
    # Batches would halve the rate of this model. The goal allows for the server's own cost, as the goal of the ResNet-like model does.
    Goal("OCR-classifier-like, JSON, 64 connections / raw ORT at batch 1", 0.88,
         lambda r: r.of_raw("ocr", JSON, 64, batches=(1,))),
]
