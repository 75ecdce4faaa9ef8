import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findAppFile, type AppFile } from './app-file.js';

describe('findAppFile', () => {
  let folder: string;
  let deep: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'celeriac-app-file-'));
    deep = join(folder, 'a', 'b');
    await mkdir(deep, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "celeriac": { "app": "./named.js" } }');
    await writeFile(join(folder, 'a', 'package.json'), '{ "name": "no app in here" }');
    for (const name of ['named.js', 'variable.js']) await writeFile(join(folder, name), '');
    await writeFile(join(deep, 'option.js'), '');
  });

  afterAll(() => rm(folder, { recursive: true }));

  function find(option?: string, environment: NodeJS.ProcessEnv = {}, from = deep): AppFile {
    return findAppFile({ option, environment, folder: from });
  }

  it('takes the option, then the environment, both from the current folder', () => {
    const environment = { CELERIAC_APP: '../../variable.js' };
    expect(find('option.js', environment)).toEqual({ path: join(deep, 'option.js'), source: '--app' });
    expect(find(undefined, environment)).toEqual({ path: join(folder, 'variable.js'), source: 'CELERIAC_APP' });
  });

  it('takes the nearest package.json that names one, from its own folder', () => {
    const expected = { path: join(folder, 'named.js'), source: join(folder, 'package.json') };
    expect(find()).toEqual(expected);
    expect(find(undefined, { CELERIAC_APP: '' })).toEqual(expected);
  });

  it('says who names a file that is not there', () => {
    expect(() => find('other.js')).toThrow(`There is no file ${join(deep, 'other.js')}, which --app names`);
  });

  it('says how to name one', () => {
    expect(() => find(undefined, {}, '/')).toThrow(/^Which app\? .*--app.*CELERIAC_APP.*package\.json/);
  });

  it('says which package.json cannot be read', async () => {
    const broken = join(folder, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, 'package.json'), '{ not JSON');
    expect(() => find(undefined, {}, broken)).toThrow(`${join(broken, 'package.json')} cannot be read`);
  });
});
