/** There is no entry of this name. */
export class UnknownEntryError extends Error {
  override readonly name = 'UnknownEntryError';

  constructor(readonly entry: string) {
    super(`There is no periodic task "${entry}".`);
  }
}
