# Chirp as an image: web, workers, relay, scheduler and herd are the same image with other commands.
# The databases are images of their own: see docker-compose.yml.

FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt requirements-traces.txt ./
# `docker compose build --build-arg TRACES=1` installs what OTLP_ENDPOINT needs.
ARG TRACES=
# Wheels only: nothing is compiled, so that no compiler is needed. pip refuses files whose hashes
# are not among those of the requirements.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: \
        --require-hashes --requirement requirements.txt \
        ${TRACES:+--requirement requirements-traces.txt}

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VAR_DIR=/app/var
RUN groupadd --system --gid 10001 chirp \
    && useradd --system --uid 10001 --gid chirp --no-create-home --shell /usr/sbin/nologin chirp \
    && install --directory --owner=chirp --group=chirp /app/var \
    && install --directory --owner=chirp --group=chirp --mode=0700 /app/var/secrets /app/var/herd /app/var/media /app/var/run
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
USER 10001:10001
# Not a secret: nothing is signed while files are collected, and nothing of it stays in the image.
RUN SECRET_KEY=unused python manage.py collectstatic --no-input --verbosity 0
EXPOSE 8000
# Two in a row say that it is dead, within ten seconds.
HEALTHCHECK --interval=3s --timeout=2s --start-period=60s --retries=2 \
    CMD ["python", "-m", "runner.alive"]
CMD ["python", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "0.0.0.0:8000", \
    "chirp.wsgi:application"]
