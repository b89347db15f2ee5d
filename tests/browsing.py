"""`tmx browse` as people start it, and what it answers."""

import http.client
import json
import re
import signal
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from commands import TMX


@dataclass
class Site:
    """A `tmx browse` that runs."""

    root: Path
    port: int

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path, method="GET", **headers):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}

    def rows(self, path):
        status, body, _ = self.ask(path)
        assert status == 200, body
        return json.loads(body)["rows"]

    def query(self, sql, database="registry"):
        return self.ask(f"/{database}.json?{urlencode({'sql': sql})}")


@contextmanager
def browsing(root, by=signal.SIGTERM):
    """Run `tmx browse` on a registry, and see that it ends well."""
    command = [str(TMX), "browse", "--port", "0", "--db", "tmx.db"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            said = process.stdout.readline()
            yield Site(root, int(re.search(r"http://127\.0\.0\.1:(\d+)/", said)[1]))
        finally:
            process.send_signal(by)
            code = process.wait(10)
    assert code == 0
