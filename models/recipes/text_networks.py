"""The networks for texts, and how they are trained. texts.py uses them."""

import time

import torch
from torch import nn
from torch.nn import functional

from wordpiece import PAD


class Encoder(nn.Module):
    """A vector for each token: convolutions over the neighbours, with steps that widen. Padding is set to zero after each.

    Training hides whole tokens, so that a text can have words that the model does not know.
    """

    def __init__(self, tokens, size, steps):
        super().__init__()
        self.table = nn.Embedding(tokens, size, padding_idx=PAD)
        self.layers = nn.ModuleList(nn.Conv1d(size, size, 3, padding=step, dilation=step) for step in steps)
        self.dropout, self.hidden = nn.Dropout(0.1), nn.Dropout1d(0.05)

    def forward(self, input_ids, attention_mask):
        mask = attention_mask.unsqueeze(1).float()
        hidden = self.hidden(self.table(input_ids)).transpose(1, 2) * mask
        for layer in self.layers:
            hidden = (hidden + self.dropout(functional.relu(layer(hidden)))) * mask
        return hidden.transpose(1, 2)


class Classifier(nn.Module):
    """Scores of labels for a text, of the mean of its tokens."""

    def __init__(self, encoder, labels):
        super().__init__()
        self.encoder, self.output = encoder, nn.Linear(encoder.table.embedding_dim, labels)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids, attention_mask)
        return self.output(hidden.sum(1) / attention_mask.float().sum(1, keepdim=True))


class Tagger(nn.Module):
    """Scores of O, and of B- and I- of each kind, for each token.

    The pieces of a word have the scores of its first piece, so that no word is torn.
    """

    def __init__(self, encoder, tokens, kinds):
        super().__init__()
        self.encoder, self.output = encoder, nn.Linear(encoder.table.embedding_dim, 1 + 2 * kinds)
        self.register_buffer("continues", torch.tensor([float(token.startswith("##")) for token in tokens]))
        self.register_buffer("partner", torch.tensor([0] + [1 + (label ^ 1) for label in range(2 * kinds)]))
        self.register_buffer("never_begins", torch.tensor([0.0] + [-20.0, 0.0] * kinds))

    def forward(self, input_ids, attention_mask):
        scores = self.output(self.encoder(input_ids, attention_mask))
        follows = self.continues[input_ids].unsqueeze(-1)
        reach = follows
        for step in (1, 2, 4, 8, 16):
            scores = torch.where(reach > 0.5, shifted(scores, step), scores)
            reach = reach * shifted(reach, step)
        # A later piece is inside the entity that the first piece begins.
        inside = torch.maximum(scores, scores.index_select(-1, self.partner)) + self.never_begins
        return torch.where(follows > 0.5, inside, scores)


def shifted(values, step):
    """The values of the tokens that stand so many places before."""
    return functional.pad(values, (0, 0, step, 0))[:, :-step]


def batch_of(rows):
    """The rows of ids beside each other, filled up with padding, and their mask."""
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=PAD)
    return ids, (ids != PAD).long()


def train(name, network, steps, loss_of, rate=3e-3):
    """Takes steps that become small at the end. loss_of makes a batch and gives its loss."""
    start = time.monotonic()
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    network.train()
    for step in range(steps):
        loss = loss_of()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % (steps // 10) == 0:
            print(f"{name}: step {step}, loss {loss.item():.4f}", flush=True)
    network.eval()
    print(f"{name}: trained in {time.monotonic() - start:.0f} s", flush=True)
