/** A setting of the mail app makes no sense for what the app has. */
export class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';

  constructor(
    readonly setting: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${setting}: ${problem}`, options);
  }
}
