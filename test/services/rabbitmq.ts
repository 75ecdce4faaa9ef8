import { randomBytes } from 'node:crypto';
import { answers, manages } from './rabbitmq-local-host.js';
import { callManagement } from './rabbitmq-management.js';
import { RabbitMqNode } from './rabbitmq-node.js';

/** Set for the test files by the global set-up. */
const BROKER_VARIABLE = 'CELERIAC_TEST_BROKER';
const MANAGEMENT_VARIABLE = 'CELERIAC_TEST_MANAGEMENT';

/** A virtual host of its own. */
export interface TestVhost {
  brokerUrl: string;
  /** Removes it with all that is in it. */
  drop(): Promise<void>;
}

/**
 * Makes RabbitMQ available: BROKER_URL or localhost:5672 if it answers and lets us make virtual hosts, else a node of
 * our own.
 *
 * @returns how to end it
 */
export async function provideRabbitMq(): Promise<() => Promise<void>> {
  const given = process.env['BROKER_URL'];
  const brokerUrl = given === undefined || given === '' ? 'amqp://guest:guest@localhost:5672/' : given;
  const managementUrl = managementUrlOf(brokerUrl);
  if (await answers(brokerUrl)) {
    if (await manages(managementUrl)) {
      process.env[BROKER_VARIABLE] = brokerUrl;
      process.env[MANAGEMENT_VARIABLE] = managementUrl;
      return () => Promise.resolve();
    }
    console.log('RabbitMQ answers, but not its management API: it cannot give the tests a virtual host of their own.');
  }
  const node = await RabbitMqNode.start();
  process.env[BROKER_VARIABLE] = node.brokerUrl;
  process.env[MANAGEMENT_VARIABLE] = node.managementUrl;
  return () => node.destroy();
}

/** Makes a fresh virtual host. */
export async function createTestVhost(): Promise<TestVhost> {
  const { [BROKER_VARIABLE]: brokerUrl, [MANAGEMENT_VARIABLE]: managementUrl } = process.env;
  if (brokerUrl === undefined || managementUrl === undefined) {
    throw new Error('RabbitMQ is not there: tests that need it belong under test/.');
  }
  const name = `celeriac-test-${process.pid}-${randomBytes(4).toString('hex')}`;
  await callManagement(managementUrl, 'PUT', `vhosts/${name}`);
  const everything = { configure: '.*', write: '.*', read: '.*' };
  await callManagement(managementUrl, 'PUT', `permissions/${name}/${new URL(brokerUrl).username}`, everything);
  const url = new URL(brokerUrl);
  url.pathname = `/${name}`;
  return {
    brokerUrl: url.toString(),
    drop: async () => {
      await callManagement(managementUrl, 'DELETE', `vhosts/${name}`);
    },
  };
}

/** The management API of a broker is, unless somebody moved it, on the same host. */
function managementUrlOf(brokerUrl: string): string {
  const { username, password, hostname } = new URL(brokerUrl);
  return `http://${username}:${password}@${hostname}:15672/`;
}
