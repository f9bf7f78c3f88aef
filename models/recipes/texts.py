"""Trains three small models for texts on made-up sentences, and writes them as Hugging Face folders.

Usage, from the repository's root (Debian 12; it takes a few minutes):

    apt-get install --no-install-recommends python3-torch && python3 models/recipes/texts.py [entities] [sentiment] [paraphrases]

entities     finds people, places and dates. It ships with the server: models/entities/1.
sentiment    tells good reviews from bad ones. Only tests use it: tests/Inference.Testing/Models/sentiment.
paraphrases  gives vectors that are alike for requests that mean the same. Only tests use it: tests/Inference.Testing/Models/paraphrases.

The tests' sentences (models/recipes/<name>-test.txt) are written by hand and never trained on. A model whose score for them is below its
floor is not written, and the exit code is 1. The seed is fixed, and one thread computes.
"""

import json
import random
import re
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

import entity_sentences
import paraphrases
import sentiment_sentences
from text_networks import Classifier, Encoder, Tagger, batch_of, train
from wordpiece import WordPiece

RECIPES = Path(__file__).resolve().parent
REPOSITORY = RECIPES.parent.parent
SEED, LONGEST, BATCH, OPSET = 0, 128, 64, 17
ENTITY_LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-DATE", "I-DATE"]
MARKED = re.compile(r"\[([^|\]]+)\|(\w+)\]")


# Output

def write(name, folder, network, tokenizer, architecture, output, config, files):
    """Writes the files of a Hugging Face folder. In a version of the server's own layout the model lies beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.onnx" if folder.name == "1" else folder / "onnx" / "model.onnx"
    model.parent.mkdir(exist_ok=True)
    ids, mask = batch_of([[2, 5, 6, 3], [2, 5, 3]])
    axes = {name: {0: "batch", 1: "sequence"} for name in ("input_ids", "attention_mask")}
    axes[output] = {0: "batch"} if config.get("pooled") else {0: "batch", 1: "sequence"}
    torch.onnx.export(network, (ids, mask), str(model), input_names=["input_ids", "attention_mask"], output_names=[output],
                      dynamic_axes=axes, opset_version=OPSET)
    described = {"architectures": [architecture], "model_type": "text-cnn", "vocab_size": len(tokenizer.ids),
                 "max_position_embeddings": LONGEST, **{key: value for key, value in config.items() if key != "pooled"}}
    files = {"config.json": described, "tokenizer.json": tokenizer.to_json(), **files}
    for file, content in files.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{name}: {sum(file.stat().st_size for file in folder.rglob('*') if file.is_file()) / 1000:.0f} KB", flush=True)


def labels_of(names):
    return {"id2label": {str(number): label for number, label in enumerate(names)},
            "label2id": {label: number for number, label in enumerate(names)}}


def test_lines(name):
    lines = (RECIPES / f"{name}-test.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_good(name, right, count, floor):
    print(f"{name}: {right} of {count} right ({right / count:.1%}), floor {floor:.0%}", flush=True)
    return right >= floor * count


# The models

def make_entities():
    chooser = random.Random(SEED)
    tests = [unmarked(line) for line in test_lines("entities")]
    held_out = {word for text, entities in tests for start, end, label in entities if label != "DATE" for word in text[start:end].split()}
    sentences = entity_sentences.Sentences(chooser, held_out)
    made = [sentences.make() for _ in range(40_000)]
    tokenizer = WordPiece.learn([text for text, _ in made], lowercase=False, words=700, pieces=300)
    # Texts of similar length share a batch, which halves the padding.
    rows = sorted((entity_row(tokenizer, text, entities) for text, entities in made), key=lambda row: len(row[0]))
    network = Tagger(Encoder(len(tokenizer.ids), 64, (1, 2, 4, 8, 1)), tokenizer.tokens, kinds=3)

    def loss_of():
        start = chooser.randrange(len(rows) - BATCH + 1)
        chosen = rows[start:start + BATCH]
        ids, mask = batch_of([row for row, _ in chosen])
        labels = nn.utils.rnn.pad_sequence([torch.tensor(row) for _, row in chosen], batch_first=True, padding_value=-100)
        return functional.cross_entropy(network(ids, mask).flatten(0, 1), labels.flatten())

    train("entities", network, 1_600, loss_of)
    right, count = 0, 0
    for text, entities in tests:
        found = find_entities(network, tokenizer, text)
        right, count = right + 2 * len({*found} & {*entities}), count + len(found) + len(entities)
        if found != entities:
            print(f"entities: {text} {[(text[start:end], label) for start, end, label in found]}")
    if not is_good("entities: found and marked", right, count, 0.8):
        return False
    write("entities", REPOSITORY / "models" / "entities" / "1", network, tokenizer, "TextCnnForTokenClassification", "logits",
          labels_of(ENTITY_LABELS), {})
    return True


def entity_row(tokenizer, text, entities):
    """The ids of a text and the number of each token's label."""
    ids, places = tokenizer.encode(text)
    labels, last = [], None
    for place in places:
        entity = next((entity for entity in entities if place and entity[0] <= place[0] < entity[1]), None)
        labels.append(0 if entity is None else ENTITY_LABELS.index(("I-" if entity == last else "B-") + entity[2]))
        last = entity
    return ids, labels


