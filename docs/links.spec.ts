import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');

interface Link {
  text: string;
  path: string;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

const PAGES = ['.', 'docs', ...readdirSync(join(ROOT, 'examples')).map((name) => `examples/${name}`)].flatMap(pagesIn);

/** The links to files of the repository. */
function linksOf(page: string): Link[] {
  return [...read(page).matchAll(/\[([^\]]+)\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, text = '', target = '']) => ({ text: text.replaceAll(/\s+/g, ' '), target }))
    .filter(({ target }) => !target.includes(':'))
    .map(({ text, target }) => ({ text, path: join(dirname(page), target) }));
}

/** A link to TypeScript is named after a test in it, or after the file itself. */
function isTrue({ text, path }: Link): boolean {
  if (!existsSync(join(ROOT, path))) return false;
  if (!path.endsWith('.ts') || path.endsWith(`/${text}`)) return true;
  return [`'${text}'`, `"${text}"`, `\`${text}\``].some((name) => read(path).includes(name)) || isMadeUp(text, path);
}

/** Whether a test's name that has values filled in, such as "by a ${type} exchange", can come out like this. */
function isMadeUp(text: string, path: string): boolean {
  const names = [...read(path).matchAll(/\bit\w*\(\s*`([^`]*\$\{[^`]*)`/g)].map(([, name = '']) => name);
  return names.some((name) => {
    const parts = name.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    return new RegExp(`^${parts.join('.+')}$`).test(text);
  });
}

describe('the pages for users', () => {
  it.each(PAGES)('%s has no link to a file or a test that is not there', (page) => {
    expect(linksOf(page).filter((link) => !isTrue(link))).toEqual([]);
  });

  it('name tests', () => {
    expect(linksOf('docs/celery-users.md').filter(({ path }) => path.endsWith('.spec.ts')).length).toBeGreaterThan(100);
  });
});
