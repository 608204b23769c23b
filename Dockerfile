# The whole studio in one container: web, worker and SQLite, with everything it writes under /data.
# docker build -t training-edge-ai . && docker run -p 8000:8000 -v studio:/data training-edge-ai
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
WORKDIR /app

COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin studio \
    && install -d -o studio -g studio /data

COPY . ./
RUN python -m compileall -q accounts common config events gallery generator manage.py

USER 10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
CMD ["python", "manage.py", "up"]
