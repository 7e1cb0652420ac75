"""The folder of hostile files, written once for each version of their maker."""
import hashlib
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / "build" / "hostile"


def make():
    """The folder, which holds manifest.json and the files."""
    maker = HERE / "make_hostile.py"
    stamp = FOLDER / "maker.sha256"
    sources = [maker, *sorted((HERE / "kinds").glob("*.py"))]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(FOLDER, ignore_errors=True)
        subprocess.run([sys.executable, maker, FOLDER], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(digest)
    return FOLDER
