#!/usr/bin/env python3
"""What onnx.checker says of files: a worker process, since bad files can crash it, and a way to ask it.

As a program: reads paths from stdin, a line each, and answers each with a line: "valid", or "invalid: " and the reason.
"""
import os
import resource
import select
import subprocess
import sys

ADDRESS_SPACE = 6 << 30
SECONDS = 20


class Oracle:
    """Asks a worker, which is started again after a crash."""

    def __init__(self):
        self._worker = None

    def stop(self):
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
            self._worker = None

    def verdict(self, path):
        """"valid", "invalid: REASON", or "no answer" after a crash or SECONDS."""
        if self._worker is None:
            self._worker = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, text=True)
        try:
            self._worker.stdin.write(f"{os.path.abspath(path)}\n")
            self._worker.stdin.flush()
            answer = self._worker.stdout.readline() if select.select([self._worker.stdout], [], [], SECONDS)[0] else ""
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.stop()
            return "no answer"
        return answer.rstrip("\n")


def main():
    import onnx

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for line in sys.stdin:
        try:
            onnx.checker.check_model(line.rstrip("\n"), full_check=True)
            print("valid", flush=True)
        except BaseException as error:  # the file decides what is raised
            reason = " ".join(str(error).split())[:300]
            print(f"invalid: {type(error).__name__}: {reason}", flush=True)


if __name__ == "__main__":
    main()
