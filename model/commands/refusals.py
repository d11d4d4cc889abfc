"""What went wrong, in one sentence for people."""

import errno

from model.commands.options import FILE_MOST, TextTooLarge
from model.predecessor import PredecessorRefused
from model.unpickling import PickleRefused

FULL = "디스크에 자리가 없어 저장하지 못했어요. 자리를 비우고 같은 명령을 다시 내려 주세요."
BY_ERRNO = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: "파일이 정해진 크기를 넘어 저장하지 못했어요. 크기 제한을 풀고 같은 명령을 다시 내려 주세요.",
    errno.EACCES: "읽거나 쓸 권한이 없어요. 파일의 권한을 확인해 주세요.",
    errno.EROFS: "쓸 수 없는 곳이에요. 다른 폴더를 골라 주세요.",
    errno.ENAMETOOLONG: "이름이 너무 길어요. 짧은 이름을 골라 주세요.",
}
BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (FileNotFoundError, "그런 파일이나 폴더가 없어요. 이름을 확인해 주세요."),
    (FileExistsError, "같은 이름이 이미 있어요. 다른 이름을 골라 주세요."),
    (IsADirectoryError, "파일이 아니라 폴더예요. 글이 든 파일을 골라 주세요."),
    (NotADirectoryError, "폴더가 아니라 파일이에요. 폴더를 골라 주세요."),
    (OSError, "파일을 다룰 수 없어요."),
    (TextTooLarge, f"파일이 너무 커요. 한 파일은 {FILE_MOST >> 20} MB까지 읽으니 나누거나 줄여 주세요."),
    (
        PickleRefused,
        "손상되었거나 믿을 수 없는 파일이라 읽지 않았고, 안에 든 것을 아무것도 실행하지 않았어요.",
    ),
    (
        PredecessorRefused,
        "이 파일들로는 작가를 만들 수 없어요. 함께 저장된 gru와 vocab 파일인지 확인해 주세요.",
    ),
    (MemoryError, "메모리가 모자라요. 더 작은 글이나 작가로 해 주세요."),
    (Exception, "이대로는 할 수 없어요. 넣은 값을 확인해 주세요."),
)


def sentence(error: Exception) -> str:
    """One line: what was wrong, in Korean, and in brackets what the program said of it."""
    detail = " ".join(str(error).split())
    korean = _korean(error)
    return detail if korean in detail else f"{korean} ({detail})"


def _korean(error: Exception) -> str:
    message = getattr(error, "message", None)
    if isinstance(message, str):  # refusals that people meet on the site too bring their sentence
        params: dict[str, str] = getattr(error, "params", {})
        return message % params
    if isinstance(error, OSError) and error.errno in BY_ERRNO:
        return BY_ERRNO[error.errno]
    return next(korean for kind, korean in BY_KIND if isinstance(error, kind))
