"""`python -m tests.hf_server --port N`: the emulator as its own process; it prints its address."""

import argparse
import asyncio
import signal
import socket
import sys

from tests.hf_server.server import Emulator


async def main(port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    line = socket.create_server(("127.0.0.1", port), backlog=2048)
    stop = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop.set)
    sys.stdout.write(f"http://127.0.0.1:{line.getsockname()[1]}\n")
    sys.stdout.flush()
    await Emulator().serve(line, stop)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    asyncio.run(main(parser.parse_args().port))
