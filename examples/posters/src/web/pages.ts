import { HEIGHT, INKS, PLACES, WIDTH } from '../draw/mandelbrot.js';
import { html, type Html } from './html.js';
import type { PosterStatus, PrintStatus } from './poster-desk.js';

const SECONDS_BETWEEN_LOOKS = 1;
const DETAIL_NAMES = { sketch: 'A sketch', fine: 'Fine', finest: 'Finest: as far as 20 seconds go' };
const INK_NAMES = { midnight: 'Midnight and gold', celery: 'Celery', ember: 'Ember' } satisfies Record<
  keyof typeof INKS,
  string
>;
const PLACE_NAMES = Object.fromEntries(Object.entries(PLACES).map(([key, { name }]) => [key, name]));

/** What was written into the form's fields, and what is wrong with it. */
export interface FilledForm {
  values: Record<string, unknown>;
  problems: Record<string, string[] | undefined>;
}

const EMPTY_FORM: FilledForm = { values: { place: 'seahorses', detail: 'fine' }, problems: {} };

export function orderPage({ values, problems } = EMPTY_FORM): string {
  const title = typeof values['title'] === 'string' ? values['title'] : '';
  const select = (name: string, label: string, choices: Record<string, string>): Html =>
    field(
      name,
      label,
      html`<select id="${name}" name="${name}">
        ${Object.entries(choices).map(([key, text]) => option(key, text, values[name] === key))}
      </select>`,
      problems[name],
    );
  return page(
    'Order a poster',
    html`<h1>Order a poster</h1>
      <p>Of the Mandelbrot set, drawn for you point by point.</p>
      <form method="post" action="/posters">
        ${field('title', 'Title', html`<input id="title" name="title" maxlength="60" required value="${title}" />`, problems['title'])}
        ${select('place', 'Place', PLACE_NAMES)} ${select('ink', 'Ink', INK_NAMES)}
        ${select('detail', 'Detail', DETAIL_NAMES)}
        <button>Order it</button>
      </form>
      <p><a href="/wall">See what hangs on the wall</a></p>`,
  );
}

/** @param isAgain - it was ordered before, by the same words */
export function posterPage(id: string, status: PosterStatus, isAgain: boolean): string {
  const isBusy = status.state === 'waiting' || status.state === 'drawing' || isPrinting(status);
  return page(
    status.state === 'drawn' ? status.poster.title : 'Your poster',
    html`${isAgain ? html`<p class="note">You have ordered this one before. It is the same poster.</p>` : null}
      ${statusPart(id, status)}
      <p><a href="/">Order another one</a></p>`,
    isBusy,
  );
}

/** @param posterId - null when nothing hangs there */
export function wallPage(posterId: string | null): string {
  return page(
    'On the wall',
    html`<h1>On the wall</h1>
      ${posterId === null ? html`<p>Nothing hangs here yet.</p>` : html`<figure>${picture(posterId)}</figure>`}
      <p class="note">Every five seconds one of the last twenty, by chance.</p>
      <p><a href="/">Order a poster</a></p>`,
    true,
  );
}

export function problemPage(title: string, text: string): string {
  return page(
    title,
    html`<h1>${title}</h1>
      <p>${text}</p>
      <p><a href="/">Order a poster</a></p>`,
  );
}

function statusPart(id: string, status: PosterStatus): Html {
  switch (status.state) {
    case 'waiting':
      return html`<h1>Your poster waits</h1>
        <p>${status.why}</p>
        <progress></progress>${button(id, 'cancel', 'Cancel')}`;
    case 'drawing': {
      const percent = Math.floor(status.share * 100);
      return html`<h1>Your poster is being drawn</h1>
        <p>${percent} %</p>
        <progress value="${percent}" max="100" aria-label="Drawn"></progress>
        ${button(id, 'cancel', 'Cancel')}`;
    }
    case 'drawn': {
      const { title, cutShort } = status.poster;
      return html`<figure>
          ${picture(id)}
          <figcaption><h1>${title}</h1></figcaption>
        </figure>
        ${cutShort ? html`<p>The time was over before the picture was: the lower part is a sketch.</p>` : null}
        ${printPart(id, status.print)}`;
    }
    case 'failed':
      return html`<h1>Your poster could not be drawn</h1>
        <p>${status.message}</p>`;
    case 'cancelled':
      return html`<h1>Cancelled</h1>
        <p>Nobody draws this poster any more.</p>`;
  }
}

function picture(id: string): Html {
  return html`<img
    src="/posters/${id}/picture.png"
    width="${WIDTH}"
    height="${HEIGHT}"
    alt="A part of the Mandelbrot set"
  />`;
}

function printPart(id: string, print: PrintStatus): Html {
  switch (print.state) {
    case 'none':
      return button(id, 'print', 'Have it printed');
    case 'printing':
      return html`<p>It is being printed. If the paper gets stuck, it is tried again.</p>`;
    case 'printed':
      return html`<p>It is printed, on sheet ${print.sheet}.</p>`;
    case 'failed':
      return html`<p>It could not be printed.</p>`;
  }
}

function isPrinting(status: PosterStatus): boolean {
  return status.state === 'drawn' && status.print.state === 'printing';
}

function button(id: string, action: string, text: string): Html {
  return html`<form method="post" action="/posters/${id}/${action}"><button>${text}</button></form>`;
}

function field(name: string, label: string, control: Html, problems: readonly string[] = []): Html {
  return html`<p>
    <label for="${name}">${label}</label>${control}
    ${problems.map((text) => html`<strong role="alert">${text}</strong>`)}
  </p>`;
}

function option(value: string, text: string, isChosen: boolean): Html {
  return isChosen
    ? html`<option value="${value}" selected>${text}</option>`
    : html`<option value="${value}">${text}</option>`;
}

/** @param isBusy - it loads itself again: works without JavaScript */
function page(title: string, content: Html, isBusy = false): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${isBusy ? html`<meta http-equiv="refresh" content="${SECONDS_BETWEEN_LOOKS}" />` : null}
        <title>${title}</title>
        <link rel="stylesheet" href="/posters.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`.text;
}
