const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** @returns how far a time is from another one, in its largest unit: `in 5m`, `3d ago`, `now` */
export function distanceText(time: Date, now: Date): string {
  const distanceMs = time.getTime() - now.getTime();
  const lengthMs = Math.abs(distanceMs);
  if (lengthMs < 1000) return 'now';
  const [unit, unitMs] = UNITS.find(([, ms]) => lengthMs >= ms) ?? ['s', 1000];
  const length = `${Math.floor(lengthMs / unitMs)}${unit}`;
  return distanceMs > 0 ? `in ${length}` : `${length} ago`;
}
