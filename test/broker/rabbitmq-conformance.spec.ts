import * as jest from '@jest/globals';
import { RabbitMqBroker } from '@celeriac/tasks';
import { describeBroker } from '@celeriac/tasks/testing';
import { createTestVhost, type TestVhost } from '../services/index.js';

const silent = { log: () => undefined, warn: () => undefined };

let vhost: TestVhost;

jest.beforeAll(async () => {
  vhost = await createTestVhost();
});

jest.afterAll(() => vhost.drop());

describeBroker(
  'RabbitMqBroker',
  async (topology) => new RabbitMqBroker({ urls: [vhost.brokerUrl], topology, log: silent }),
  jest,
);
