// Additions to pages that work without them: local times, a live mail page, a form hard to send twice.

// --- Times -----------------------------------------------------------------
// The server writes <time datetime="ISO" data-local>… UTC</time>; here it
// becomes the reader's own time with a relative part. Words stay English like
// the rest of the page; only the date order follows the reader.

const locale = navigator.language?.startsWith('en') ? navigator.language : 'en-GB';
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const clockWithSeconds = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const dateAndClock = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

const MINUTE = 60_000;
const UNITS = [
  ['year', 365 * 24 * 60 * MINUTE],
  ['month', 30 * 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
];

function relativeText(date, now, kind) {
  const distance = date.getTime() - now.getTime();
  if (kind === 'due' && distance < MINUTE) return distance < 0 ? 'any moment now' : 'in less than a minute';
  if (Math.abs(distance) < MINUTE) return distance > 0 ? 'in a moment' : 'just now';
  const [unit, length] = UNITS.find(([, size]) => Math.abs(distance) >= size);
  return relative.format(Math.trunc(distance / length), unit);
}

function localText(date, now, kind) {
  if (date.toDateString() !== now.toDateString()) return dateAndClock.format(date);
  return (kind === 'seconds' ? clockWithSeconds : clock).format(date);
}

function refreshTimes(root = document) {
  const now = new Date();
  for (const element of root.querySelectorAll('time[data-local]')) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    element.title ||= element.textContent.trim(); // the UTC text stays at hand
    const kind = element.dataset.local;
    const text = `${localText(date, now, kind)} (${relativeText(date, now, kind)})`;
    if (element.textContent !== text) element.textContent = text;
  }
}

// --- The mail page -----------------------------------------------------------
// Each "mail" event carries the state card, rendered by our own server with the
// template that rendered the page; it replaces the card.

const RETRY_MIN = 2_000;
const RETRY_MAX = 30_000;
const RELOAD_EVERY = 10_000;
// What happened is written down a moment after it has.
const LOG_DELAY = 1_500;

class MailFollower {
  note = document.getElementById('live-note');
  announcement = document.getElementById('mail-announcement');
  source = null;
  reloading = null;
  timer = 0;
  logTimer = 0;
  delay = RETRY_MIN;

  constructor(box) {
    this.box = box;
    // An open stream would keep the page out of the back/forward cache, and a
    // browser has six connections for all the pages of a site.
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', (event) => event.persisted && this.open());
    document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()));
  }

  open() {
    this.close();
    if (this.isSettled()) return;
    this.source = new EventSource(this.box.dataset.events);
    this.source.addEventListener('open', () => {
      this.delay = RETRY_MIN;
      this.say(this.note?.dataset.liveText);
    });
    this.source.addEventListener('mail', (event) => this.show(event.data));
    this.source.addEventListener('error', () => this.lost());
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.reloading?.abort();
    this.reloading = null;
  }

  // The page as it is now.
  async load(signal) {
    const response = await fetch(this.box.dataset.url, { signal });
    if (!response.ok) throw new Error(response.statusText);
    return new DOMParser().parseFromString(await response.text(), 'text/html');
  }

  refreshLog() {
    clearTimeout(this.logTimer);
    const log = document.getElementById('mail-log');
    if (!log) return;
    this.logTimer = setTimeout(async () => {
      const fresh = (await this.load().catch(() => null))?.getElementById('mail-log');
      if (!fresh) return;
      refreshTimes(fresh);
      log.replaceWith(fresh);
    }, LOG_DELAY);
  }

  lost() {
    // A broken connection is opened again by the browser. After an HTTP error
    // (too many open pages, a restart behind a proxy) it gives up; we do not.
    if (this.source?.readyState === EventSource.CLOSED) void this.reload();
    else this.say(this.note?.dataset.lostText, true);
  }

  // Without a stream: the page as it is now, and after a while a stream again.
  async reload() {
    this.close();
    const { signal } = (this.reloading = new AbortController());
    let pause = RELOAD_EVERY;
    try {
      const page = await this.load(signal);
      this.delay = RETRY_MIN;
      this.say(this.note?.dataset.slowText);
      this.show(page.getElementById('mail-state').innerHTML);
    } catch {
      if (signal.aborted) return;
      this.say(this.note?.dataset.lostText, true);
      pause = this.delay;
      this.delay = Math.min(this.delay * 2, RETRY_MAX);
    }
    this.timer = setTimeout(() => this.open(), pause);
  }

  show(html) {
    const before = this.spokenText();
    const template = document.createElement('template');
    template.innerHTML = html;
    refreshTimes(template.content);
    const focused = document.activeElement?.closest('[data-action]')?.dataset.action;
    this.box.replaceChildren(template.content);
    if (focused) this.box.querySelector(`[data-action="${focused}"] button`)?.focus();
    const { title } = this.box.firstElementChild.dataset;
    document.title = document.title.replace(/^.*(?= · )/s, () => title);
    const after = this.spokenText();
    if (this.announcement && after !== before) this.announcement.textContent = after;
    this.refreshLog();
    if (!this.isSettled()) return;
    this.close();
    this.say(null);
  }

  say(text, lost = false) {
    if (!this.note) return;
    this.note.toggleAttribute('data-lost', lost);
    this.note.textContent = text ?? '';
    this.note.hidden = !text;
  }

  isSettled() {
    return this.box.querySelector('[data-settled="true"]') !== null;
  }

  spokenText() {
    return [...this.box.querySelectorAll('[data-announce]')].map((element) => element.textContent.trim()).join('. ');
  }
}

