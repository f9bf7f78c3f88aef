"""A small WordPiece tokenizer: it makes its vocabulary of training texts, and writes it as tokenizer.json.

A test sends texts to the server, whose tokenizer reads that file. The two must split texts alike.
"""

import unicodedata
from collections import Counter

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNKNOWN, START, END = 0, 1, 2, 3
LONGEST_WORD = 100


def words_of(text, lowercase):
    """The words of a text and their places: runs of letters and digits, and single punctuation marks."""
    words, start = [], None
    for place, character in enumerate(text + " "):
        is_mark = is_punctuation(character)
        if start is not None and (character.isspace() or is_mark):
            words.append((normalized(text[start:place], lowercase), start, place))
            start = None
        if is_mark:
            words.append((character, place, place + 1))
        elif start is None and not character.isspace():
            start = place
    return words


def is_punctuation(character):
    """As BERT has it: in ASCII all that is neither letter, digit nor blank."""
    is_ascii_mark = "!" <= character <= "~" and not character.isalnum()
    return is_ascii_mark or unicodedata.category(character).startswith("P")


def normalized(word, lowercase):
    """The word without accents."""
    letters = unicodedata.normalize("NFD", word.lower() if lowercase else word)
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


class WordPiece:
    def __init__(self, vocabulary, lowercase):
        self.lowercase = lowercase
        self.tokens = SPECIALS + vocabulary
        self.ids = {token: number for number, token in enumerate(self.tokens)}

    @classmethod
    def learn(cls, texts, lowercase, words, pieces, longest_piece=3):
        """The vocabulary: characters, the most frequent whole words in lower case, and the most frequent parts of words.

        No other token than a single letter begins in upper case, so that a name is told by its first token.
        """
        counted = Counter(word for text in texts for word, _, _ in words_of(text, lowercase))
        parts = Counter()
        for word, count in counted.items():
            for size in range(2, longest_piece + 1):
                for place in range(len(word) - size + 1):
                    if place > 0 or word[0].islower():
                        parts["##" * (place > 0) + word[place:place + size]] += count if word[0].islower() else 1
        characters = sorted({character for word in counted for character in word} | set(map(chr, range(33, 127))))
        if lowercase:
            characters = [character for character in characters if not character.isupper()]
        whole = [word for word, _ in ranked(counted) if word[0].islower()][:words]
        vocabulary = dict.fromkeys(characters + ["##" + one for one in characters if one.isalnum()])
        vocabulary.update(dict.fromkeys(whole + [part for part, _ in ranked(parts)[:pieces]]))
        return cls(list(vocabulary), lowercase)

    def encode(self, text):
        """The ids of a text between the tokens for its start and end, and the places of each."""
        ids, places = [START], [None]
        for word, start, end in words_of(text, self.lowercase):
            for piece in self.split(word):
                stop = end if piece == UNKNOWN else start + len(self.tokens[piece].removeprefix("##"))
                ids.append(piece)
                places.append((start, stop))
                start = stop
        return ids + [END], places + [None]

    def split(self, word):
        """The longest known piece first."""
        pieces, start = [], 0
        while start < len(word):
            end = next((end for end in range(len(word), start, -1) if "##" * (start > 0) + word[start:end] in self.ids), None)
            if end is None or len(word) > LONGEST_WORD:
                return [UNKNOWN]
            pieces.append(self.ids["##" * (start > 0) + word[start:end]])
            start = end
        return pieces

    def to_json(self):
        special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        first, last = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}
        return {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{"id": number, "content": token, **special} for number, token in enumerate(SPECIALS)],
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": True,
                           "lowercase": self.lowercase},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {
                "type": "TemplateProcessing", "single": [first, {"Sequence": {"id": "A", "type_id": 0}}, last],
                "pair": [first, {"Sequence": {"id": "A", "type_id": 0}}, last, {"Sequence": {"id": "B", "type_id": 1}}, last],
                "special_tokens": {token: {"id": token, "ids": [number], "tokens": [token]}
                                   for token, number in (("[CLS]", START), ("[SEP]", END))}},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": LONGEST_WORD, "vocab": self.ids}}


def ranked(counter):
    """The most frequent first; equal ones by their letters, so that the order is the same each time."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))
