import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { classifyStoreError, isStoreAway, type StoreErrorKind } from './store-errors.js';

const withCode = (code: string): Error => Object.assign(new Error('said the server'), { code });

describe('classifyStoreError', () => {
  it.each<[code: string, kind: StoreErrorKind]>([
    ['22021', 'data'], // character not in repertoire: a lone surrogate
    ['22P05', 'data'], // untranslatable character: \u0000 in JSON
    ['22003', 'data'],
    ['23505', 'data'],
    ['23502', 'data'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['08000', 'away'],
    ['08006', 'away'],
    ['53300', 'away'], // too many connections
    ['53100', 'away'], // disk full
    ['55P03', 'away'], // lock not available
    ['57014', 'away'], // query cancelled: statement_timeout
    ['57P01', 'away'], // admin shutdown
    ['57P03', 'away'], // cannot connect now: starting up
    ['25006', 'away'], // read-only: a failover
    ['ECONNREFUSED', 'away'],
    ['ECONNRESET', 'away'],
    ['ENOTFOUND', 'away'],
    ['EAI_AGAIN', 'away'], // the name cannot be resolved now: Docker's answer while the server restarts
    ['EPIPE', 'away'],
    ['42P01', 'other'], // undefined table
    ['42601', 'other'], // syntax error
    ['25P02', 'other'], // in failed transaction
    ['40002', 'other'],
    ['28P01', 'other'], // wrong password
    ['ERR_INVALID_ARG_TYPE', 'other'], // a fault in the program
    ['XX000', 'other'],
  ])('%s is %s', (code, kind) => {
    expect(classifyStoreError(withCode(code))).toBe(kind);
    expect(isStoreAway(withCode(code))).toBe(kind === 'away');
  });

  it.each<[message: string, kind: StoreErrorKind]>([
    ['Connection terminated unexpectedly', 'away'],
    ['Connection terminated due to connection timeout', 'away'],
    ['timeout exceeded when trying to connect', 'away'],
    ['Client has encountered a connection error and is not queryable', 'away'],
    ['Driver not Connected', 'away'],
    ['x is not a function', 'other'],
    ['', 'other'],
  ])('an error without code, "%s", is %s', (message, kind) => {
    expect(classifyStoreError(new Error(message))).toBe(kind);
  });

  it.each([new QueryRunnerAlreadyReleasedError(), new QueryRunnerProviderAlreadyReleasedError()])(
    'a transaction whose connection broke is away: %s',
    (error) => expect(classifyStoreError(error)).toBe('away'),
  );

  it('lets the code speak, not the words beside it', () => {
    expect(classifyStoreError(Object.assign(new Error('bad connection timeout'), { code: '42601' }))).toBe('other');
  });

  it("reads the driver's error inside TypeORM's", () => {
    expect(classifyStoreError(new QueryFailedError('SELECT 1', [], withCode('40P01')))).toBe('conflict');
    expect(classifyStoreError({ driverError: withCode('22021') })).toBe('data');
    expect(classifyStoreError(new QueryFailedError('SELECT 1', [], new Error('Connection terminated')))).toBe('away');
  });

  it('knows a real refusal on all addresses of a name', async () => {
    // Port 1 (tcpmux) is listened on by nobody.
    const [error] = (await once(connect(1, 'localhost'), 'error').catch((thrown: unknown) => [thrown])) as unknown[];
    expect(error).toHaveProperty('code', 'ECONNREFUSED');
    expect(isStoreAway(error)).toBe(true);
    expect(isStoreAway(Object.assign(new AggregateError([error]), { code: 'ECONNREFUSED' }))).toBe(true);
  });

  it.each([undefined, null, 'ECONNREFUSED', 42, {}, { code: 40001 }, { driverError: null }])(
    'takes %p for a fault of the program',
    (thrown) => {
      expect(classifyStoreError(thrown)).toBe('other');
    },
  );
});