// --- The form ------------------------------------------------------------------

const BUSY_MAX = 15_000;

function guardForm(form) {
  const buttons = [...form.elements].filter(({ type }) => type === 'submit');
  const labels = new Map(buttons.map((button) => [button, button.textContent]));
  let timer = 0;

  const setBusy = (busy, pressed) => {
    clearTimeout(timer);
    for (const button of buttons) {
      button.disabled = busy;
      button.textContent = busy && button === pressed ? button.dataset.busyText : labels.get(button);
    }
    // If the answer never comes, the reader can try again (the form's
    // idempotency key keeps that from making a second mail).
    if (busy) timer = setTimeout(setBusy, BUSY_MAX, false);
  };

  // Later, since the value of a disabled button is not sent.
  form.addEventListener('submit', (event) => event.defaultPrevented || setTimeout(setBusy, 0, true, event.submitter));
  addEventListener('pageshow', () => setBusy(false)); // also when back from the cache
}

// A new form's times are the reader's own.
function useOwnZone(field) {
  if (field.value === field.defaultValue) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// The buttons of a mail's page, which are replaced with each change.
function guardActions(box) {
  box.addEventListener('submit', (event) => {
    const { submitter } = event;
    setTimeout(() => (submitter.disabled = true));
    setTimeout(() => (submitter.disabled = false), BUSY_MAX);
  });
}

// --- The filter ------------------------------------------------------------------
// Its times are the reader's own, unless the page was asked for with others.

function useOwnTimeZone(form) {
  const { since, until, zone } = form.elements;
  if (since.value || until.value) return;
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  form.querySelector('[data-zone]').textContent = zone.value;
}

// --- Start ---------------------------------------------------------------------

refreshTimes();
setInterval(refreshTimes, 30_000);

const mailState = document.querySelector('#mail-state[data-events]');
if (mailState) {
  // The page that says why a button did nothing is not at the mail's own
  // address, and would ask once more when it is loaded again.
  history.replaceState(null, '', mailState.dataset.url);
  new MailFollower(mailState).open();
  guardActions(mailState);
}

const sendForm = document.querySelector('form[data-send-form]');
if (sendForm) guardForm(sendForm);

const zoneField = document.querySelector('input[data-own-zone]');
if (zoneField) useOwnZone(zoneField);

const filterForm = document.querySelector('form[data-filter-form]');
if (filterForm) useOwnTimeZone(filterForm);

// After a failed send the reader starts at what went wrong.
document.querySelector('[data-autofocus]')?.focus();
