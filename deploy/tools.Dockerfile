# The operator's image: `kith`, and the one-shots that make databases, topics and migrations.
FROM python:3.13-slim
WORKDIR /kith
COPY requirements-tools.lock ./
RUN python3 -m pip install -q --root-user-action=ignore --no-cache-dir --require-hashes -r requirements-tools.lock
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/kith KITH_SECRETS=/run/secrets
COPY shared shared
COPY services services
COPY deploy deploy
RUN useradd --system --uid 10001 kith \
 && printf '#!/bin/sh\nexec python3 -m deploy.cli.main "$@"\n' > /usr/local/bin/kith && chmod 755 /usr/local/bin/kith
USER 10001
ENTRYPOINT ["kith"]
