"""`make demo`: set up, load data, walk one permit through its steps, then serve everything in one process tree.

Nothing else has to be installed: SQLite, a file outbox for mail, and the safety service as a small program of our own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import connections

HOST = "127.0.0.1"


def main() -> int:
    port = int(os.environ.get("PORT") or 8000)
    serve = os.environ.get("SERVE", "1") not in ("0", "no", "false")
    if serve and not _is_free(port):
        sys.exit(f"Port {port} is taken. Choose another: make demo PORT={port + 1}")
    with safety_service() as address:
        _environment(port, address)
        django.setup()
        _walk()
        return _serve(port) if serve else 0


def _environment(port: int, safety_address: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("MILEPOST_DEMO", "yes")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    os.environ.setdefault("SAFETY_SERVICE_URL", safety_address)
    os.environ.setdefault("LOG_LEVEL", "ERROR")


def _walk() -> None:
    from permits.demo.story import tell

    print("Milepost demo\n\nSetting up the database …", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_demo")
    print("\nOne permit, from the form to the PDF:", flush=True)
    tell(print)
    connections.close_all()


@contextmanager
def safety_service() -> Iterator[str]:
    """The safety service as a program of its own on a free port; ends with us. Answers its address."""
    port = _free_port()
    program = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "permits.safety_service", "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port, program)
        yield f"http://{HOST}:{port}"
    finally:
        program.terminate()
        program.wait(timeout=10)


def _serve(port: int) -> int:
    """The web server with the worker beside it; ends on Ctrl-C."""
    environment = {**os.environ, "EMBEDDED_WORKER": "yes"}
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{HOST}:{port}"]
    command += ["--workers", "1", "--threads", "8", "--worker-class", "gthread", "--log-level", "warning"]
    server = subprocess.Popen(command, env=environment)  # noqa: S603 - gunicorn from our own environment

    def stop(number: int, frame: object) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _wait_for(port, server)
    _addresses(f"http://localhost:{port}")
    return server.wait()


def _addresses(site: str) -> None:
    from permits.demo.people import ADMINISTRATOR, OFFICERS, PASSWORD

    print(f"""
Serving (Ctrl-C stops it):
  citizens     {site}/                  apply, track, verify
  officers     {site}/admin/            the queue
  integrators  {site}/api/docs/         REST, OpenAPI at {site}/api/openapi.json

Log-ins, password {PASSWORD}:
  {ADMINISTRATOR:<6} everything""")
    for login, first, last, groups, teams in OFFICERS:
        print(f"  {login:<6} {first} {last}: {', '.join(groups).lower()}{' of ' + ', '.join(teams) if teams else ''}")
    print(flush=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, program: "subprocess.Popen[bytes]") -> None:
    for _ in range(150):
        if program.poll() is not None:
            sys.exit(f"A part of the demo stopped with code {program.returncode}: {program.args!s}")
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"Nothing answered on port {port} within 15 seconds.")


if __name__ == "__main__":
    sys.exit(main())
