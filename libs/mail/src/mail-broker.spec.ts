import { describe, expect, it } from '@jest/globals';
import { InvalidSettingError } from './invalid-setting.error.js';
import { mailAnnotations } from './mail-broker.js';

describe('mailAnnotations', () => {
  it('keeps the task of a mail, whatever holds for all tasks', () => {
    const annotations = { '*': { retention: 60 }, 'mail.send_email': { maxRetries: 1 } };
    expect(mailAnnotations(annotations)).toEqual({
      '*': { retention: 60 },
      'mail.send_email': { maxRetries: 1, retention: null },
    });
  });

  it('refuses another retention of its own, and says what to set instead', () => {
    const refuse = (): unknown => mailAnnotations({ 'mail.send_email': { retention: 60 } });
    expect(refuse).toThrow(InvalidSettingError);
    expect(refuse).toThrow(/TASK_ANNOTATIONS: mail\.send_email retention: .*MAIL_RETENTION_DAYS/);
  });
});
