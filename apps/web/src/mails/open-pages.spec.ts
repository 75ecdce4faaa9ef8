import { ServiceUnavailableException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { OpenPages } from './open-pages.js';

describe('OpenPages', () => {
  it('has room until there are too many, and again when one is closed', () => {
    const pages = new OpenPages(2, 2);
    pages.enter('192.0.2.1');
    pages.assertRoom('192.0.2.3');
    const leave = pages.enter('192.0.2.2');
    expect(() => pages.assertRoom('192.0.2.3')).toThrow(ServiceUnavailableException);
    leave();
    pages.assertRoom('192.0.2.3');
  });

  it('has room for others when one client has opened too many', () => {
    const pages = new OpenPages(10, 2);
    const leave = pages.enter('192.0.2.1');
    pages.enter('192.0.2.1');
    expect(() => pages.assertRoom('192.0.2.1')).toThrow(/At most 2 open pages of one address/);
    pages.assertRoom('192.0.2.2');
    leave();
    pages.assertRoom('192.0.2.1');
  });
});
