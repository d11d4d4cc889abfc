"""Korean particles (조사) that fit a word's last sound. Standard library only."""

PAIRS = (
    ("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"), ("이나", "나"), ("이라도", "라도"),
    ("이라는", "라는"), ("이라고", "라고"), ("이란", "란"), ("이며", "며"), ("이랑", "랑"),
)  # fmt: skip
FOR_ALL = ("의", "에", "도", "만", "에서", "에는", "에게", "처럼", "까지", "부터", "보다", "마다", "뿐")
VOCATIVE = ("아", "야")
DIGIT_SOUNDS = str.maketrans("0123456789", "영일이삼사오육칠팔구")
LATIN_FINALS = frozenset("lmnrLMNR")  # letters whose Korean names end in a consonant: 엘, 엠, 엔, 알
RIEUL = 8  # takes 로, as vowels do


def final_consonant(word: str) -> int:
    """The number of the last syllable's final consonant in the Unicode order (0 none, 8 ㄹ)."""
    last = word[-1:].translate(DIGIT_SOUNDS)
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    if last in LATIN_FINALS:
        return RIEUL if last in "lLrR" else 16
    return 0


def fitting_particles(word: str, *, spoken: bool = False) -> list[str]:
    """The particles that may follow a word, in the form its last sound asks for: 은/는, 이/가, 을/를, 과/와, 으로/로 …
    People are called (아/야) in speech only."""
    final = final_consonant(word)
    pairs = [*PAIRS, VOCATIVE] if spoken else PAIRS
    chosen = [with_final if final else without for with_final, without in pairs]
    if final == RIEUL:
        chosen[PAIRS.index(("으로", "로"))] = "로"
    return [*chosen, *FOR_ALL]


def misfits(before: str, char: str) -> bool:
    """Whether a character, after the two before it, is a particle in the wrong form for the word it would be attached
    to: 를 and 와 after a consonant, 으로 after a vowel or ㄹ.

    Other wrong forms cannot be told from right words (마을, 아이, 먹는, 작가). In 52 novels 를 never stands so (of
    7,076), 으로 never (of 2,892), 와 twice (of 1,211: 와글와글).
    """
    if char in ("를", "와"):
        return final_consonant(before) != 0
    if char != "로" or not "가" <= before[:-1] <= "힣":
        return False
    return before.endswith("으") and final_consonant(before[:-1]) in (0, RIEUL)
