"""A browser without JavaScript, as far as measuring needs one."""

import re
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

PATIENCE = 60.0


class Browser:
    """Keeps cookies and sends the CSRF token of the page that it posts from."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, page: str, path: str, **fields: str) -> str:
        """Post a form that stands on `page`."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1] if token else "", **fields}).encode()
        request = urllib.request.Request(self.address + path, body, {"Referer": self.address + page})
        with self.opener.open(request, timeout=30) as answer:
            return str(answer.read().decode())

    def sign_up(self) -> None:
        """A new account, signed in."""
        password = "a fine pass phrase"
        path = "/accounts/signup/"
        self.post(path, path, email="bench@example.org", password1=password, password2=password)

    def make_one(self, prompt: str = "a red mug on a yellow background") -> None:
        """One picture with the defaults, waited for until the gallery shows it."""
        self.post("/", "/generations/", prompt=prompt)
        until = time.monotonic() + PATIENCE
        while "/thumbnail/" not in self.get("/gallery/"):
            if time.monotonic() > until:
                raise RuntimeError("the picture did not arrive")
            time.sleep(0.2)
