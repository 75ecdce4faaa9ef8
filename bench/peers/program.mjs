/** What all peers that run on Node have in common: what they are told, and how they say what they have measured. */
export const tasks = Number(process.env.BENCH_TASKS);
export const variant = process.env.BENCH_VARIANT ?? '';
export const databaseUrl = process.env.DATABASE_URL ?? '';
export const brokerUrl = process.env.BROKER_URL ?? '';
export const redisUrl = process.env.REDIS_URL ?? '';

/** 200 bytes as JSON, as with all that are compared. */
export const input = { text: 'x'.repeat(189) };

/** Prints the result, and ends the process whatever is open. */
export function report(figures, settings) {
  process.stdout.write(`${JSON.stringify({ figures, settings })}\n`);
  process.exit(0);
}
