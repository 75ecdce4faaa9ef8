/** An exchange, queue or binding that cannot be declared. Found when a broker is made. */
export class InvalidTopologyError extends Error {
  override readonly name = 'InvalidTopologyError';

  /**
   * @param declaration - what is wrong, such as `Queue "mail"`
   * @param problem - what is wrong with it, and what to do
   */
  constructor(
    readonly declaration: string,
    readonly problem: string,
  ) {
    super(`${declaration} ${problem}.`);
  }
}
