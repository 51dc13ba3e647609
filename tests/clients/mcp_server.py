"""A server of the official Python SDK for the Model Context Protocol, for tests.

    mcp_server.py stdio            speaks over its standard input and output
    mcp_server.py http             listens on a free port, which it prints
"""

import asyncio
import os
import socket
import sys
import time

import uvicorn
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("desk")
tickets = ["The kettle is broken"]


@mcp.tool()
def list_tickets() -> str:
    """List the open tickets."""
    return "\n".join(tickets)


@mcp.tool()
def add_ticket(text: str) -> str:
    """Open a ticket."""
    tickets.append(text)
    return f"ticket {len(tickets)}"


@mcp.tool()
def refuse(reason: str) -> str:
    """Always fails."""
    raise ValueError(reason)


@mcp.tool()
def variable(name: str) -> str:
    """The value of an environment variable."""
    return os.environ.get(name, "absent")


@mcp.tool()
def long_text(characters: int) -> str:
    """A text of that length."""
    return "x" * characters


@mcp.tool()
async def note(file: str, text: str, seconds: float = 0) -> dict[str, int]:
    """Write a line into a file, and answer after some time."""
    with open(file, "a", encoding="utf-8") as notes:
        notes.write(text + "\n")
    await asyncio.sleep(seconds)
    with open(file, encoding="utf-8") as notes:
        return {"lines": len(notes.readlines())}


@mcp.tool()
def open_late(file: str) -> list[str]:
    """Refuse the first time; then say what the file has."""
    with open(file, "a", encoding="utf-8") as notes:
        notes.write("asked\n")
    with open(file, encoding="utf-8") as notes:
        lines = notes.read().splitlines()
    if len(lines) == 1:
        raise ValueError("not yet")
    return lines


@mcp.tool()
def sleep() -> str:
    """Never answers in time."""
    time.sleep(60)
    return "awake"


@mcp.tool()
def die() -> str:
    """Ends the server."""
    print("the desk is closed", file=sys.stderr, flush=True)
    os._exit(3)


if sys.argv[1] == "stdio":
    # Whoever watches this file sees how often the server was started.
    if len(sys.argv) > 2:
        with open(sys.argv[2], "a", encoding="utf-8") as starts:
            starts.write("started\n")
    mcp.run()
else:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    server = uvicorn.Server(uvicorn.Config(mcp.streamable_http_app(), log_level="error"))
    server.run(sockets=[listener])
