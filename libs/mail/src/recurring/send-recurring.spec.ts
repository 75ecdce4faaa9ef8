import { describe, expect, it } from '@jest/globals';
import { recurringIdOf, recurringKey } from './send-recurring.js';

describe('the key of a mail that came of a recurring one', () => {
  const id = '8f14e45f-ceea-567a-9c15-2b1d7f0a3c11';

  it('says which', () => {
    expect(recurringIdOf(recurringKey(id, '0199-task'))).toBe(id);
  });

  it.each(['', 'api:recurring', `api:recurring:${id}:task`, 'Zm9ybSdzIGtleQ', 'recurring:nonsense:task'])(
    'is not “%s”',
    (key) => {
      expect(recurringIdOf(key)).toBeNull();
    },
  );
});
