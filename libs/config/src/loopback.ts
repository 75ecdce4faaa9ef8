import { isIPv4 } from 'node:net';

/**
 * Whether only this machine reaches what listens there: all of 127.0.0.0/8 is its own.
 *
 * @param host - a name or an address; one of IPv6 also in brackets, as URLs have it
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return ['localhost', '::1', '[::1]'].includes(name) || (isIPv4(name) && name.startsWith('127.'));
}
