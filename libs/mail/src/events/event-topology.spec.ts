import { describe, expect, it } from '@jest/globals';
import { routeMessage } from '@celeriac/tasks';
import { InvalidSettingError } from '../invalid-setting.error.js';
import { AUDIT_LOG_QUEUE, MAIL_EVENTS, mailEventTopology, WEBHOOKS_QUEUE } from './event-topology.js';
import type { WebhookOptions } from './mail-events-options.js';

const webhooks = (...patterns: string[]): WebhookOptions => ({ urls: ['https://a'], secret: '', patterns });

describe('mailEventTopology', () => {
  it('is empty while nobody listens', () => {
    expect(mailEventTopology({ auditLog: false, webhooks: null })).toEqual({ exchanges: [], queues: [], bindings: [] });
  });

  it('leads each event to those who want it', () => {
    const topology = mailEventTopology({ auditLog: true, webhooks: webhooks('mail.refused', '*.failed') });
    const queuesOf = (type: string): string[] => routeMessage(topology, MAIL_EVENTS, type);
    expect(queuesOf('mail.sent')).toEqual([AUDIT_LOG_QUEUE]);
    expect(queuesOf('mail.refused')).toEqual([AUDIT_LOG_QUEUE, WEBHOOKS_QUEUE]);
    expect(queuesOf('mail.failed')).toEqual([AUDIT_LOG_QUEUE, WEBHOOKS_QUEUE]);
  });

  it('refuses a pattern that no event fits, and says which there are', () => {
    const make = () => mailEventTopology({ auditLog: false, webhooks: webhooks('mail.#', 'mail.bounced') });
    expect(make).toThrow(InvalidSettingError);
    expect(make).toThrow(
      'WEBHOOK_EVENTS: the pattern "mail.bounced" fits no event of a mail. These are: mail.accepted, ',
    );
  });
});
