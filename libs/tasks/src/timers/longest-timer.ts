/** Node fires a timer that is longer at once: it counts milliseconds in 32 bits, which is about 24 days. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
