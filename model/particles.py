"""Korean particles (조사) that fit a word's last sound. Standard library only."""

PAIRS = (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"))
FOR_ALL = ("의", "에", "도", "만", "에서", "처럼")
DIGIT_SOUNDS = str.maketrans("0123456789", "영일이삼사오육칠팔구")
LATIN_FINALS = frozenset("lmnrLMNR")  # letters whose Korean names end in a consonant: 엘, 엠, 엔, 알


def final_consonant(word: str) -> int:
    """The number of the last syllable's final consonant in the Unicode order (0 none, 8 ㄹ)."""
    last = word[-1:].translate(DIGIT_SOUNDS)
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    if last in LATIN_FINALS:
        return 8 if last in "lLrR" else 16
    return 0


def fitting_particles(word: str) -> list[str]:
    """The particles that may follow a word, in the form its last sound asks for: 은/는, 이/가, 을/를, 과/와, 으로/로."""
    final = final_consonant(word)
    chosen = [with_final if final else without for with_final, without in PAIRS]
    return [*chosen, "로" if final in (0, 8) else "으로", *FOR_ALL]
