# An image of the registry, built from the clone: docker build -t wharf .
# Every stage stands on the same Debian; the Node that runs the server comes with the packages.
ARG BASE=docker.io/library/debian:13-slim

FROM ${BASE} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates npm \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/wharf
# First what says which packages are needed, so that they are fetched anew only when that changes.
COPY package.json package-lock.json ./
COPY packages/image/package.json packages/image/
COPY packages/registry/package.json packages/registry/
COPY packages/cli/package.json packages/cli/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
COPY tools/setup.mjs tools/
RUN node tools/setup.mjs --omit=dev
COPY packages packages
COPY packaging/healthcheck.mjs packaging/
COPY LICENSE ./
# Keeps the compiled modules, so that the server starts in half the time.
RUN node_modules/.bin/node packages/cli/bin/wharf.mjs config check

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends libatomic1 libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 999 --user-group --home-dir /var/lib/wharf --no-create-home wharf \
 && install --directory --owner=wharf --group=wharf --mode=0750 /var/lib/wharf
COPY --from=build /opt/wharf /opt/wharf
RUN ln -s /opt/wharf/node_modules/.bin/node /usr/local/bin/node \
 && ln -s /opt/wharf/packages/cli/bin/wharf.mjs /usr/local/bin/wharf
USER wharf
WORKDIR /var/lib/wharf
ENV WHARF_DATA=/var/lib/wharf WHARF_SERVER_ADDRESS=0.0.0.0
VOLUME /var/lib/wharf
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["node", "/opt/wharf/packaging/healthcheck.mjs"]
ENTRYPOINT ["wharf"]
CMD ["serve"]
