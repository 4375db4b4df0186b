"""A small service as a program: its options, its start line, its end in peace."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from workflow.contrib.service_stub.drills import MOODS, Mood
from workflow.contrib.service_stub.server import Server, Service, stop


def run(service: Service, arguments: Sequence[str] | None, *, module: str, about: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0, or 2 if the port cannot be had."""
    options = _parser(module, about, port).parse_args(arguments)
    mood = Mood(name=options.mood, times=options.mood_times, seconds=options.mood_seconds)
    try:
        server = Server((options.host, options.port), service, mood)
    except OSError as error:
        sentence = f"Cannot listen on {options.host}:{options.port}: {error.strerror}. Choose another --port."
        print(sentence, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this very thread runs, so it needs a thread of its own.
        signal.signal(number, lambda *_: threading.Thread(target=stop, args=(server,)).start())
    host, taken = server.server_address[:2]
    print(f"{service.name} listening on http://{host!s}:{taken}{mood.note}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)
        server.wait_until_idle()
    return 0


def _parser(module: str, about: str, port: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--mood", choices=list(MOODS), default="well", help="for drills: answer wrongly on purpose")
    parser.add_argument("--mood-times", type=int, default=None, help="only the first N answers are in the mood")
    parser.add_argument("--mood-seconds", type=float, default=30.0, help="how long the mood slow waits")
    return parser
