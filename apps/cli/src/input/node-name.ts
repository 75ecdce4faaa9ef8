import { InvalidArgumentError } from 'commander';

/** Reads an option that is a worker's node name. */
export function nodeName(text: string): string {
  const name = text.trim();
  if (name === '' || name.startsWith('@') || name.endsWith('@')) {
    throw new InvalidArgumentError('Expected a name, such as mails@%h.');
  }
  return name;
}
