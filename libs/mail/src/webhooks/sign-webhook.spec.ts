import { describe, expect, it } from '@jest/globals';
import { signWebhook } from './sign-webhook.js';

describe('signWebhook', () => {
  // From the tests of Standard Webhooks' own libraries.
  it('signs as Standard Webhooks does', () => {
    const content = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1614265330,
      body: '{"test": 2432232314}',
    };
    expect(signWebhook(content, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });
});
