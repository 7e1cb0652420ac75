"""External data: locations, links, offsets, lengths."""
import os

from .models import f32, with_init
from .wire import FLOAT, M64, STRING, T
from .writer import ext_case, ext_model, sparse_file, write


def g08(w):
    g = "g08-location"
    L = lambda loc, **kw: [("location", loc)] + [(k, v) for k, v in kw.items()]
    def r(cid, loc, why, **kw):
        ext_case(w, g, cid, "reject", L(loc), why, **kw)
    r("parent-dir", "../secret.bin", "location ../secret.bin")
    r("inner-parent-dir", "sub/../../secret.bin", "location sub/../../secret.bin, with sub/ there",
      make=lambda d: os.mkdir(os.path.join(d, "m", "sub")))
    def absolute(d):  # the path is known only here
        p = os.path.join(d, "m", "model.onnx")
        with open(p, "wb") as f:
            f.write(ext_model(L(os.path.join(d, "secret.bin"))))
    r("absolute", "/secret.bin", "an absolute location that exists", make=absolute)
    r("drive-letter", "C:\\secret.bin", "a Windows drive path")
    r("nul-byte", "w.bin\0.txt", "a NUL in the location; the part before it exists")
    r("empty-location", "", "an empty location")
    r("location-is-directory", "sub", "location is a folder", make=lambda d: os.mkdir(os.path.join(d, "m", "sub")))
    r("location-is-fifo", "pipe.bin", "location is a FIFO: must not hang", make=lambda d: os.mkfifo(os.path.join(d, "m", "pipe.bin")))
    ext_case(w, g, "location-key-missing", "reject", [("offset", "0"), ("length", "64")], "EXTERNAL with no location key")
    r("data-file-missing", "nowhere.bin", "the data file does not exist")
    ext_case(w, g, "external-string", "reject", L("w.bin"), "STRING data cannot be external", dims=[2], dt=STRING)


def g09(w):
    g = "g09-links"
    L = [("location", "link.bin")]
    ext_case(w, g, "symlink-escape", "reject", L, "the data file is a symlink to a file outside",
             make=lambda d: os.symlink("../secret.bin", os.path.join(d, "m", "link.bin")))
    ext_case(w, g, "bare-file-name", "reject", [("location", "../secret.bin")], "the model is opened by its bare file name from its own folder: containment must not become a no-op",
             cwd="m")
    ext_case(w, g, "memory-address-tag", "reject", [("location", "*/_ORT_MEM_ADDR_/*"), ("offset", "140000000000000"), ("length", "64")],
             "a location that one runtime reads as a raw memory address")
    def hard(d):
        os.link(os.path.join(d, "secret.bin"), os.path.join(d, "m", "link.bin"))
    ext_case(w, g, "hard-link", "accept", L, "a data file with two hard links: accepted with a warning, refused with --strict",
             canary=False, make=hard, mention=["link"],
             cmds=[("check", "accept"), ("inspect", "accept"), ("check-strict", "reject")])
    def hub(d):  # a model cache: snapshot folder of symlinks into a folder of blobs
        os.rename(os.path.join(d, "m"), os.path.join(d, "blobs"))
        os.rename(os.path.join(d, "blobs", "model.onnx"), os.path.join(d, "blobs", "0a1b"))
        os.rename(os.path.join(d, "blobs", "w.bin"), os.path.join(d, "blobs", "2c3d"))
        os.mkdir(os.path.join(d, "m"))
        os.symlink("../blobs/0a1b", os.path.join(d, "m", "model.onnx"))
        os.symlink("../blobs/2c3d", os.path.join(d, "m", "link.bin"))
    ext_case(w, g, "model-cache-layout", "accept", L, "model and data file are symlinks into one folder of blobs, as model caches lay them out: the real model's own folder counts as inside", make=hub)


def g10(w):
    g = "g10-offset-length"
    def r(cid, why, **kv):
        ext_case(w, g, cid, "reject", [("location", "w.bin")] + list(kv.items()), why, canary=False)
    r("offset-past-eof", "offset 4096 of a file of 64 bytes", offset="4096", length="64")
    r("length-past-eof", "offset 32 + length 64 of 64 bytes", offset="32", length="64")
    r("offset-negative", "offset -8", offset="-8", length="64")
    r("offset-plus-length-wraps", "offset 2^64-32, length 64: the sum wraps to 32", offset=str((1 << 64) - 32), length="64")
    r("offset-1e9", "offset in floating-point notation", offset="1e9", length="64")
    r("length-max-u64", "length 2^64-1", length=str(M64))


def g11(w):
    g = "g11-external-mismatch"
    L = ("location", "w.bin")
    ext_case(w, g, "length-under-dims", "reject", [L, ("offset", "0"), ("length", "60")], "length 60 for FLOAT[16]", canary=False)
    ext_case(w, g, "file-under-dims", "reject", [L], "no length key; the file holds 64 bytes, FLOAT[17] needs 68", dims=[17], canary=False)
    ext_case(w, g, "duplicate-location", "reject", [L, ("location", "../secret.bin")], "two location keys: the second leaves the folder")
    def both(d):
        t = T("bad_w", [16], FLOAT, raw=f32(*range(16)), ext=[L])
        write(os.path.join(d, "m", "model.onnx"), with_init(t))
    ext_case(w, g, "external-and-raw", "reject", [L], "EXTERNAL and raw_data both", make=both, canary=False)
    def big(d):
        sparse_file(os.path.join(d, "m", "w.bin"), 64 << 20)
    ext_case(w, g, "data-file-shrinks", "no-crash", [L], "the data file is cut to nothing and restored over and over while the tool reads it: no SIGBUS",
             dims=[16 << 20], canary=False, make=big, shrink="m/w.bin", cmds=[("check", "no-crash"), ("simplify", "no-crash")])