def find_entities(network, tokenizer, text):
    """Joins tokens as the server does: to the entity before, unless the label begins with B-."""
    ids, places = tokenizer.encode(text)
    found, last = [], ""
    for place, best in zip(places, network(*batch_of([ids]))[0].argmax(-1).tolist()):
        begins, kind = ENTITY_LABELS[best][:2] == "B-", ENTITY_LABELS[best][2:] if place else ""
        if kind and kind == last and not begins:
            found[-1] = (found[-1][0], place[1], kind)
        elif kind:
            found.append((*place, kind))
        last = kind
    return found


def unmarked(line):
    """A line of the test: [Ada|PER] lives here. Returns its text and its entities."""
    text, entities, at = "", [], 0
    for mark in MARKED.finditer(line):
        text += line[at:mark.start()]
        entities.append((len(text), len(text) + len(mark[1]), mark[2]))
        text, at = text + mark[1], mark.end()
    return text + line[at:], entities


def make_sentiment():
    chooser = random.Random(SEED)
    made = [sentiment_sentences.make(chooser) for _ in range(20_000)]
    tokenizer = WordPiece.learn([text for text, _ in made], lowercase=True, words=300, pieces=150)
    rows = [(tokenizer.encode(text)[0], label) for text, label in made]
    network = Classifier(Encoder(len(tokenizer.ids), 32, (1, 2, 4)), 2)

    def loss_of():
        chosen = chooser.sample(rows, BATCH)
        return functional.cross_entropy(
            network(*batch_of([row for row, _ in chosen])), torch.tensor([label for _, label in chosen]))

    train("sentiment", network, 2_000, loss_of)
    lines = [line.split(" ", 1) for line in test_lines("sentiment")]
    made = [("good" if label else "bad", text) for text, label in
            (sentiment_sentences.make(chooser, held_out=True) for _ in range(1_000))]
    right = [[("bad", "good")[network(*batch_of([tokenizer.encode(text)[0]])).argmax()] == label for label, text in part]
             for part in (made, lines)]
    print(*(f"sentiment: wrong: {text}" for is_right, (_, text) in zip(right[1], lines) if not is_right), sep="\n")
    if not (is_good("sentiment: held out pairs", sum(right[0]), len(made), 0.95)
            and is_good("sentiment", sum(right[1]), len(lines), 0.9)):
        return False
    write("sentiment", REPOSITORY / "tests" / "Inference.Testing" / "Models" / "sentiment", network, tokenizer,
          "TextCnnForSequenceClassification", "logits", {"pooled": True, **labels_of(["bad", "good"])}, {})
    return True


def make_paraphrases():
    chooser = random.Random(SEED)
    texts = [paraphrases.say(chooser, *paraphrases.meaning(chooser)) for _ in range(10_000)]
    tokenizer = WordPiece.learn(texts, lowercase=True, words=300, pieces=100)
    encoder = Encoder(len(tokenizer.ids), 48, (1, 2))

    def vectors(texts):
        ids, mask = batch_of([tokenizer.encode(text)[0] for text in texts])
        return functional.normalize(encoder(ids, mask).sum(1) / mask.sum(1, keepdim=True))

    def loss_of():
        meanings = list(dict.fromkeys(paraphrases.meaning(chooser) for _ in range(2 * BATCH)))
        left, right = (vectors([paraphrases.say(chooser, *meaning) for meaning in meanings]) for _ in range(2))
        scores = 15 * left @ right.T
        numbers = torch.arange(len(meanings))
        return functional.cross_entropy(scores, numbers) + functional.cross_entropy(scores.T, numbers)

    train("paraphrases", encoder, 1_200, loss_of)
    made = list(dict.fromkeys(paraphrases.meaning(chooser, held_out=True)[:2] + ("",) for _ in range(30)))
    pairs = [[[paraphrases.say(chooser, *meaning) for _ in range(2)] for meaning in made],
             [line.split(" | ") for line in test_lines("paraphrases")]]
    right = [are_nearest(vectors([text for pair in part for text in pair])) for part in pairs]
    print(*(f"paraphrases: wrong: {pairs[1][number // 2]}" for number, is_right in enumerate(right[1]) if not is_right), sep="\n")
    if not (is_good("paraphrases: held out pairs", sum(right[0]), len(right[0]), 0.9)
            and is_good("paraphrases", sum(right[1]), len(right[1]), 1)):
        return False
    modules = [{"idx": number, "name": str(number), "path": f"{number}_{name}" if number else "",
                "type": f"sentence_transformers.models.{name}"} for number, name in enumerate(("Transformer", "Pooling", "Normalize"))]
    write("paraphrases", REPOSITORY / "tests" / "Inference.Testing" / "Models" / "paraphrases", encoder, tokenizer, "TextCnnModel",
          "last_hidden_state", {"hidden_size": 48}, {
              "modules.json": modules, "1_Pooling/config.json": {"word_embedding_dimension": 48, "pooling_mode_mean_tokens": True}})
    return True


def are_nearest(vectors):
    """Whether each second vector is the nearest of the one before it, and the other way round."""
    nearest = (vectors @ vectors.T - 2 * torch.eye(len(vectors))).argmax(1).tolist()
    return [other == number ^ 1 for number, other in enumerate(nearest)]


if __name__ == "__main__":
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    makers = {"entities": make_entities, "sentiment": make_sentiment, "paraphrases": make_paraphrases}
    made = []
    for name in sys.argv[1:] or makers:
        torch.manual_seed(SEED)
        made.append(makers[name]())
    sys.exit(0 if all(made) else 1)
