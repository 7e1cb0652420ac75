"""Writes the seeds of the fuzz targets: usage: make_seeds.py FOLDER."""
import pathlib
import sys
import warnings

import onnx
from onnx.backend.test.case.node import collect_testcases
from onnx.serialization import registry

LIMIT = 6000  # bytes: larger seeds make each run slow and add little
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def models():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in collect_testcases(None):
            if case.model is not None:
                yield case.model.SerializeToString()
    for folder in (pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data", ROOT / "testdata", ROOT / "build" / "hostile"):
        for path in sorted(folder.rglob("*.onnx")):
            if path.is_file() and path.stat().st_size <= LIMIT:
                yield path.read_bytes()


def main():
    out = pathlib.Path(sys.argv[1])
    (out / "models").mkdir(parents=True, exist_ok=True)
    (out / "texts").mkdir(parents=True, exist_ok=True)
    seen = {}
    for encoded in models():
        if len(encoded) > LIMIT or encoded in seen:
            continue
        number = seen[encoded] = len(seen)
        (out / "models" / f"{number}").write_bytes(encoded)
        if number % 7:
            continue
        try:
            model = onnx.load_model_from_string(encoded)
            for choice, form in enumerate(("textproto", "json", "onnxtxt")):  # the first byte picks the form
                (out / "texts" / f"{number}-{form}").write_bytes(bytes([choice]) + registry.get(form).serialize_proto(model))
        except Exception:  # a damaged one
            continue


if __name__ == "__main__":
    main()
