import { describe, expect, it } from '@jest/globals';
import { nodeName } from './node-name.js';

describe('nodeName', () => {
  it.each([
    ['celery@%h', 'celery@mars.example.com'],
    ['mails-%n@%h', 'mails-mars@mars.example.com'],
    ['mails@%d', 'mails@example.com'],
    ['50%%@%n', '50%@mars'],
    ['mars-2', 'celery@mars-2'],
    ['%x@%h', '%x@mars.example.com'],
  ])('%s is %s', (given, name) => {
    expect(nodeName(given, 'mars.example.com')).toBe(name);
  });

  it('has no domain where the host has none', () => {
    expect(nodeName('%n@%h.%d', 'mars')).toBe('mars@mars.');
  });
});
