"""`make demo`: set up, load data, walk a permit and a report through their steps, then serve all in one process tree.

Nothing else has to be installed: SQLite, a file outbox for mail, and the two services we ask as small programs of ours.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
    with program("permits.safety_service") as safety, program("incidents.work_order_service") as orders:
        _environment(port, SAFETY_SERVICE_URL=safety, WORK_ORDER_URL=orders)
        django.setup()
        _walk()
        return _serve(port) if serve else 0


def _environment(port: int, **services: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("MILEPOST_DEMO", "yes")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    for name, address in services.items():
        os.environ.setdefault(name, address)


def _walk() -> None:
    from incidents.demo import story as report
    from permits.demo import story as permit

    print("Milepost demo\n\nSetting up the database …", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_demo")
    print("\nOne permit, from the form to the PDF:", flush=True)
    permit.tell(print)
    print("\nOne report, from the road to the repair:", flush=True)
    report.tell(print)
    connections.close_all()


@contextmanager
def program(module: str) -> Iterator[str]:
    """A service as a program of its own on a free port; ends with us. Answers its address."""
    port = _free_port()
    running = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port, running)
        yield f"http://{HOST}:{port}"
    finally:
        running.terminate()
        running.wait(timeout=10)


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
    from incidents.demo import people as incidents
    from permits.demo import people as permits
    from workflow.contrib.demo.office import ADMINISTRATOR, PASSWORD

    doors = (
        ("citizens", "", "apply, report, track, verify"),
        ("", "report/", "report a problem on the road"),
        ("", "incidents/", "what others reported: list and map"),
        ("officers", "admin/", "the queues"),
        ("integrators", "api/docs/", f"REST, OpenAPI at {site}/api/openapi.json"),
        ("", "open311/discovery.xml", "Open311 GeoReport v2"),
    )
    print("\nServing (Ctrl-C stops it):")
    for who, path, what in doors:
        print(f"  {who:<12} {site + '/' + path:<45} {what}")
    print(f"\nOpen311 api_key: {incidents.KEY_TEXT}")
    print(f"\nLog-ins, password {PASSWORD}:\n  {ADMINISTRATOR:<8} everything")
    for title, officers in (("Permits", permits.OFFICERS), ("Incidents", incidents.OFFICERS)):
        print(f"  {title}:")
        for login, first, last, groups, teams in officers:
            print(f"    {login:<6} {first} {last}: {', '.join(groups).lower()}{_of(teams)}")
    print(flush=True)


def _of(teams: Sequence[str]) -> str:
    some = ", ".join(teams[:3]) + (f" and {len(teams) - 3} more" if len(teams) > 3 else "")
    return f" of {some}" if some else ""


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
