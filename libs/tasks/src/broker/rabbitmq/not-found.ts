/** @returns whether an error is AMQP's 404: there is no such queue or exchange */
export function isNotFound(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 404;
}
