import { describe, expect, it } from '@jest/globals';
import { decodeResultMessage } from './decode-result-message.js';
import type { TaskMessage } from './task-message.js';

const message = (body: string, contentType: string | undefined = 'application/json'): TaskMessage => ({
  properties: { contentType, correlationId: 'task-1' },
  headers: {},
  body: Buffer.from(body),
});

describe('decodeResultMessage', () => {
  it('reads what a Python worker sends', () => {
    const body = `{"task_id": "task-1", "status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": ["boom", 42],
      "exc_module": "builtins"}, "traceback": "Traceback", "children": [], "date_done": "2026-01-02T03:04:05+00:00"}`;
    expect(decodeResultMessage(message(body))).toEqual({
      taskId: 'task-1',
      status: 'FAILURE',
      result: { exc_type: 'ValueError', exc_message: ['boom', 42], exc_module: 'builtins' },
      traceback: 'Traceback',
    });
  });

  it('needs no more than the id and the status', () => {
    expect(decodeResultMessage(message('{"task_id": "a", "status": "SUCCESS"}'))).toEqual({
      taskId: 'a',
      status: 'SUCCESS',
      result: null,
      traceback: null,
    });
  });

  it('takes the numbers that JSON does not have for null, and leaves text alone', () => {
    const body = String.raw`{"task_id": "a", "status": "SUCCESS", "result": [NaN, -Infinity, "NaN", "\" NaN", {"Infinity": 1}]}`;
    expect(decodeResultMessage(message(body)).result).toEqual([null, null, 'NaN', '" NaN', { Infinity: 1 }]);
  });

  it.each([
    ['content_type', message('{}', 'application/x-python-serialize')],
    ['body_json', message('{')],
    ['body_depth', message('['.repeat(101) + ']'.repeat(101))],
    ['body_shape', message('null')],
    ['body_shape', message('{"status": "SUCCESS"}')],
    ['body_shape', message('{"task_id": "a"}')],
    ['body_shape', message('{"task_id": 1, "status": "SUCCESS"}')],
  ])('refuses what is no result: %s', (reason, wrong) => {
    expect(() => decodeResultMessage(wrong)).toThrow(expect.objectContaining({ reason, taskId: 'task-1' }));
  });
});
