"""Chromium without a window, spoken to through a pipe: what a page says, asks for, and looks like."""

import base64
import fcntl
import json
import os
import shutil
import signal
import time
from collections import deque
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

PATIENCE_S = 20.0


def find_chromium() -> str | None:
    """Return the program: the one named by CHROMIUM, or the first that the system has."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def _spawned(command: list[str]) -> tuple[int, int, int]:
    """Start a browser, which reads from 3 and writes to 4; return where it is read and written, and its process."""
    (theirs_in, out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    # Far from 3 and 4, so that neither is overwritten before it is copied.
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 64) for end in (theirs_in, theirs_out)]
    nothing = os.open(os.devnull, os.O_RDWR)
    copies = [(high[0], 3), (high[1], 4), (nothing, 1), (nothing, 2)]
    actions = [(os.POSIX_SPAWN_DUP2, here, there) for here, there in copies]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    for end in (theirs_in, theirs_out, nothing, *high):
        os.close(end)
    return ours_in, out, pid


class Chromium:
    """One page of a browser, with all that went wrong on it."""

    def __init__(self, program: str, profile: Path) -> None:
        arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        self._in, self._out, self._pid = _spawned([program, *arguments])
        os.set_blocking(self._in, False)
        self._rest, self._number, self._session = b"", 0, None
        self._events: deque[dict[str, Any]] = deque()
        self.problems: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        os.close(self._out)
        os.kill(self._pid, signal.SIGTERM)
        os.waitpid(self._pid, 0)
        os.close(self._in)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Have the browser do something; return what it says of it."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive(time.monotonic() + PATIENCE_S)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def open(self, url: str) -> None:
        """Go to an address and wait until all of it is there, pictures that are further down included."""
        self.problems.clear()
        self.requests.clear()
        self._events.clear()
        self.call("Page.navigate", url=url)
        self._until(lambda: any(event["method"] == "Page.loadEventFired" for event in self._events))
        self.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager' })")
        self._until(lambda: self.evaluate("[...document.images].every(i => i.complete)"))
        self._until(lambda: self.evaluate("[...document.querySelectorAll('[data-curve]')].every(c => c.firstChild)"))

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression of the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def show(self, width: int, height: int = 800, *, dark: bool = False) -> None:
        """Be a screen of some size, for people who like it dark or bright."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def press(self, key: str) -> None:
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key)
        common = {"key": key, "windowsVirtualKeyCode": codes[key]} | ({"text": text} if text else {})
        self.call("Input.dispatchKeyEvent", type="keyDown", **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in common.items() if k != "text"})

    def picture(self, path: Path) -> None:
        """Save what the whole page looks like."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def _until(self, holds: Any) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, "the page is not there in time"
            try:
                self._note(self._receive(time.monotonic() + 0.05))
            except TimeoutError:
                continue

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            try:
                received = os.read(self._in, 1 << 16)
                assert received, "the browser has ended"
                self._rest += received
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError from None
                time.sleep(0.005)
        message, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _note(self, event: dict[str, Any]) -> None:
        if "method" not in event:
            return
        self._events.append(event)
        params = event["params"]
        match event["method"]:
            case "Runtime.exceptionThrown":
                self.problems.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in {"error", "warning"}:
                self.problems.append(str(params["args"]))
            case "Log.entryAdded" if params["entry"]["level"] in {"error", "warning"}:
                self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Network.loadingFailed" if not params.get("canceled"):
                self.problems.append(params["errorText"])
