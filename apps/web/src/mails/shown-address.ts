import { domainToUnicode } from 'node:url';

/** An address as people write it: its domain in the script that it has, and not as it is sent (punycode). */
export function shownAddress(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToUnicode(address.slice(at)) || address.slice(at));
}
