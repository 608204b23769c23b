// The worker that answers where there is no network. Its own answer may be an hour old, so that no page waits for it.
navigator.serviceWorker?.register("/service-worker.js", { updateViaCache: "all" });
