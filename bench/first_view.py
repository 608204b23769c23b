"""The first view of a gallery of 48 pictures: bytes, requests, and when a phone on 4G shows its largest picture."""

import subprocess
import sys
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench import studio
from bench.report import Line, tell
from tests import chromium

EMAIL, PASSWORD = "bench@example.org", "a fine pass phrase"
PICTURES = 48
TIMES = 5
SLOWER = 4
NETWORK = {"offline": False, "latency": 170, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8}
"""WebPageTest's 4G: 170 ms there and back, 9 Mbit/s."""
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
WATCH = """
window.seen = {lcp: 0, shift: 0};
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.seen.lcp = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.seen.shift += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""


@dataclass(frozen=True)
class View:
    """One view with an empty cache: seconds to the largest paint, layout shift, requests, and bytes over the wire."""

    lcp: float
    shift: float
    requests: int
    hosts: int
    kilobytes: float
    pictures: float


def main() -> None:
    if not chromium.PROGRAM.exists():
        print("Chromium is not installed (Debian: chromium-headless-shell): no first view", file=sys.stderr)
        return
    with studio.running() as (_, address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PROGRAM, args=chromium.FLAGS)
        cookies = somebody_with_pictures(browser, address)
        seen = [view(browser, address, cookies) for _ in range(TIMES + 1)][1:]
    tell(*lines(seen))


def somebody_with_pictures(browser: Browser, address: str) -> Any:
    """The cookies of a newcomer whose gallery was filled."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/accounts/signup/")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password1]", PASSWORD)
    page.locator("main form button").first.click()
    page.locator("#composer").wait_for()
    cookies = context.cookies()
    context.close()
    fill = f"from tests.e2e import seeding; seeding.run({EMAIL!r}, {PICTURES}, plain=True)"
    subprocess.run([sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", fill], cwd=studio.ROOT, check=True)
    return cookies


def view(browser: Browser, address: str, cookies: Any) -> View:
    """Open the gallery as a phone does that was never there."""
    context = browser.new_context(base_url=address, **PHONE)
    context.add_cookies(cookies)
    try:
        return _viewed(context)
    finally:
        context.close()


def _viewed(context: BrowserContext) -> View:
    page = context.new_page()
    page.add_init_script(WATCH)
    devtools = context.new_cdp_session(page)
    sent: dict[str, tuple[str, str]] = {}
    weights: dict[str, float] = {}
    devtools.on("Network.responseReceived", lambda e: sent.update({e["requestId"]: (e["response"]["url"], e["type"])}))
    devtools.on("Network.loadingFinished", lambda e: weights.update({e["requestId"]: e["encodedDataLength"] / 1000}))
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto("/gallery/", wait_until="load")
    page.wait_for_timeout(1500)
    seen = page.evaluate("window.seen")
    fetched = {one: what for one, what in sent.items() if not what[0].startswith(("data:", "blob:"))}
    pictures = sum(weights.get(one, 0.0) for one, (url, kind) in fetched.items() if "/thumbnail/" in url)
    return View(
        lcp=seen["lcp"] / 1000,
        shift=seen["shift"],
        requests=len(fetched),
        hosts=len({url.split("/")[2] for url, _ in fetched.values()}),
        kilobytes=sum(weights.get(one, 0.0) for one in fetched) - pictures,
        pictures=pictures,
    )


def lines(seen: list[View]) -> list[Line]:
    first = seen[0]
    profile = f"phone of 390 px, processor {SLOWER} times slower, 9 Mbit/s, 170 ms; empty cache; median of {TIMES}"
    return [
        Line(
            "First view of the gallery, without pictures",
            f"{median(view.kilobytes for view in seen):.0f} kB",
            "under 300 kB",
            f"{first.requests} requests to {first.hosts} host; the pictures in sight {first.pictures:.0f} kB more",
        ),
        Line("... largest paint", f"{median(view.lcp for view in seen):.2f} s", "under 1.5 s", profile),
        Line("... layout shift", f"{max(view.shift for view in seen):.3f}", "under 0.05", f"the worst of {TIMES}"),
    ]


if __name__ == "__main__":
    main()
