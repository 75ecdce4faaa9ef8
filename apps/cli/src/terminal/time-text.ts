/** @returns a time for people, in the zone of this machine: `2025-11-21 16:03:31` */
export function timeText(time: Date | null): string {
  if (time === null) return '';
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}
