import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { routingExamples } from '@celeriac/tasks/testing';
import { routingPictures } from './routing-pictures.js';

const DOCS = join(import.meta.dirname, '..');
const pictures = routingPictures();

function svgOf(name: string): string {
  return pictures.get(`routing-${name}.svg`)?.svg ?? '';
}

describe('the pictures of docs/routing.md', () => {
  it.each([...pictures])('%s is what `npm run draw:routing` makes', (name, { svg }) => {
    expect(readFileSync(join(DOCS, 'images', name), 'utf8')).toBe(svg);
  });

  it('are all that there are', () => {
    const files = readdirSync(join(DOCS, 'images')).filter((name) => name.startsWith('routing-'));
    expect(files.toSorted()).toEqual([...pictures.keys()].toSorted());
  });

  it.each([...pictures])('%s is on the page, and its text says what is to be seen', (name, { title, description }) => {
    expect(readFileSync(join(DOCS, 'routing.md'), 'utf8')).toContain(`![${title}. ${description}](images/${name})`);
  });

  it.each(routingExamples)('$name: they show in each queue what comes to it on a real broker', (example) => {
    const panels = svgOf(example.name).split('<g ').slice(1);
    const shown = panels.map((panel) =>
      [...panel.matchAll(/class="got"\/>\s*<text[^>]*>([^<]+)</g)].map(([, queue]) => queue),
    );
    expect(shown).toEqual(example.messages.map(({ queues }) => queues));
  });

  it.each(routingExamples)('$name: a strong line leads to each of these queues, and to no other', (example) => {
    const { topology, messages } = example;
    const bindings = topology.bindings.length === 0 ? topology.queues.length : topology.bindings.length;
    const strong = svgOf(example.name).match(/class="way" d="M110 /g) ?? [];
    const faint = svgOf(example.name).match(/class="line"/g) ?? [];
    expect(strong.length + faint.length).toBe(bindings * messages.length);
    expect(strong.length).toBeGreaterThanOrEqual(messages.flatMap(({ queues }) => queues).length);
  });
});
