import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import fastifyView from '@fastify/view';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import Handlebars from 'handlebars';

const ROOT = join(import.meta.dirname, '../../../..');
const VIEWS_FOLDER = join(ROOT, 'views');
const PUBLIC_FOLDER = join(ROOT, 'public');
const ONE_YEAR_MS = 365 * 24 * 3600 * 1000;

const assetUrls = new Map<string, string>();

const handlebars = Handlebars.create();
handlebars.registerHelper('asset', assetUrl);

const renderState = handlebars.compile(readFileSync(join(VIEWS_FOLDER, 'partials/mail-state.hbs'), 'utf8'));

/** The live part of a mail's page by itself. @param mail - a MailView */
export function renderMailState(mail: object): string {
  return renderState(mail);
}

/** Handlebars pages from `views/`, and the files of `public/` under `/assets/`. */
export async function registerViews(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyView, {
    engine: { handlebars },
    root: VIEWS_FOLDER,
    viewExt: 'hbs',
    layout: 'layouts/main.hbs',
    options: {
      partials: {
        'mail-log': 'partials/mail-log.hbs',
        'mail-state': 'partials/mail-state.hbs',
        pager: 'partials/pager.hbs',
        'recurring-run': 'partials/recurring-run.hbs',
        'repeat-fields': 'partials/repeat-fields.hbs',
      },
    },
  });
  await app.register(fastifyStatic, { root: PUBLIC_FOLDER, prefix: '/assets/', maxAge: ONE_YEAR_MS, immutable: true });
}

/** The address of a public file; a new one when the file has changed, so that it can be cached for ever. */
function assetUrl(file: string): string {
  const known = assetUrls.get(file);
  if (known !== undefined) return known;
  const hash = createHash('sha256')
    .update(readFileSync(join(PUBLIC_FOLDER, file)))
    .digest('base64url');
  const url = `/assets/${file}?v=${hash.slice(0, 10)}`;
  assetUrls.set(file, url);
  return url;
}
