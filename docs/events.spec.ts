import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mailEventSchema, mailEventTypes, signWebhook } from '@celeriac/mail';

const page = readFileSync(join(import.meta.dirname, 'events.md'), 'utf8');
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"type":"mail.sent","reply":"ü"}';

/** The page's first piece of code in the language. */
function code(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
}

function headers(timestampSeconds: number): Record<string, string> {
  const signature = signWebhook({ id: 'an-id', timestampSeconds, body }, secret);
  return {
    'webhook-id': 'an-id',
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': `v1,c29tZXRoaW5nIGVsc2U= ${signature}`,
  };
}

/** How to run the page's code. */
const LANGUAGES = [
  {
    language: 'js',
    program: process.execPath,
    args: (call: string) => ['--input-type=module', '-e', `${code('js')}\nconsole.log(${call})`],
    bytes: '',
  },
  {
    language: 'python',
    program: 'python3',
    args: (call: string) => ['-c', `${code('python')}\nprint(${call})`],
    bytes: '.encode()',
  },
];

describe('the page about events', () => {
  it('has each of them', () => {
    expect([...page.matchAll(/^\| `(mail\.\w+)` \|/gm)].map(([, type]) => type).toSorted()).toEqual(
      mailEventTypes.toSorted(),
    );
  });

  it('shows one as it is', () => {
    const event: unknown = JSON.parse(code('json'));
    expect(mailEventSchema.parse(event)).toEqual(event);
  });

  describe.each(LANGUAGES)('has code in $language that', ({ program, args, bytes }) => {
    const isThere = spawnSync(program, ['--version']).status === 0;
    const now = Math.floor(Date.now() / 1000);

    (isThere ? it : it.skip).each([
      ['takes what is signed', headers(now), body, 'true'],
      ['refuses what was changed', headers(now), body.replace('sent', 'lost'), 'false'],
      ['refuses what is old', headers(now - 3600), body, 'false'],
    ])('%s', (_what, given, text, answer) => {
      const call = `verify(${JSON.stringify(given)}, ${JSON.stringify(text)}${bytes}, ${JSON.stringify(secret)})`;
      const { stdout, stderr } = spawnSync(program, args(call), { encoding: 'utf8' });
      expect(`${stderr}${stdout}`.trim().toLowerCase()).toBe(answer);
    });
  });
});
