"""The files of the MiniLM model: where they are, whether they are there, and how they come there. Nothing is fetched unasked."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from macae.errors import ModelUnavailable

__all__ = ["ARCHIVE", "FILES", "MEGABYTES", "SHA256", "URL", "fetch_model", "model_folder", "model_is_there"]

URL = "https://chroma-onnx-models.s3.amazonaws.com/all-MiniLM-L6-v2/onnx.tar.gz"
SHA256 = "913d7300ceae3b2dbc2c50d1de4baacab4be7b9380491c27fab7418616a16ec3"
ARCHIVE = "onnx.tar.gz"
MEGABYTES = 79
FILES = (
    "config.json",
    "model.onnx",
    "special_tokens_map.json",
    "tokenizer_config.json",
    "tokenizer.json",
    "vocab.txt",
)
"""As Chroma's ONNXMiniLM_L6_V2 has them (a test holds the two together)."""
MIRROR = "MACAE_MINILM_URL"
"""This environment variable names another server that has the same archive."""
_PIECE = 1 << 16
_OFFLINE = "With a network: `macae doctor --fetch`. Without one: `python workshop.py --from FOLDER`, a folder that `pack` has filled."


def model_folder() -> Path:
    """Where Chroma keeps the model."""
    return Path.home() / ".cache" / "chroma" / "onnx_models" / "all-MiniLM-L6-v2"


def model_is_there(folder: Path | None = None) -> bool:
    """Whether every file of the model is in its place."""
    place = (folder or model_folder()) / "onnx"
    return all((place / name).is_file() for name in FILES)


def fetch_model(
    *, folder: Path | None = None, seconds: float = 600.0, told: Callable[[int, int], None] | None = None
) -> Path:
    """Download the model (about 79 MB), check it, and put it in place, within `seconds`. Gives its folder.

    `told` hears the bytes so far and the bytes in all (0: not known). Raises ModelUnavailable: no network, a wrong file, no
    room, too slow; then nothing is in place.
    """
    import httpx

    target = folder or model_folder()
    url = os.environ.get(MIRROR) or URL
    until = time.monotonic() + seconds
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=target) as room:
            archive = Path(room) / ARCHIVE
            _download(url, archive, until, seconds, told)
            _unpack(archive, Path(room) / "onnx")
            _put(Path(room) / "onnx", target / "onnx")
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise ModelUnavailable(f"The MiniLM model could not be downloaded ({why}). {_OFFLINE}") from None
    except OSError as error:
        raise ModelUnavailable(
            f"The MiniLM model could not be written to {target} ({error.strerror or error}). "
            f"{MEGABYTES * 3} MB must be free there. {_OFFLINE}"
        ) from None
    return target / "onnx"


def _download(
    url: str, file: Path, until: float, seconds: float, told: Callable[[int, int], None] | None
) -> None:
    import httpx

    sum_, size = hashlib.sha256(), 0
    with (
        httpx.stream("GET", url, timeout=min(20.0, seconds), follow_redirects=True) as reply,
        file.open("wb") as out,
    ):
        reply.raise_for_status()
        length = reply.headers.get("content-length", "")
        total = int(length) if length.isdigit() else 0
        for piece in reply.iter_raw(_PIECE):
            size += len(piece)
            if time.monotonic() > until or size > MEGABYTES * 3_000_000:
                raise ModelUnavailable(
                    f"The MiniLM model did not arrive within {seconds:g} seconds ({size // 1_000_000} MB did). {_OFFLINE}"
                )
            sum_.update(piece)
            out.write(piece)
            if told:
                told(size, total)
    if sum_.hexdigest() != SHA256:
        raise ModelUnavailable(
            f"What was downloaded is not the MiniLM model: its checksum is another one. Nothing was installed. {_OFFLINE}"
        )


def _unpack(archive: Path, folder: Path) -> None:
    """Write just the files that the model consists of: no other name in the archive counts."""
    folder.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as packed:
            for name in FILES:
                source = packed.extractfile(f"onnx/{name}")
                if source is None:
                    raise KeyError(name)
                with source, (folder / name).open("wb") as out:
                    while piece := source.read(_PIECE):
                        out.write(piece)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise ModelUnavailable(
            f"The archive of the MiniLM model cannot be unpacked ({error}). {_OFFLINE}"
        ) from None


def _put(made: Path, place: Path) -> None:
    """The files go to their place one by one, the largest last: it is either all there or `model_is_there` says no."""
    place.mkdir(exist_ok=True)
    for name in sorted(FILES, key=lambda name: name == "model.onnx"):
        (made / name).replace(place / name)
