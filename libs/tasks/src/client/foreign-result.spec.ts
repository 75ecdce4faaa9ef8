import { describe, expect, it } from '@jest/globals';
import type { ForeignResult } from '../store/result-store.js';
import { foreignResult, merged } from './foreign-result.js';

const said = (status: string, result: unknown = null, traceback: string | null = null): ForeignResult | null =>
  foreignResult({ taskId: 'a', status, result, traceback });
const base = { taskId: 'a', result: null, error: null, progress: null };

describe('foreignResult', () => {
  it.each<[status: string, result: unknown, means: Partial<ForeignResult>]>([
    ['SUCCESS', { total: 5 }, { state: 'SUCCESS', result: { total: 5 } }],
    ['STARTED', { pid: 1, hostname: 'w@py' }, { state: 'STARTED' }],
    ['PROGRESS', { done: 1 }, { state: 'STARTED', progress: { state: 'PROGRESS', meta: { done: 1 } } }],
  ])('takes %s for what it says', (status, result, means) => {
    expect(said(status, result)).toEqual({ ...base, ...means });
  });

  it.each(['PENDING', 'RECEIVED', 'REJECTED'])('has no use for %s', (status) => {
    expect(said(status)).toBeNull();
  });

  it.each<[what: string, result: unknown, type: string, message: string]>([
    ['one argument', { exc_type: 'ValueError', exc_message: ['boom'] }, 'ValueError', 'boom'],
    ['several', { exc_type: 'ValueError', exc_message: ['boom', 42] }, 'ValueError', "('boom', 42)"],
    ['one that is no text', { exc_type: 'KeyError', exc_message: [null] }, 'KeyError', 'None'],
    ['none', { exc_type: 'KeyError', exc_message: [] }, 'KeyError', ''],
    ['text', { exc_type: 'NotRegistered', exc_message: 'shop.bill' }, 'NotRegistered', 'shop.bill'],
    ['no exception', 'broken', 'Exception', 'broken'],
    ['nothing', null, 'Exception', 'None'],
  ])('has the text that Python shows of an exception with %s', (_what, result, type, message) => {
    for (const status of ['FAILURE', 'RETRY', 'REVOKED']) {
      expect(said(status, result, 'Traceback')).toEqual({
        ...base,
        state: status,
        error: { type, message, stack: 'Traceback' },
      });
    }
  });
});

describe('merged', () => {
  const all = (...results: Array<ForeignResult | null>): ForeignResult | undefined =>
    results.reduce<ForeignResult | undefined>((one, other) => (other === null ? one : merged(one, other)), undefined);

  it('keeps the end, whatever comes after it', () => {
    expect(all(said('STARTED'), said('SUCCESS', 5), said('STARTED'), said('FAILURE', {}))).toEqual(said('SUCCESS', 5));
  });

  it('keeps the last of what is no end, and the last progress beside it', () => {
    const retry = said('RETRY', { exc_type: 'OSError', exc_message: ['away'] });
    expect(all(said('HALFWAY', 1), said('ALMOST', 2), retry)).toEqual({
      ...retry,
      progress: { state: 'ALMOST', meta: 2 },
    });
    expect(all(retry, said('STARTED'))).toEqual(said('STARTED'));
  });
});
