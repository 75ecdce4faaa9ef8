import { hostname } from 'node:os';

/** Who sends, as Celery says it in the header `origin`. */
export const ORIGIN = `gen${process.pid}@${hostname()}`;
