import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import { TaskWiringError } from '../task-errors.js';
import { threadHandler, type ThreadTask } from './thread-handler.js';

const greet = defineTask({ name: 'greet', queue: 'a', input: z.object({ name: z.string() }), output: z.string() });

describe('threadHandler', () => {
  it('refuses a file that is not there, with the cure', () => {
    const handler = () => threadHandler(greet, new URL('./nowhere.thread.js', import.meta.url));
    expect(handler).toThrow(TaskWiringError);
    expect(handler).toThrow(/task greet should be in file:.*nowhere\.thread\.js, .*name the compiled one/);
  });

  it('refuses what is no file', () => {
    expect(() => threadHandler(greet, new URL('data:text/javascript,'))).toThrow(TaskWiringError);
  });
});

describe('ThreadTask', () => {
  it('is typed by its contract', () => {
    const right: ThreadTask<typeof greet> = ({ name }, task) => `${name.toUpperCase()} ${task.id}`;
    // @ts-expect-error -- the input has no such field
    const wrongInput: ThreadTask<typeof greet> = ({ age }) => age;
    // @ts-expect-error -- the output is text
    const wrongOutput: ThreadTask<typeof greet> = async ({ name }) => name.length;
    // @ts-expect-error -- what lives in the worker cannot be had in a thread
    const wrongContext: ThreadTask<typeof greet> = (_input, task) => task.settleWith({ write: async () => {} }, 1);
    expect([right, wrongInput, wrongOutput, wrongContext]).toHaveLength(4);
  });
});
