# One image for web, worker, beat and migrate: the compose file gives each its command.
ARG NODE_TAG=24-bookworm-slim

FROM node:${NODE_TAG} AS base
WORKDIR /app

# What decides about the packages, by itself: a change of a source file does not install them anew.
FROM base AS manifests
COPY package.json package-lock.json .npmrc ./
COPY libs libs
COPY apps/cli apps/cli
RUN find libs/* apps/cli -mindepth 1 -maxdepth 1 ! -name package.json ! -name bin -exec rm -r {} +

# Optional: the embedded Postgres servers, 100 MB that only `npm start` needs.
FROM base AS dependencies
COPY --from=manifests /app ./
RUN npm ci --omit=dev --omit=optional \
 && rm package-lock.json .npmrc \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM base AS build
COPY --from=manifests /app ./
RUN npm ci --omit=optional
COPY tsconfig.base.json ./
COPY libs libs
COPY apps apps
RUN npx tsc -b apps/web apps/worker apps/beat apps/migrate apps/cli \
 && mkdir /out \
 && cp -r --parents apps/*/dist apps/cli/bin libs/*/dist /out \
 && find /out -type f ! -name '*.js' -delete

FROM base
ENV NODE_ENV=production
COPY --from=dependencies /app ./
COPY --from=build /out ./
COPY public public
COPY views views
# Where EMAIL_BACKEND=file writes. A new volume takes its owner from here.
RUN mkdir .data && chown node:node .data
USER node
EXPOSE 8000
# Exec form: the signals reach Node, with no shell in between.
CMD ["node", "apps/web/dist/main.js"]
