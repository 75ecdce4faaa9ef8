import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkInput } from './check-input.js';
import { defineTask, type InputSchema } from './define-task.js';
import { InvalidTaskInputError } from './invalid-task-input.error.js';
import type { SchemaIssue } from './schema-issue.js';

const Input = z.object({
  to: z.array(z.email('no address')).min(1, 'nobody'),
  subject: z.string('no text').default('Hello'),
  options: z.object({ tries: z.coerce.number('no number') }).optional(),
});
const contract = defineTask({ name: 'a.task', queue: 'a', input: Input });

async function issuesOf(input: InputSchema, value: unknown): Promise<SchemaIssue[]> {
  const error = await checkInput({ ...contract, input }, value).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidTaskInputError);
  return (error as InvalidTaskInputError).issues;
}

describe('checkInput', () => {
  it("returns the schema's output: defaults filled in, values converted, unknown keys gone", async () => {
    const value = { to: ['a@example.com'], options: { tries: '3' }, unknown: 1 };
    await expect(checkInput(contract, value)).resolves.toEqual({
      to: ['a@example.com'],
      subject: 'Hello',
      options: { tries: 3 },
    });
  });

  it.each<[value: unknown, issues: SchemaIssue[]]>([
    [{ to: [] }, [{ path: 'to', message: 'nobody' }]],
    [{ to: ['a@example.com', 'b'] }, [{ path: 'to.1', message: 'no address' }]],
    [{ to: ['a@example.com'], options: { tries: {} } }, [{ path: 'options.tries', message: 'no number' }]],
    [
      { to: ['x', 'a@example.com', 'y'], subject: 1 },
      [
        { path: 'to.0', message: 'no address' },
        { path: 'to.2', message: 'no address' },
        { path: 'subject', message: 'no text' },
      ],
    ],
  ])('names the path of each bad field of %j', async (value, issues) => {
    expect(await issuesOf(Input, value)).toEqual(issues);
  });

  it.each([null, undefined, 'text', []])('has an empty path for %p, which is wrong as a whole', async (value) => {
    expect((await issuesOf(Input, value)).map(({ path }) => path)).toEqual(['']);
  });

  it('reads the paths of other libraries, whose parts are objects, and waits for schemas that do', async () => {
    const foreign: InputSchema = {
      '~standard': {
        version: 1,
        vendor: 'another',
        validate: async () => ({ issues: [{ message: 'bad', path: [{ key: 'to' }, { key: 0 }] }, { message: 'all' }] }),
      },
    };
    expect(await issuesOf(foreign, {})).toEqual([
      { path: 'to.0', message: 'bad' },
      { path: '', message: 'all' },
    ]);
  });

  it('says in its text which task, which field and what is wrong', () => {
    const issues = [
      { path: 'to.0', message: 'no address' },
      { path: '', message: 'no object' },
    ];
    expect(new InvalidTaskInputError('a.task', issues).message).toBe(
      'The input of task a.task was refused: to.0: no address; input: no object',
    );
  });
});
