"""Characters to ids and back."""

from collections import Counter
from collections.abc import Iterable, Sequence

UNKNOWN = 0  # stands for every character the writer has not met
EDGE = 1  # stands before a text's first character and after its last
SPECIAL = ("\ufffd", "\x03")
LIMIT = 8_000  # distinct characters a writer keeps; texts full of hanja would outgrow the network


class Tokenizer:
    """A vocabulary of characters. It grows at its end only: an id, once given, keeps its character."""

    def __init__(self, vocabulary: Sequence[str] = SPECIAL) -> None:
        if tuple(vocabulary[: len(SPECIAL)]) != SPECIAL:
            raise ValueError("a vocabulary begins with the special characters")
        if any(len(char) != 1 for char in vocabulary):
            raise ValueError("a vocabulary holds single characters")
        if len(set(vocabulary)) != len(vocabulary):
            raise ValueError("a vocabulary holds no character twice")
        self.vocabulary = list(vocabulary)
        self._ids = {char: number for number, char in enumerate(self.vocabulary)}

    def __len__(self) -> int:
        return len(self.vocabulary)

    def grow(self, texts: Iterable[str]) -> int:
        """Adds the characters not met before, the most frequent first; returns how many were added."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        new = sorted(
            (char for char in counts if char not in self._ids), key=lambda char: (-counts[char], char)
        )
        new = new[: max(0, LIMIT - len(self))]
        self._ids.update((char, len(self) + place) for place, char in enumerate(new))
        self.vocabulary.extend(new)
        return len(new)

    def encode(self, text: str) -> list[int]:
        """One id a character; `UNKNOWN` for characters outside the vocabulary."""
        return [self._ids.get(char, UNKNOWN) for char in text]

    def decode(self, ids: Iterable[int]) -> str:
        """The characters of ids, special ones left out. Raises IndexError for an id that was never given."""
        return "".join(self.vocabulary[number] for number in ids if number >= len(SPECIAL))
