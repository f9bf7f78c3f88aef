#!/usr/bin/env python3
"""Writes two Hugging Face folders with an encoder of MiniLM's shape and random weights: 6 layers, 384 numbers for each token, 12 heads.

    /usr/bin/python3 bench/load/make_encoder.py artifacts/bench/encoders

It needs Debian's python3-onnx and python3-numpy. The vocabulary has 30,522 tokens: BERT's special ones, and words from w0 on.

embedder  gives a vector for each token, of which the mean is the embedding.
ranker    gives one score for a pair of texts.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SEED, OPSET = 20, 17
LAYERS, SIZE, HEADS, INNER, POSITIONS, VOCABULARY = 6, 384, 12, 1536, 512, 30_522
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


class Encoder:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(SEED)

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, values: object, kind: type) -> str:
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype=kind), name))
        return name

    def normal(self, *shape: int) -> str:
        return self.constant(self.random.standard_normal(shape) * (0.02 if len(shape) > 1 else 0), np.float32)

    def whole(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def dense(self, x: str, inputs: int, outputs: int) -> str:
        return self.add("Add", self.add("MatMul", x, self.normal(inputs, outputs)), self.normal(outputs))

    def norm(self, x: str) -> str:
        return self.add("LayerNormalization", x, self.constant(np.ones(SIZE), np.float32), self.normal(SIZE), axis=-1, epsilon=1e-12)

    def embed(self) -> str:
        length = self.add("Gather", self.add("Shape", "input_ids"), self.constant(1, np.int64))
        positions = self.add("Range", self.constant(0, np.int64), length, self.constant(1, np.int64))
        words = self.add("Gather", self.normal(VOCABULARY, SIZE), "input_ids")
        types = self.add("Gather", self.normal(2, SIZE), "token_type_ids")
        places = self.add("Gather", self.normal(POSITIONS, SIZE), positions)
        return self.norm(self.add("Add", self.add("Add", words, types), places))

    def bias(self) -> str:
        """Returns the attention bias: 0 for tokens, and the lowest FP32 value for padding."""
        mask = self.add("Cast", self.add("Unsqueeze", "attention_mask", self.whole(1, 2)), to=TensorProto.FLOAT)
        hidden = self.add("Sub", self.constant(1, np.float32), mask)
        return self.add("Mul", hidden, self.constant(np.finfo(np.float32).min, np.float32))

    def heads(self, x: str, *order: int) -> str:
        split = self.add("Reshape", self.dense(x, SIZE, SIZE), self.whole(0, 0, HEADS, SIZE // HEADS))
        return self.add("Transpose", split, perm=list(order))

    def layer(self, x: str, bias: str) -> str:
        query, key, value = self.heads(x, 0, 2, 1, 3), self.heads(x, 0, 2, 3, 1), self.heads(x, 0, 2, 1, 3)
        scores = self.add("Div", self.add("MatMul", query, key), self.constant(np.sqrt(SIZE / HEADS), np.float32))
        seen = self.add("MatMul", self.add("Softmax", self.add("Add", scores, bias), axis=-1), value)
        joined = self.add("Reshape", self.add("Transpose", seen, perm=[0, 2, 1, 3]), self.whole(0, 0, SIZE))
        x = self.norm(self.add("Add", self.dense(joined, SIZE, SIZE), x))
        inner = self.dense(x, SIZE, INNER)
        error = self.add("Erf", self.add("Div", inner, self.constant(np.sqrt(2), np.float32)))
        curved = self.add("Mul", self.add("Mul", inner, self.add("Add", error, self.constant(1, np.float32))),
                          self.constant(0.5, np.float32))
        return self.norm(self.add("Add", self.dense(curved, INNER, SIZE), x))

    def save(self, path: Path, output: str, shape: list[object]) -> None:
        self.nodes[-1].output[0] = output
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
                  for name in ("input_ids", "attention_mask", "token_type_ids")]
        graph = helper.make_graph(
            self.nodes, "encoder", inputs, [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="bench")
        model.ir_version = 8
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def build(ranks: bool, folder: Path) -> None:
    encoder = Encoder()
    x, bias = encoder.embed(), encoder.bias()
    for _ in range(LAYERS):
        x = encoder.layer(x, bias)
    if ranks:
        first = encoder.add("Gather", x, encoder.constant(0, np.int64), axis=1)
        encoder.dense(encoder.add("Tanh", encoder.dense(first, SIZE, SIZE)), SIZE, 1)
    encoder.save(folder / "onnx" / "model.onnx", "logits" if ranks else "last_hidden_state",
                 ["batch", 1] if ranks else ["batch", "sequence", SIZE])
    config = {"architectures": ["BertForSequenceClassification" if ranks else "BertModel"], "model_type": "bert",
              "hidden_size": SIZE, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": INNER,
              "max_position_embeddings": POSITIONS, "vocab_size": VOCABULARY, "type_vocab_size": 2}
    write(folder, "config.json", config | ({"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}} if ranks else {}))
    write(folder, "tokenizer.json", tokenizer())
    write(folder, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "model_max_length": POSITIONS, "do_lower_case": True,
                                            "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"})
    if not ranks:
        write(folder, "modules.json", [
            {"idx": index, "name": str(index), "path": "" if index == 0 else f"{index}_{name}",
             "type": f"sentence_transformers.models.{name}"} for index, name in enumerate(("Transformer", "Pooling", "Normalize"))])
        write(folder / "1_Pooling", "config.json", {"word_embedding_dimension": SIZE, "pooling_mode_mean_tokens": True})


def tokenizer() -> dict:
    tokens = SPECIALS + [f"w{number}" for number in range(VOCABULARY - len(SPECIALS))]
    special = [{"id": index, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for index, token in enumerate(SPECIALS)]

    def template(*parts: str) -> list[dict]:
        return [{"Sequence": {"id": part, "type_id": int(part == "B")}} if part in "AB"
                else {"SpecialToken": {"id": part, "type_id": int(index > 3)}} for index, part in enumerate(parts)]

    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                       "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": template("[CLS]", "A", "[SEP]"),
            "pair": template("[CLS]", "A", "[SEP]", "B", "[SEP]"),
            "special_tokens": {token: {"id": token, "ids": [SPECIALS.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": {token: index for index, token in enumerate(tokens)}},
    }


def write(folder: Path, name: str, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


def main() -> None:
    root = Path(sys.argv[1])
    build(ranks=False, folder=root / "embedder")
    build(ranks=True, folder=root / "ranker")


if __name__ == "__main__":
    main()
